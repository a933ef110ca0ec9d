//! The judge's side of a command: stands where the learner's program would, and is it, as far as a test can tell –
//! arguments, environment, folder, standard streams, exit status, and the files in `/tmp` that its arguments name.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::arguments::StandIn;
use crate::calls;
use crate::ending::end_as;
use crate::files::{self, Arrivals, FilesError, Mark};
use crate::packet::{MAX_PAYLOAD, Packet, PacketError};
use crate::ports;
use crate::request::{Command, Ended, Request};
use crate::roots;

/// Exit status when the call itself failed: the program cannot be reached, or broke the connection.
const CALL_FAILED: i32 = 125;
const SIGPIPE: i32 = 13;

/// What test runners tell their own tests about themselves, by how it begins. None of a program's business: names of
/// hidden tests are among it.
const RUNNERS_OWN: [&str; 7] = ["BATS", "GRADUS", "PYTEST", "NODE_TEST", "NODE_CHANNEL", "npm_", "TAP_"];
/// What every program has on its own side.
const EVERYBODYS: [&str; 10] =
    ["HOME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHLVL", "TERM", "USER", "_"];
/// Bytes of all variables that travel.
const MAX_ENVIRONMENT_BYTES: usize = 16 * 1024;

#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("your program cannot be reached from the tests")]
    Unreachable(#[source] io::Error),
    #[error("your program broke the connection to the tests")]
    Packet(#[from] PacketError),
    #[error("the files of your program cannot be passed on")]
    Files(#[from] FilesError),
    #[error("your program ended the connection to the tests")]
    Ended,
    #[error("your program said to the tests what is not its to say")]
    OutOfPlace,
    #[error("your program printed more than {} KiB", .0 / 1024)]
    TooMuchOutput(usize),
    #[error("{0}")]
    Failed(String),
}

/// Runs the program on the other side, and ends as it ended.
pub fn main(wanted: StandIn) -> ! {
    match call(wanted) {
        Ok(ended) => end_as(ended),
        Err(why) => {
            eprintln!("{}", crate::causes(&why));
            std::process::exit(CALL_FAILED)
        }
    }
}

fn call(wanted: StandIn) -> Result<Ended, CallError> {
    let folder = std::env::current_dir().map_err(CallError::Unreachable)?;
    let command = Command {
        argv: addressed(wanted.argv, &folder),
        environment: environment(std::env::vars_os().filter_map(text)),
        folder: folder.to_string_lossy().into_owned(),
    };
    let variables = wanted.port_variables.iter();
    let told = variables.filter_map(|name| std::env::var(name).ok()?.trim().parse().ok());
    let ports: Vec<u16> = wanted.ports.into_iter().chain(told).collect();
    let roots = roots::of(&command);
    let mut to = calls::connect().map_err(CallError::Unreachable)?;
    let from = to.try_clone().map_err(CallError::Unreachable)?;
    Packet::Ask(Request::Run(command)).write(&mut to)?;
    let sent = send_files(&roots, &mut to)?;
    Packet::Start.write(&mut to)?;
    std::thread::spawn(move || feed(to));
    for port in ports {
        std::thread::spawn(move || ports::stand_in(port, wanted.output_bytes));
    }
    Hearing { roots, sent, left: wanted.output_bytes, limit: wanted.output_bytes }.hear(from)
}

/// What the program is to find in its places, and the folders in which it may make something.
fn send_files(roots: &[PathBuf], to: &mut UnixStream) -> Result<BTreeMap<PathBuf, Option<Mark>>, CallError> {
    for above in roots.iter().filter_map(|root| files::nearest_folder_above(root)) {
        let path = above.to_string_lossy().into_owned();
        Packet::File(crate::request::FileHead { path, folder: true, size: 0 }).write(to)?;
    }
    let listed = files::list(roots)?;
    files::send(&listed, |_, _| true, &mut |packet| packet.write(to))?;
    Ok(listed)
}

/// Takes what comes from the other side, as far as it may come.
struct Hearing {
    roots: Vec<PathBuf>,
    sent: BTreeMap<PathBuf, Option<Mark>>,
    /// Bytes of output still taken.
    left: usize,
    limit: usize,
}

impl Hearing {
    fn hear(mut self, mut from: UnixStream) -> Result<Ended, CallError> {
        let mut arrivals = Arrivals::default();
        loop {
            let shown = match Packet::read(&mut from)?.ok_or(CallError::Ended)? {
                Packet::Stdout(bytes) => self.show(&mut io::stdout(), &bytes)?,
                Packet::Stderr(bytes) => self.show(&mut io::stderr(), &bytes)?,
                Packet::File(head) => {
                    arrivals.head(head, |path| self.may_come(path))?;
                    Shown::Yes
                }
                Packet::FileBytes(bytes) => {
                    arrivals.bytes(&bytes)?;
                    Shown::Yes
                }
                Packet::Gone(path) => {
                    self.remove(Path::new(&path))?;
                    Shown::Yes
                }
                Packet::Ended(how) => return Ok(how),
                Packet::Failed(why) => return Err(CallError::Failed(why)),
                _ => return Err(CallError::OutOfPlace),
            };
            if shown == Shown::NobodyListens {
                // Here the program itself would have been told so.
                return Ok(Ended::Signaled { signal: SIGPIPE });
            }
        }
    }

    fn show(&mut self, to: &mut impl Write, bytes: &[u8]) -> Result<Shown, CallError> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(CallError::TooMuchOutput(self.limit))?;
        match to.write_all(bytes).and_then(|()| to.flush()) {
            Err(why) if why.kind() == ErrorKind::BrokenPipe => Ok(Shown::NobodyListens),
            _ => Ok(Shown::Yes),
        }
    }

    /// A file may come back where one was sent, or where there was none.
    fn may_come(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
            && (self.sent.contains_key(path) || path.symlink_metadata().is_err())
    }

    /// Only what was sent can be gone; a folder only with all that was in it.
    fn remove(&self, path: &Path) -> Result<(), CallError> {
        match self.sent.get(path) {
            Some(Some(_)) => drop(fs::remove_file(path)),
            Some(None) => drop(fs::remove_dir(path)),
            None => return Err(CallError::OutOfPlace),
        }
        Ok(())
    }
}

#[derive(PartialEq, Eq)]
enum Shown {
    Yes,
    NobodyListens,
}

fn feed(mut to: UnixStream) {
    let mut from = io::stdin().lock();
    let mut buffer = vec![0; MAX_PAYLOAD];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let bytes = buffer.get(..count).unwrap_or_default().to_vec();
        if Packet::Stdin(bytes).write(&mut to).is_err() {
            return;
        }
    }
    // Half a connection is never ended: whoever carries it takes that for the end of the whole.
    let _ = Packet::StdinEnd.write(&mut to);
}

/// `bash x.sh` names the stand-in without a slash; so named, it would be looked up on the other side.
fn addressed(mut argv: Vec<String>, folder: &Path) -> Vec<String> {
    if let Some(program) = argv.first_mut()
        && !program.contains('/')
        && folder.join(&*program).is_file()
    {
        program.insert_str(0, "./");
    }
    argv
}

/// A variable that is not text is none that a test set.
fn text((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}

fn environment(all: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut left = MAX_ENVIRONMENT_BYTES;
    all.filter(|(name, _)| !EVERYBODYS.contains(&name.as_str()))
        .filter(|(name, _)| !RUNNERS_OWN.iter().any(|own| name.starts_with(own)))
        .take_while(|(name, value)| match left.checked_sub(name.len() + value.len()) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_tells_what_it_set_and_nothing_of_its_runner() {
        let set = |name: &str| (name.to_owned(), "x".to_owned());
        let all =
            ["PATH", "HOME", "PORT", "BATS_TEST_NAME", "PYTEST_CURRENT_TEST", "_", "_MINE", "GRADUS_REPORT"];
        assert_eq!(environment(all.map(set).into_iter()), ["PORT", "_MINE"].map(set));
        let huge = [("A".to_owned(), "x".repeat(MAX_ENVIRONMENT_BYTES)), set("B")];
        assert_eq!(environment(huge.into_iter()), []);
    }

    #[test]
    fn a_program_is_called_by_its_place() {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("a.sh"), "").unwrap();
        let rows = [("./a.sh", "./a.sh"), ("a.sh", "./a.sh"), ("../a.sh", "../a.sh"), ("python3", "python3")];
        for (program, expected) in rows {
            assert_eq!(addressed(vec![program.to_owned()], here.path()), [expected]);
        }
    }
}
