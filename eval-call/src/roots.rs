//! Which files and folders go along with a command: those below [`SCRATCH`](crate::request::SCRATCH) that its arguments or
//! its working folder name. A matter of names alone, so that both sides come to the same.

use std::path::{Component, Path, PathBuf};

use crate::request::{Command, SCRATCH};

/// The paths named, each once, none within another. What is there, and whether, is another question.
pub fn of(command: &Command) -> Vec<PathBuf> {
    let folder = Path::new(&command.folder);
    let named = command.argv.iter().skip(1).flat_map(|argument| {
        // `--log=/tmp/x` names a file, too.
        let value = argument.split_once('=').map(|(_, value)| value);
        [Some(argument.as_str()), value].into_iter().flatten()
    });
    let mut roots: Vec<PathBuf> = std::iter::once(folder.to_owned())
        .chain(named.map(|name| folder.join(name)))
        .filter_map(|path| plain(&path))
        .filter(|path| is_below_scratch(path))
        .collect();
    roots.sort();
    // Sorted, a folder comes right before what is in it.
    roots.dedup_by(|inner, outer| inner.starts_with(&*outer));
    roots
}

/// Without `.` and `..`, as names go; `None` for what is not absolute.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            Component::RootDir | Component::Normal(_) => plain.push(part),
            Component::Prefix(_) => return None,
        }
    }
    plain.is_absolute().then_some(plain)
}

/// Strictly: all of the scratch folder is nobody's argument.
pub fn is_below_scratch(path: &Path) -> bool {
    path.strip_prefix(SCRATCH).is_ok_and(|rest| rest.components().next().is_some())
        && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_below_the_scratch_folder_goes_along_and_nothing_else() {
        const WORK: &str = "/home/learner/work";
        let rows: [(&str, &[&str], &[&str]); 9] = [
            (WORK, &["garden", "-v", ""], &[]),
            (WORK, &["/tmp/log"], &["/tmp/log"]),
            (WORK, &["--log=/tmp/log"], &["/tmp/log"]),
            (WORK, &["/tmp/in", "/tmp/in/deeper", "/tmp/inner"], &["/tmp/in", "/tmp/inner"]),
            (WORK, &["/tmp/in/../log", "/tmp/./log"], &["/tmp/log"]),
            (WORK, &["/tmp", "/tmp/", "/tmp/../etc/passwd", "../../../tmp"], &[]),
            (WORK, &["../../../tmp/log"], &["/tmp/log"]),
            ("/tmp/case", &["log", "../other"], &["/tmp/case", "/tmp/other"]),
            ("/tmp", &["log"], &["/tmp/log"]),
        ];
        for (folder, arguments, expected) in rows {
            let argv =
                std::iter::once(&"./program").chain(arguments).map(|word| (*word).to_owned()).collect();
            let command = Command { argv, environment: Vec::new(), folder: folder.to_owned() };
            assert_eq!(
                of(&command),
                expected.iter().map(PathBuf::from).collect::<Vec<_>>(),
                "{folder} {arguments:?}"
            );
        }
    }
}
