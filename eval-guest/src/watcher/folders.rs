//! Which watch is which folder. Knows numbers and paths, no kernel.

use std::collections::BTreeMap;

use ide_protocol::files::WorkspacePath;

/// The kernel's number of a watch.
pub type Watch = i32;

/// A watched folder; `None` is the workspace itself.
pub type Folder = Option<WorkspacePath>;

#[derive(Debug, Default)]
pub struct Folders {
    by_watch: BTreeMap<Watch, Folder>,
}

impl Folders {
    pub fn len(&self) -> usize {
        self.by_watch.len()
    }

    pub fn insert(&mut self, watch: Watch, folder: Folder) {
        self.by_watch.insert(watch, folder);
    }

    pub fn get(&self, watch: Watch) -> Option<&Folder> {
        self.by_watch.get(&watch)
    }

    pub fn remove(&mut self, watch: Watch) {
        self.by_watch.remove(&watch);
    }

    /// Takes out `folder` and all below it; answers their watches.
    pub fn remove_tree(&mut self, folder: &WorkspacePath) -> Vec<Watch> {
        let gone = self
            .by_watch
            .extract_if(.., |_, known| known.as_ref().is_some_and(|known| below(known, folder).is_some()));
        gone.map(|(watch, _)| watch).collect()
    }

    pub fn remove_all(&mut self) -> Vec<Watch> {
        std::mem::take(&mut self.by_watch).into_keys().collect()
    }

    /// `from` is called `to` now, with all below it. What would lie too deep is dropped: it is not ours to watch.
    pub fn rename(&mut self, from: &WorkspacePath, to: &WorkspacePath) {
        for folder in self.by_watch.values_mut() {
            let Some(rest) = folder.as_ref().and_then(|known| below(known, from)) else { continue };
            if let Ok(renamed) = WorkspacePath::new(format!("{to}{rest}")) {
                *folder = Some(renamed);
            }
        }
    }
}

/// What follows `folder` in `path`, if it is that folder or lies in it.
fn below<'a>(path: &'a WorkspacePath, folder: &WorkspacePath) -> Option<&'a str> {
    let rest = path.as_str().strip_prefix(folder.as_str())?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> WorkspacePath {
        WorkspacePath::new(text).unwrap()
    }

    fn folders() -> Folders {
        let mut folders = Folders::default();
        for (watch, text) in [(2, "a"), (3, "a/b"), (4, "ab"), (5, "c/a")] {
            folders.insert(watch, Some(path(text)));
        }
        folders.insert(1, None);
        folders
    }

    #[test]
    fn a_tree_is_a_folder_and_what_lies_in_it_not_what_begins_alike() {
        let mut folders = folders();
        assert_eq!(folders.remove_tree(&path("a")), [2, 3]);
        assert_eq!(folders.len(), 3);
    }

    #[test]
    fn a_renamed_folder_takes_along_what_lies_in_it() {
        let mut folders = folders();
        folders.rename(&path("a"), &path("x/y"));
        let known: Vec<_> = folders.by_watch.values().flatten().map(WorkspacePath::as_str).collect();
        assert_eq!(known, ["x/y", "x/y/b", "ab", "c/a"]);
    }
}
