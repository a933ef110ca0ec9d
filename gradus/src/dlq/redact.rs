//! A job's body as an operator may see it: what it is about, never what it lets its holder do. A job that nobody could
//! finish may still be valid, and terminals have histories.

use serde_json::Value;

/// What stands for what is not shown.
const HIDDEN: &str = "…";

/// Texts of so many characters in a row that a token could be made of are taken for one. Ours have 64.
const TOKEN_CHARS: usize = 20;

/// Characters of a body that is no JSON; more tells nobody anything.
const SHOWN_CHARS: usize = 400;

pub fn redact(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(value) => serde_json::to_string_pretty(&hide(value)).unwrap_or_else(|_| HIDDEN.to_owned()),
        Err(_) => {
            let text = hide_runs(body);
            let cut = text.chars().count() > SHOWN_CHARS;
            let shown: String = text.chars().take(SHOWN_CHARS).collect();
            // What a terminal would obey is spelt out.
            let spelt: String = shown
                .chars()
                .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
                .collect();
            format!("{spelt}{}", if cut { " [cut]" } else { "" })
        }
    }
}

fn hide(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| match is_secret(&name) {
                    true => (name, Value::String(HIDDEN.to_owned())),
                    false => (hide_runs(&name), hide(value)),
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(hide).collect()),
        Value::String(text) => Value::String(hide_runs(&text)),
        other => other,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "secret", "password", "key", "authorization"].iter().any(|word| name.contains(word))
}

/// Leaves ids out of it: their hyphens come often enough.
fn hide_runs(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, shown: &mut String| {
        shown.push_str(if run.chars().count() >= TOKEN_CHARS { HIDDEN } else { run });
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=') {
            run.push(c);
        } else {
            flush(&mut run, &mut shown);
            shown.push(c);
        }
    }
    flush(&mut run, &mut shown);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_ever_shown() {
        let token = "3f9a".repeat(16);
        let uuid = "01939b0e-7f3c-7aaa-8a3c-2f6f6f1b7c11";
        let bodies = [
            format!(r#"{{"job":"{uuid}","token":"{token}"}}"#),
            format!(r#"{{"job":"{uuid}","Token":{{"is":["{token}"]}}}}"#),
            format!(r#"{{"job":"{uuid}","else":["{token}"]}}"#),
            format!(r#"{{"job":"{uuid}","{token}":1}}"#),
            // Cut off on its way.
            format!(r#"{{"job":"{uuid}","token":"{}"#, &token[..40]),
            format!("{uuid} {token}"),
        ];
        for body in bodies {
            let shown = redact(&body);
            assert!(!shown.contains(&token[..TOKEN_CHARS]), "{body} → {shown}");
            assert!(shown.contains(uuid), "{body} → {shown}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_spelt_out() {
        assert_eq!(redact("\u{1b}[2Jhello\n"), "\\u{1b}[2Jhello\\n");
        assert!(redact(&"long ".repeat(1_000)).ends_with("[cut]"));
        assert_eq!(redact("7"), "7");
    }
}
