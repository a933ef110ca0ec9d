//! JSON that parses, and means nothing good.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::spoil;

/// Levels of nesting: serde_json reads 128.
const DEEP: usize = 200;

#[derive(Debug, Clone)]
enum Deed {
    /// The value at this place becomes another one.
    Replace(Index, Value),
    /// It becomes the value of another place of the same message.
    Copy(Index, Index),
    Remove(Index),
    /// A key that means nothing.
    Add(Index, &'static str),
}

/// How a message is written down.
#[derive(Debug, Clone)]
enum Writing {
    AsIs,
    /// The value at some colon is written twice, under the same key.
    KeyTwice(Index),
    /// Some value is wrapped in a great many lists.
    Deep(Index),
    Spoilt(Vec<spoil::Deed>),
}

/// Texts of JSON: one of `valid` with values replaced, moved, left out, written twice or nested deeply; now and then no
/// JSON any more.
pub fn hostile_json(valid: Vec<Value>) -> impl Strategy<Value = String> {
    (proptest::sample::select(valid), vec(deed(), 0..5), writing()).prop_map(|(mut value, deeds, writing)| {
        deeds.into_iter().for_each(|deed| apply(&mut value, deed));
        written(&value.to_string(), &writing)
    })
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), odd_value()).prop_map(|(at, value)| Deed::Replace(at, value)),
        2 => (at(), at()).prop_map(|(from, to)| Deed::Copy(from, to)),
        1 => at().prop_map(Deed::Remove),
        1 => (at(), proptest::sample::select(&["type", "__proto__", "", "verdict"][..])).prop_map(|(at, key)| Deed::Add(at, key)),
    ]
}

fn writing() -> impl Strategy<Value = Writing> {
    prop_oneof![
        6 => Just(Writing::AsIs),
        1 => any::<Index>().prop_map(Writing::KeyTwice),
        1 => any::<Index>().prop_map(Writing::Deep),
        2 => spoil::deeds().prop_map(Writing::Spoilt),
    ]
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        proptest::sample::select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(1),
            json!(65_536),
            json!(u32::MAX),
            json!(1_u64 << 32),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1e300),
            json!(0.5),
            json!(""),
            json!([]),
            json!({}),
            json!("../x"),
            json!("/etc/passwd"),
            json!("a\u{0}b"),
            json!("\u{1b}]0;x\u{7}"),
            json!("\u{202e}"),
            json!("<script>"),
            json!([[[[]]]]),
            json!({ "type": "hello" }),
            json!({ "type": 1 }),
        ]),
        any::<u64>().prop_map(|number| json!(number)),
        ".{0,20}".prop_map(|text| json!(text)),
        (1usize..3_000).prop_map(|length| json!("é".repeat(length))),
        (1usize..600).prop_map(|length| json!(vec![0; length])),
    ]
}

fn apply(value: &mut Value, deed: Deed) {
    let places = places(value);
    let at = |index: &Index| places.get(index.index(places.len())).cloned().unwrap_or_default();
    match deed {
        Deed::Replace(place, new) => put(value, &at(&place), new),
        Deed::Copy(from, to) => {
            let copy = value.pointer(&at(&from)).cloned().unwrap_or_default();
            put(value, &at(&to), copy);
        }
        Deed::Remove(place) => {
            let place = at(&place);
            let Some((parent, key)) = place.rsplit_once('/') else { return };
            match value.pointer_mut(parent) {
                Some(Value::Object(fields)) => drop(fields.remove(key)),
                Some(Value::Array(items)) => drop(items.pop()),
                _ => {}
            }
        }
        Deed::Add(place, key) => {
            if let Some(Value::Object(fields)) = value.pointer_mut(&at(&place)) {
                fields.insert(key.to_owned(), json!("added"));
            }
        }
    }
}

fn put(value: &mut Value, place: &str, new: Value) {
    if let Some(old) = value.pointer_mut(place) {
        *old = new;
    }
}

/// A pointer to every value, the whole first.
fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, here: &str, found: &mut Vec<String>) {
        found.push(here.to_owned());
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| walk(value, &format!("{here}/{key}"), found));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, value)| walk(value, &format!("{here}/{at}"), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

fn written(text: &str, writing: &Writing) -> String {
    match writing {
        Writing::AsIs => text.to_owned(),
        Writing::Spoilt(deeds) => {
            String::from_utf8_lossy(&spoil::spoilt(text.as_bytes().to_vec(), deeds)).into_owned()
        }
        // A key and what follows it up to the next comma or brace; where that is no whole value, it is no JSON either.
        Writing::KeyTwice(at) => {
            let Some((start, end)) = pair(text, at) else { return text.to_owned() };
            let (before, rest) = text.split_at(start);
            let pair = rest.get(..end - start).unwrap_or_default();
            format!("{before}{pair},{rest}")
        }
        Writing::Deep(at) => {
            let Some((_, end)) = pair(text, at) else { return "[".repeat(DEEP) };
            let (before, after) = text.split_at(end);
            let Some((before, value)) = before.rsplit_once(':') else { return "[".repeat(DEEP) };
            format!("{before}:{}{value}{}{after}", "[".repeat(DEEP), "]".repeat(DEEP))
        }
    }
}

/// Where some `"key":value` begins and ends.
fn pair(text: &str, at: &Index) -> Option<(usize, usize)> {
    let colons: Vec<usize> = text.match_indices("\":").map(|(at, _)| at).collect();
    let colon = *colons.get(at.index(colons.len().max(1)))?;
    let start = text.get(..colon)?.rfind('"')?;
    let end = text.get(colon..)?.find([',', '}']).map(|end| colon + end)?;
    Some((start, end))
}
