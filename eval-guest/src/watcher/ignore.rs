//! Names that are nobody's work: caches, dependencies, version control.

/// Globs over single path parts; `*` stands for any text within a part.
#[derive(Debug, Default, Clone)]
pub struct Ignore {
    patterns: Vec<String>,
}

impl Ignore {
    pub fn new(patterns: Vec<String>) -> Self {
        Self { patterns }
    }

    pub fn matches_part(&self, part: &str) -> bool {
        self.patterns.iter().any(|pattern| glob(pattern.as_bytes(), part.as_bytes()))
    }
}

/// Linear in both: on a mismatch only the last star takes one byte more.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while position < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(byte) if Some(byte) == text.get(position) => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                (at, position) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_in_a_part() {
        let rows = [
            (".git", ".git", true),
            (".git", ".gitignore", false),
            ("*.pyc", "main.pyc", true),
            ("*.pyc", ".pyc", true),
            ("*.pyc", "main.py", false),
            ("*", "anything", true),
            ("a*b*c", "a--b--c", true),
            ("a*b*c", "a--c--b", false),
            ("*ab", "aab", true),
            ("", "", true),
            ("", "x", false),
            ("**", "", true),
        ];
        for (pattern, part, expected) in rows {
            assert_eq!(
                Ignore::new(vec![pattern.to_owned()]).matches_part(part),
                expected,
                "{pattern} {part}"
            );
        }
    }
}

#[cfg(test)]
mod fuzz {
    use proptest::prelude::*;

    use super::glob;

    /// The same question, asked in the simplest way.
    fn simply(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some((b'*', after)), None) => simply(after, text),
            (Some((b'*', after)), Some((_, rest))) => simply(after, text) || simply(pattern, rest),
            (Some((one, after)), Some((other, rest))) => one == other && simply(after, rest),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn every_pattern_means_the_same_however_it_is_matched(pattern in "[ab*]{0,12}", text in "[ab*]{0,14}") {
            prop_assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), simply(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn no_pattern_takes_long(pattern: Vec<u8>, text: Vec<u8>) {
            glob(&pattern, &text);
            glob(&b"*a".repeat(pattern.len()), &b"a".repeat(200));
        }
    }
}
