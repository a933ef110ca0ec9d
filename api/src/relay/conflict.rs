//! Names for the second copy of a file that two changed at once: next to the first, in words people know.

use ide_protocol::files::WorkspacePath;
use ide_protocol::limits::MAX_PATH_PART_BYTES;

/// Conflicts kept of one file; who has as many should look at them first.
const MAX_CONFLICTS: u32 = 99;

/// The first name of the form `solution (conflict 1).py` that is not taken.
pub(super) fn name(path: &WorkspacePath, taken: impl Fn(&WorkspacePath) -> bool) -> Option<WorkspacePath> {
    let name = path.name();
    let folder = path.as_str().strip_suffix(name).unwrap_or_default();
    // A leading dot is part of the name, not of an ending.
    let dot = name.rfind('.').filter(|&dot| dot > 0).unwrap_or(name.len());
    let (stem, ending) = name.split_at(dot);
    (1..=MAX_CONFLICTS).find_map(|number| {
        let mark = format!(" (conflict {number})");
        let room = MAX_PATH_PART_BYTES.checked_sub(mark.len() + ending.len())?;
        let stem = shorten(stem, room);
        let candidate = WorkspacePath::new(format!("{folder}{stem}{mark}{ending}")).ok()?;
        (!taken(&candidate)).then_some(candidate)
    })
}

/// The longest start of `text` of at most `bytes`, in whole characters.
fn shorten(text: &str, bytes: usize) -> &str {
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|&end| end <= bytes).last();
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_stands_next_to_the_file() {
        let long = "ж".repeat(127);
        let rows = [
            ("solution.py", "solution (conflict 1).py"),
            ("src/lib/a.test.js", "src/lib/a.test (conflict 1).js"),
            ("Makefile", "Makefile (conflict 1)"),
            (".env", ".env (conflict 1)"),
            ("src/.env", "src/.env (conflict 1)"),
            (&long, &format!("{} (conflict 1)", "ж".repeat(121))),
        ];
        for (path, copy) in rows {
            let path = WorkspacePath::new(path).unwrap();
            assert_eq!(name(&path, |_| false).unwrap().as_str(), copy);
        }
    }

    #[test]
    fn names_in_use_are_passed_over_until_there_are_too_many() {
        let path = WorkspacePath::new("a.py").unwrap();
        let taken = |used: &WorkspacePath| used.as_str() == "a (conflict 1).py";
        assert_eq!(name(&path, taken).unwrap().as_str(), "a (conflict 2).py");
        assert_eq!(name(&path, |_| true), None);
    }
}

#[cfg(test)]
mod fuzz {
    use fuzz_inputs::hostile_text;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever a file is called, its copy is another file beside it.
        #[test]
        fn the_copy_is_another_file_in_the_same_folder(text in hostile_text(["src/lib/a.test.js", ".env", "ж.py"]), pad in 0usize..300) {
            let Ok(path) = WorkspacePath::new(format!("{text}{}", "x".repeat(pad))) else { return Ok(()) };
            let Some(copy) = name(&path, |_| false) else { return Ok(()) };
            prop_assert_ne!(&copy, &path);
            let folder = |path: &WorkspacePath| path.as_str().rsplit_once('/').map(|(folder, _)| folder.to_owned());
            prop_assert_eq!(folder(&copy), folder(&path));
            prop_assert_ne!(name(&path, |taken| *taken == copy), Some(copy.clone()));
        }
    }
}
