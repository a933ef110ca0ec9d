//! Whatever an author writes, what a learner's browser gets is of the closed list: elements, attributes, addresses.

use std::collections::BTreeMap;

use fuzz_inputs::{babble, hostile};
use proptest::prelude::*;

use super::*;

const WORDS: &[&str] = &[
    "<script>",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:alert(1)\">",
    "javascript:",
    "JaVaScRiPt&colon;",
    "data:text/html,",
    "vbscript:",
    "[x](",
    ")",
    "![",
    "](",
    "<svg/onload=alert(1)>",
    "<style>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<![CDATA[",
    "]]>",
    "&lt;script&gt;",
    "&#106;avascript:",
    "&#x3c;script>",
    "\"",
    "'",
    "`",
    "```",
    "```\"><script>\n",
    "\n",
    "\n\n",
    "    ",
    "|",
    "|-|\n",
    "> ",
    "* ",
    "1. ",
    "# ",
    "*",
    "**",
    "~~",
    "_",
    "\\",
    "<https://",
    "http://",
    "//evil.example",
    "{#x onclick=y}",
    "\u{0}",
    "\u{202e}",
    "\t",
    "<math><mtext><table><mglyph><style><!--</style>",
    "<x",
    "/>",
    "=",
    "on",
    "href=",
];
const PAGE: &str = "# Leap\n\n1. a **b** `c<d`\n\n```python\nif a < b: \"x\"\n```\n\n> [docs](https://docs.python.org/ \"t\") ![i](a.png)\n\n\
    | a | b |\n|:-|-:|\n| 1 | 2 |\n\n~~no~~ https://example.org <https://e.org>\n";

/// An element's tag: its name and attributes as a browser reads them from what ammonia writes – attributes in double
/// quotes, nothing unescaped.
fn tags(html: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut found = Vec::new();
    for tag in html.split('<').skip(1) {
        let inside = tag.split_once('>').unwrap_or_else(|| panic!("an open tag in {html}")).0;
        let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
        let mut attributes = BTreeMap::new();
        while let Some((name, value)) = rest.split_once("=\"") {
            let (value, after) = value.split_once('"').unwrap_or_else(|| panic!("an open quote in {html}"));
            attributes.insert(name.trim().to_owned(), value.to_owned());
            rest = after;
        }
        assert!(rest.trim().is_empty(), "{rest:?} in {html}");
        found.push((name.trim_start_matches('/').to_owned(), attributes));
    }
    found
}

fn is_harmless(html: &str) {
    for (name, attributes) in tags(html) {
        assert!(ELEMENTS.contains(&name.as_str()), "<{name}> in {html}");
        for (attribute, value) in attributes {
            let known = ["href", "src", "title", "alt", "start", "data-lang", "align", "rel"];
            assert!(known.contains(&attribute.as_str()), "{attribute} in {html}");
            if matches!(attribute.as_str(), "href" | "src") {
                // What a browser sees: control characters and blanks at the front do not count, case does not.
                let address: String = value.chars().filter(|c| !c.is_control() && *c != ' ').collect();
                let scheme = address.split_once(':').map_or("https", |(scheme, _)| scheme);
                // With any other character before the colon it is no scheme, and the address a relative one.
                let is_one = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                    && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
                let allowed = !is_one || scheme.eq_ignore_ascii_case("https");
                assert!(allowed, "{value} in {html}");
            }
        }
    }
}

proptest! {
    #[test]
    fn nothing_but_what_is_listed_comes_out(bytes in prop_oneof![hostile([PAGE]), babble(WORDS)]) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let html = to_html(&text);
        is_harmless(&html);
        prop_assert!(!html.to_ascii_lowercase().contains("<script"));
        prop_assert!(html.len() <= 64 * (text.len() + 64), "{} bytes became {}", text.len(), html.len());
        prop_assert_eq!(SANITISER.clean(&html).to_string(), html, "clean stays clean");
    }

    #[test]
    fn escaped_text_opens_nothing(bytes in babble(WORDS)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        prop_assert!(!escape(&text).contains(['<', '>', '"']));
    }
}

/// Pages made to be slow to read: nothing here may grow with the square.
#[test]
fn pages_made_to_be_slow_are_not() {
    let kib = |piece: &str| piece.repeat(32 * 1024 / piece.len());
    for page in ["[", "![", "> ", "*a_", "`", "<!--", "|a", "[a](", "* ", "a**b", "&#x", "<a ", "\\"].map(kib)
    {
        let start = std::time::Instant::now();
        is_harmless(&to_html(&page));
        // Unoptimised and on a busy machine.
        assert!(start.elapsed().as_secs() < 20, "{:.8} took {:?}", page, start.elapsed());
    }
}

#[test]
fn what_is_nested_beyond_reading_is_shown_as_written() {
    assert_eq!(
        to_html(&("> ".repeat(MAX_NESTING + 1) + "<b>")),
        format!("<pre>{}&lt;b&gt;</pre>\n", "&gt; ".repeat(MAX_NESTING + 1))
    );
    assert!(to_html("> * one\n>   * two\n").contains("<li>two</li>"));
}
