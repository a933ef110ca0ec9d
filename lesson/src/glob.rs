//! Patterns of workspace paths: `*` stands for anything within one part, `**` as a whole part for any number of parts.
//!
//! Nothing else is special. Matching takes time in proportion to pattern × path, whatever the pattern.

use ide_protocol::files::WorkspacePath;

use crate::bounds::MAX_PATTERN_BYTES;

/// Why `pattern` can never match, or nothing.
pub(crate) fn problem(pattern: &str) -> Option<String> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Some(format!("the pattern is longer than {MAX_PATTERN_BYTES} bytes: shorten it"));
    }
    if let Some(odd) = pattern.chars().find(|c| matches!(c, '?' | '[' | ']' | '{' | '}' | '!')) {
        return Some(format!(
            "`{odd}` has no meaning in a pattern: use `*` within a part and `**` across parts"
        ));
    }
    if pattern.split('/').any(|part| part.contains("**") && part != "**") {
        return Some("`**` must be a whole part of the path, as in `src/**/*.py`".to_owned());
    }
    // What is left is a path with stars in it.
    WorkspacePath::new(pattern)
        .err()
        .map(|why| format!("{why}: write the pattern like a path in the workspace"))
}

/// Whether `path` is one of those that `pattern` describes.
pub(crate) fn matches(pattern: &str, path: &WorkspacePath) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let parts: Vec<&str> = path.parts().collect();
    wild(&pattern, &parts, |item| *item == "**", |item, part| matches_part(item, part))
}

/// Whether `part` is one of those names that `pattern`, itself without a slash, describes.
pub(crate) fn matches_part(pattern: &str, part: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let part: Vec<char> = part.chars().collect();
    wild(&pattern, &part, |item| *item == '*', |item, c| item == c)
}

/// Matches a sequence against a pattern in which some items stand for any run. `reach[i]` says whether the pattern so
/// far can have consumed exactly the first `i` of `items`.
fn wild<P, T>(
    pattern: &[P],
    items: &[T],
    is_star: impl Fn(&P) -> bool,
    same: impl Fn(&P, &T) -> bool,
) -> bool {
    let mut reach = vec![false; items.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = true;
    }
    for step in pattern {
        reach = if is_star(step) {
            reach
                .iter()
                .scan(false, |any, here| {
                    *any |= *here;
                    Some(*any)
                })
                .collect()
        } else {
            let moved = reach.iter().zip(items).map(|(here, item)| *here && same(step, item));
            std::iter::once(false).chain(moved).collect()
        };
    }
    reach.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_within_and_across_parts() {
        let rows = [
            ("main.py", "main.py", true),
            ("main.py", "src/main.py", false),
            ("*.py", "main.py", true),
            ("*.py", "src/main.py", false),
            ("**/*.py", "main.py", true),
            ("**/*.py", "a/b/main.py", true),
            ("**", "a/b/c", true),
            ("src/**", "src/a/b", true),
            ("src/**", "lib/a", false),
            ("src/**/x", "src/x", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("*", ".hidden", true),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(matches(pattern, &WorkspacePath::new(path).unwrap()), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_meant_is_refused() {
        for good in ["*.py", "src/**/*.c", "**", "notes.md"] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["", "/abs", "../up", "a//b", "a**", "x/**y", "[ab].py", "a?.py", "{a,b}"] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer() {
        let pattern = "*a".repeat(120);
        let path = WorkspacePath::new("a".repeat(254) + "b").unwrap();
        assert!(!matches(&pattern, &path));
        assert!(!matches(&("**/".repeat(14) + "x"), &WorkspacePath::new("y/".repeat(15) + "z").unwrap()));
    }
}
