//! Text that came out of a container, made fit to keep: bounded, printable, and honest about what was cut.

/// `text` without what only a terminal understands: escape sequences are dropped, line ends become `\n`, other
/// control characters – NUL among them, which PostgreSQL cannot store – become U+FFFD.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' => kept.push('\n'),
            '\n' | '\t' => kept.push(c),
            _ if c.is_control() => kept.push(char::REPLACEMENT_CHARACTER),
            _ => kept.push(c),
        }
    }
    kept
}

/// Passes over what follows an ESC: a control sequence (`[` … final byte), a string (`]`, `P`, `X`, `^`, `_` … BEL or
/// ESC), or one character. An unfinished string ends with its line, so that it cannot swallow the rest.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            while rest.next_if(|c| matches!(c, '\u{20}'..='\u{3f}')).is_some() {}
            rest.next_if(|c| matches!(c, '\u{40}'..='\u{7e}'));
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while rest.next_if(|c| !matches!(c, '\u{07}' | '\u{1b}' | '\n')).is_some() {}
            rest.next_if_eq(&'\u{07}');
        }
        Some(c) if !c.is_control() => {
            rest.next();
        }
        _ => {}
    }
}

/// The beginning of `text`, at most `max_bytes` long, with a last line that says how much was left out.
#[must_use]
pub fn clip(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let kept =
        text.get(..text.floor_char_boundary(max_bytes.saturating_sub(NOTICE_BYTES))).unwrap_or_default();
    let notice = format!("\n… {} more bytes were left out", text.len() - kept.len());
    format!("{kept}{}", notice.get(..notice.floor_char_boundary(max_bytes - kept.len())).unwrap_or_default())
}

/// The most that the last line added by [`clip`] takes.
const NOTICE_BYTES: usize = 56;

/// The end of `text`, at most `max_bytes` long, and how many bytes before it were dropped.
#[must_use]
pub fn tail(text: &str, max_bytes: usize) -> (&str, usize) {
    let start = text.ceil_char_boundary(text.len().saturating_sub(max_bytes));
    (text.get(start..).unwrap_or_default(), start)
}

/// `count` with its noun: `1 test`, `2 tests`.
#[must_use]
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_can_be_read_is_kept() {
        let rows = [
            ("plain ü 猫\n\tx", "plain ü 猫\n\tx"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{07}after", "after"),
            ("\u{1b}]8;;javascript:x\u{1b}\\link", "link"),
            ("\u{1b}]never ended\nnext line", "\nnext line"),
            ("nul\0 bell\u{07} c1\u{85}", "nul\u{fffd} bell\u{fffd} c1\u{fffd}"),
            ("\u{1b}", ""),
        ];
        for (raw, kept) in rows {
            assert_eq!(plain(raw), kept, "{raw:?}");
        }
    }

    #[test]
    fn a_cut_says_so() {
        assert_eq!(clip("short", 100), "short");
        let cut = clip(&"é".repeat(500), 100);
        assert!(
            cut.len() <= 100 && cut.starts_with('é') && cut.ends_with("more bytes were left out"),
            "{cut}"
        );
        assert_eq!(tail("0123456789", 4), ("6789", 6));
        assert_eq!(tail("ééé", 3), ("é", 4), "never within a character");
    }

    proptest! {
        #[test]
        fn cuts_keep_to_their_bound(text in ".{0,300}", max in 0usize..200) {
            prop_assert!(clip(&text, max).len() <= max.max(text.len().min(max)));
            let (end, dropped) = tail(&text, max);
            prop_assert!(end.len() <= max && end.len() + dropped == text.len());
            prop_assert!(!plain(&text).chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }
    }
}
