//! Files that travel with a command and back, bounded. Links and special files stay where they are.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::packet::{MAX_PAYLOAD, Packet, PacketError};
use crate::request::{FileHead, SCRATCH};
use crate::roots::is_below_scratch;

/// Files and folders with one command, in one direction: a test makes a few.
pub const MAX_FILES: usize = 500;
/// Bytes of all of them: half of what the scratch folder holds (16 MiB), so that both copies of a test's data fit.
pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error(transparent)]
    Packet(#[from] PacketError),
    #[error("{}", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("more than {MAX_FILES} files, or {} MiB, go with one call", MAX_BYTES / 1024 / 1024)]
    TooMuch,
    #[error("a file at {0} is not taken")]
    NotThere(String),
}

/// What a file looked like, to tell whether it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    size: u64,
    changed_at: (i64, i64),
    inode: u64,
}

/// Every regular file and folder below the roots, folders before what is in them.
pub fn list(roots: &[PathBuf]) -> Result<BTreeMap<PathBuf, Option<Mark>>, FilesError> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = roots.to_vec();
    while let Some(path) = open.pop() {
        // What vanishes meanwhile was not there.
        let Ok(status) = path.symlink_metadata() else { continue };
        if status.is_dir() {
            let Ok(entries) = fs::read_dir(&path) else { continue };
            open.extend(entries.flatten().map(|entry| entry.path()).take(MAX_FILES + 1));
            found.insert(path, None);
        } else if status.is_file() {
            let changed_at = (status.ctime(), status.ctime_nsec());
            found.insert(path, Some(Mark { size: status.size(), changed_at, inode: status.ino() }));
        }
        if found.len() + open.len() > MAX_FILES + roots.len() {
            return Err(FilesError::TooMuch);
        }
    }
    Ok(found)
}

/// Sends those of `files` that `wanted` names.
pub fn send(
    files: &BTreeMap<PathBuf, Option<Mark>>,
    wanted: impl Fn(&Path, Option<Mark>) -> bool,
    to: &mut impl FnMut(Packet) -> Result<(), PacketError>,
) -> Result<(), FilesError> {
    let mut left = MAX_BYTES;
    for (path, mark) in files.iter().filter(|(path, mark)| wanted(path, **mark)) {
        // A path that is not text is nobody's argument.
        let Some(text) = path.to_str() else { continue };
        let Some(mark) = mark else {
            to(Packet::File(FileHead { path: text.to_owned(), folder: true, size: 0 }))?;
            continue;
        };
        left = left.checked_sub(mark.size).ok_or(FilesError::TooMuch)?;
        let at = |source| FilesError::Io { path: path.clone(), source };
        // Never a link, never a pipe that nobody writes to.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let file =
            OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path).map_err(at)?;
        let mut bytes = Vec::new();
        file.take(mark.size).read_to_end(&mut bytes).map_err(at)?;
        to(Packet::File(FileHead { path: text.to_owned(), folder: false, size: bytes.len() as u64 }))?;
        for part in bytes.chunks(MAX_PAYLOAD) {
            to(Packet::FileBytes(part.to_vec()))?;
        }
    }
    Ok(())
}

/// Puts files that arrive in their places. Which places are allowed is the caller's to say.
#[derive(Debug, Default)]
pub struct Arrivals {
    count: usize,
    bytes: u64,
    open: Option<(PathBuf, File, u64)>,
}

impl Arrivals {
    /// # Errors
    /// When it is not allowed, too much, or cannot be written.
    pub fn head(&mut self, head: FileHead, allowed: impl Fn(&Path) -> bool) -> Result<(), FilesError> {
        let path = PathBuf::from(&head.path);
        self.count += 1;
        self.bytes = self.bytes.saturating_add(head.size);
        if self.count > MAX_FILES || self.bytes > MAX_BYTES {
            return Err(FilesError::TooMuch);
        }
        // Two looks, because the second asks the file system: a link may lead out of the scratch folder.
        if !is_below_scratch(&path) || !allowed(&path) || !leads_below_scratch(&path) {
            return Err(FilesError::NotThere(head.path));
        }
        let at = |source| FilesError::Io { path: path.clone(), source };
        if head.folder {
            self.open = None;
            return fs::create_dir_all(&path).map_err(at);
        }
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(at)?;
        }
        // A new file each time: what lies there may be a link, or held open by a program.
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(at(source)),
        }
        let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(at)?;
        self.open = Some((path, file, head.size));
        Ok(())
    }

    /// # Errors
    /// When they belong to no file, or cannot be written.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), FilesError> {
        let Some((path, file, left)) = &mut self.open else {
            return Err(FilesError::NotThere("nowhere".to_owned()));
        };
        *left = left.checked_sub(bytes.len() as u64).ok_or(FilesError::TooMuch)?;
        file.write_all(bytes).map_err(|source| FilesError::Io { path: path.clone(), source })
    }
}

/// The nearest folder above `path` that exists, if it lies below the scratch folder.
pub fn nearest_folder_above(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|above| above.is_dir()).filter(|above| is_below_scratch(above))
}

/// Whether what is made at `path` would come to lie in the scratch folder, links and all.
fn leads_below_scratch(path: &Path) -> bool {
    let above = path.ancestors().skip(1).find_map(|above| above.canonicalize().ok());
    above.is_some_and(|above| above.starts_with(SCRATCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_travels_and_links_stay_behind() {
        let here = tempfile::tempdir_in(SCRATCH).unwrap();
        fs::create_dir(here.path().join("a folder")).unwrap();
        fs::write(here.path().join("a folder/big"), vec![7; MAX_PAYLOAD + 1]).unwrap();
        fs::write(here.path().join("empty"), "").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", here.path().join("link")).unwrap();
        let roots = [here.path().to_owned()];
        let mut packets = Vec::new();
        let listed = list(&roots).unwrap();
        send(&listed, |_, _| true, &mut |packet| {
            packets.push(packet);
            Ok(())
        })
        .unwrap();
        fs::remove_dir_all(here.path()).unwrap();

        let mut arrivals = Arrivals::default();
        for packet in packets {
            match packet {
                Packet::File(head) => arrivals.head(head, |_| true).unwrap(),
                Packet::FileBytes(bytes) => arrivals.bytes(&bytes).unwrap(),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(fs::read(here.path().join("a folder/big")).unwrap(), vec![7; MAX_PAYLOAD + 1]);
        assert_eq!(fs::read(here.path().join("empty")).unwrap(), b"");
        assert!(!here.path().join("link").exists());
    }

    #[test]
    fn what_arrives_stays_where_it_may() {
        let here = tempfile::tempdir_in(SCRATCH).unwrap();
        let inside = here.path().to_owned();
        let allowed = |path: &Path| path.starts_with(&inside);
        let refused = ["/etc/cron.d/x", "/tmp", "/tmp/other/x", "relative", "/home/learner/work/conftest.py"];
        for path in refused {
            let head = FileHead { path: path.to_owned(), folder: false, size: 0 };
            let refusal = Arrivals::default().head(head, allowed);
            assert!(matches!(refusal, Err(FilesError::NotThere(_))), "{path}: {refusal:?}");
        }
        std::os::unix::fs::symlink("/etc", here.path().join("out")).unwrap();
        let head = FileHead { path: format!("{}/out/x", here.path().display()), folder: false, size: 0 };
        assert!(
            matches!(Arrivals::default().head(head, allowed), Err(FilesError::NotThere(_))),
            "through a link"
        );
        let climbing = format!("{}/../x", here.path().display());
        let head = FileHead { path: climbing, folder: false, size: 0 };
        assert!(matches!(Arrivals::default().head(head, allowed), Err(FilesError::NotThere(_))));

        // More bytes than were announced, and bytes of nothing.
        let head = FileHead { path: here.path().join("x").display().to_string(), folder: false, size: 2 };
        let mut arrivals = Arrivals::default();
        assert!(arrivals.bytes(b"x").is_err());
        arrivals.head(head, allowed).unwrap();
        assert!(matches!(arrivals.bytes(b"xyz"), Err(FilesError::TooMuch)));
        let huge =
            FileHead { path: here.path().join("y").display().to_string(), folder: false, size: u64::MAX };
        assert!(matches!(Arrivals::default().head(huge, allowed), Err(FilesError::TooMuch)));
    }
}
