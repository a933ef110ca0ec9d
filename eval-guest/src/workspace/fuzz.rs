//! Whatever a learner's programs lay out in the workspace – links to elsewhere, pipes, locked folders, odd names – and
//! whatever the agent asks about it: nothing outside changes or is read, and nothing waits.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use fuzz_inputs::any_bytes;
use ide_protocol::limits::{MAX_LISTING_ENTRIES, MAX_PATH_DEPTH};
use proptest::collection::vec;
use proptest::prelude::*;
use rustix::fs::{CWD, FileType as Kind, Mode as Bits, mknodat};

use super::*;
use crate::watcher::ignore::Ignore;

const SECRET: &[u8] = b"of somebody else";

/// Places in the workspace, few enough to be hit twice.
const PLACES: &[&str] =
    &["a", "b", "a/c", "a/c/d", "b/c", "l", "l/c", "l/secret", "b/l/secret", "a/.gradus-tmp-0"];

#[derive(Debug, Clone)]
enum Deed {
    /// The learner's.
    Link(&'static str, &'static str),
    HardLink(&'static str),
    Folder(&'static str),
    File(&'static str, Vec<u8>),
    Pipe(&'static str),
    Named(Vec<u8>),
    Lock(&'static str, u32),
    RemoveAll,
    /// The agent's.
    Read(&'static str),
    Write(&'static str),
    MakeFolder(&'static str),
    Rename(&'static str, &'static str),
    Delete(&'static str),
    List,
}

fn deed() -> impl Strategy<Value = Deed> {
    let place = || proptest::sample::select(PLACES);
    let target =
        proptest::sample::select(&["../../outside", "../../outside/passwords", "/", "..", ".", "a", "l"][..]);
    prop_oneof![
        4 => (place(), target).prop_map(|(at, to)| Deed::Link(at, to)),
        1 => place().prop_map(Deed::HardLink),
        2 => place().prop_map(Deed::Folder),
        2 => (place(), any_bytes()).prop_map(|(at, bytes)| Deed::File(at, bytes)),
        1 => place().prop_map(Deed::Pipe),
        1 => vec(1u8.., 1..255).prop_map(Deed::Named),
        1 => (place(), 0u32..0o1000).prop_map(|(at, mode)| Deed::Lock(at, mode)),
        1 => Just(Deed::RemoveAll),
        3 => place().prop_map(Deed::Read),
        4 => place().prop_map(Deed::Write),
        1 => place().prop_map(Deed::MakeFolder),
        2 => (place(), place()).prop_map(|(from, to)| Deed::Rename(from, to)),
        2 => place().prop_map(Deed::Delete),
        1 => Just(Deed::List),
    ]
}

struct Play {
    folder: tempfile::TempDir,
    workspace: Workspace,
}

impl Play {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("outside")).unwrap();
        fs::write(folder.path().join("outside/passwords"), SECRET).unwrap();
        let workspace = Workspace::open(&folder.path().join("home"), "work").unwrap();
        Self { folder, workspace }
    }

    fn at(&self, place: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join("home/work").join(place)
    }

    /// What a learner could do with these rights, which does not leave the workspace by itself.
    fn learner(&self, deed: &Deed) {
        // A parent that leads outside is the learner's own deed there, and not what is tried here.
        let leads_out = |place: &str| {
            let parent = self.at(place).parent().map(Path::to_owned).unwrap_or_default();
            fs::canonicalize(parent)
                .map_or(true, |real| !real.starts_with(self.at("").canonicalize().unwrap_or_default()))
        };
        let _ = match deed {
            Deed::Link(at, to) if !leads_out(at) => symlink(to, self.at(at)),
            Deed::HardLink(at) if !leads_out(at) => {
                fs::hard_link(self.folder.path().join("outside/passwords"), self.at(at))
            }
            Deed::Folder(at) if !leads_out(at) => fs::create_dir_all(self.at(at)),
            Deed::File(at, bytes) if !leads_out(at) && self.at(at).symlink_metadata().is_err() => {
                fs::write(self.at(at), bytes)
            }
            Deed::Pipe(at) if !leads_out(at) => {
                mknodat(CWD, self.at(at), Kind::Fifo, Bits::RWXU, 0).map_err(Into::into)
            }
            Deed::Named(name) => {
                fs::write(self.at(OsStr::from_bytes(name).to_string_lossy().replace('/', "_")), b"x")
            }
            Deed::Lock(at, mode)
                if self.at(at).symlink_metadata().is_ok_and(|kind| kind.is_dir()) && !leads_out(at) =>
            {
                fs::set_permissions(self.at(at), fs::Permissions::from_mode(*mode))
            }
            Deed::RemoveAll => fs::remove_dir_all(self.at("")),
            _ => Ok(()),
        };
    }

    fn agent(&self, deed: &Deed) {
        let path = |place: &str| WorkspacePath::new(place).unwrap();
        match deed {
            Deed::Read(at) => {
                if let Ok(file) = self.workspace.read(&path(at)) {
                    let hard_link = self
                        .at(at)
                        .metadata()
                        .is_ok_and(|kind| std::os::unix::fs::MetadataExt::nlink(&kind) > 1);
                    assert!(hard_link || file.content.as_bytes() != SECRET, "{at} was followed");
                }
            }
            Deed::Write(at) => {
                let saved = self.workspace.write(&path(at), b"saved", false).is_ok();
                let holds = || self.workspace.read(&path(at)).unwrap().content;
                assert!(!saved || holds().as_bytes() == b"saved");
            }
            Deed::MakeFolder(at) => drop(self.workspace.make_folder(&path(at))),
            Deed::Rename(from, to) => drop(self.workspace.rename(&path(from), &path(to))),
            Deed::Delete(at) => {
                let deleted = self.workspace.delete(&path(at)).is_ok();
                assert!(!deleted || !self.workspace.has_file(&path(at)));
            }
            Deed::List => {
                let Ok(listing) = self.workspace.list(&Ignore::default()) else { return };
                assert!(listing.entries.len() <= MAX_LISTING_ENTRIES);
                assert!(listing.entries.iter().all(|entry| entry.path.parts().count() <= MAX_PATH_DEPTH));
                assert!(
                    listing.entries.iter().all(|entry| entry.path.name() != "passwords"),
                    "a link was listed into"
                );
            }
            _ => {}
        }
    }

    /// Everything outside is as it was, and only what was there is there.
    fn outside_is_as_it_was(&self) {
        assert_eq!(fs::read(self.folder.path().join("outside/passwords")).unwrap(), SECRET);
        let names = |folder: &str| -> Vec<_> {
            fs::read_dir(self.folder.path().join(folder))
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect()
        };
        assert_eq!(names("outside"), ["passwords"]);
        assert!(names("home").iter().all(|name| name == "work"));
        assert_eq!(names("").len(), 2);
    }
}

proptest! {
    #[test]
    fn nothing_leads_out_of_the_workspace(deeds in vec(deed(), 1..40)) {
        let play = Play::new();
        for deed in &deeds {
            play.learner(deed);
            play.agent(deed);
        }
        play.outside_is_as_it_was();
    }
}
