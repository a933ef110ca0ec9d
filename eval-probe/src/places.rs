//! Files and folders: what can be written, what tells about the host, what could give rights.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Made and removed again in every folder that lets us.
const TRACE: &str = ".eval-probe";
/// Deeper than any image's tree.
const MAX_DEPTH: usize = 24;
/// Folders looked at in all: several times what the largest image has.
const MAX_FOLDERS: usize = 50_000;
/// set-user-id and set-group-id.
const SUID_BITS: u32 = 0o6000;

/// Covered paths show nothing: an empty file, an empty folder, or none at all.
pub fn state_of(path: &Path) -> &'static str {
    let Ok(found) = fs::symlink_metadata(path) else { return "absent" };
    if found.is_dir() {
        return match fs::read_dir(path).map(Iterator::count) {
            Ok(0) => "covered",
            Ok(_) => "open",
            Err(_) => "refused",
        };
    }
    match fs::File::open(path).and_then(|mut file| file.read(&mut [0; 64])) {
        Ok(0) => "covered",
        Ok(_) => "open",
        Err(_) => "refused",
    }
}

/// What can be read at the top of `folder`, those of processes apart.
pub fn readable(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_process = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(|c: char| c.is_ascii_digit()) || ["self", "thread-self"].contains(&name.as_ref())
    };
    let mut open: Vec<_> =
        entries.filter(|path| !is_process(path)).filter(|path| state_of(path) == "open").collect();
    open.sort();
    open
}

/// What a walk over the whole tree found.
#[derive(Default)]
pub struct Walk {
    /// Folders in which a file could be made.
    pub writable: Vec<PathBuf>,
    /// Files that give the rights of their owner or group.
    pub suid: Vec<PathBuf>,
    pub folders: usize,
}

/// Walks everything but processes and the kernel's own trees, following no links.
pub fn walk() -> Walk {
    let mut walk = Walk::default();
    walk.folder(Path::new("/"), MAX_DEPTH);
    walk
}

impl Walk {
    fn folder(&mut self, folder: &Path, depth: usize) {
        self.folders += 1;
        if depth == 0 || self.folders > MAX_FOLDERS {
            return;
        }
        let trace = folder.join(TRACE);
        if fs::File::create_new(&trace).is_ok() {
            let _ = fs::remove_file(&trace);
            self.writable.push(folder.to_owned());
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            let path = entry.path();
            if found.is_dir() && !is_kernels(&path) {
                self.folder(&path, depth - 1);
            } else if found.is_file()
                && found.permissions().mode() & SUID_BITS != 0
                && found.mode() & 0o111 != 0
            {
                self.suid.push(path);
            }
        }
    }
}

fn is_kernels(path: &Path) -> bool {
    ["/proc", "/sys"].iter().any(|tree| path == Path::new(tree))
}
