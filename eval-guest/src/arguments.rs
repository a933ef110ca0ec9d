//! The command line. Parsed by hand: a dozen lines instead of a library in every container.

use std::path::PathBuf;
use std::time::Duration;

use ide_protocol::limits::ROOT_INSIDE_IDS;

use crate::exit::Exit;

/// Longest time to live that is accepted; anything longer is a mistake of the caller.
const MAX_TTL_SECONDS: u64 = 7 * 24 * 3600;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    pub socket: PathBuf,
    pub ids: Ids,
    /// The learner's home; the workspace is a folder in it.
    pub home: PathBuf,
    /// One path part.
    pub workspace: String,
    pub time_to_live: Duration,
    /// Globs over single path parts: not watched, not listed.
    pub ignore: Vec<String>,
}

/// Who the guest and its programs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// gid = uid for both. With `others` the learner's programs are root inside; it is the first of
    /// [`ROOT_INSIDE_IDS`] that nobody else has.
    Switch { guest: u32, learner: u32, others: Option<u32> },
    /// Developer tests without root: everything runs as whoever started us.
    Keep,
}

#[derive(Default)]
struct Given {
    socket: Option<String>,
    guest_uid: Option<String>,
    learner_uid: Option<String>,
    root_ids: Option<String>,
    home: Option<String>,
    workspace: Option<String>,
    ttl_seconds: Option<String>,
    ignore: Vec<String>,
    keep_uid: bool,
}

impl Arguments {
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, Exit> {
        let given = Given::collect(words)?;
        let ids = given.ids()?;
        let workspace = needed(given.workspace, "--workspace")?;
        if workspace.is_empty() || workspace.contains('/') || workspace == "." || workspace == ".." {
            return Err(Exit::Usage(format!("--workspace must be the name of a folder, not {workspace:?}")));
        }
        let ttl = number(given.ttl_seconds, "--ttl-seconds")?;
        if ttl == 0 || ttl > MAX_TTL_SECONDS {
            return Err(Exit::Usage(format!("--ttl-seconds must be 1 to {MAX_TTL_SECONDS}")));
        }
        Ok(Self {
            socket: needed(given.socket, "--socket")?.into(),
            ids,
            home: needed(given.home, "--home")?.into(),
            workspace,
            time_to_live: Duration::from_secs(ttl),
            ignore: given.ignore,
        })
    }
}

impl Given {
    fn collect(words: impl IntoIterator<Item = String>) -> Result<Self, Exit> {
        let mut given = Self::default();
        let mut words = words.into_iter();
        while let Some(flag) = words.next() {
            if flag == "--keep-uid" {
                given.keep_uid = true;
                continue;
            }
            let value = words.next().ok_or_else(|| Exit::Usage(format!("{flag} needs a value")))?;
            match flag.as_str() {
                "--socket" => given.socket = Some(value),
                "--guest-uid" => given.guest_uid = Some(value),
                "--learner-uid" => given.learner_uid = Some(value),
                "--root-ids" => given.root_ids = Some(value),
                "--home" => given.home = Some(value),
                "--workspace" => given.workspace = Some(value),
                "--ttl-seconds" => given.ttl_seconds = Some(value),
                "--ignore" => given.ignore.push(value),
                _ => return Err(Exit::Usage(format!("unknown argument {flag}"))),
            }
        }
        Ok(given)
    }

    fn ids(&self) -> Result<Ids, Exit> {
        if self.keep_uid {
            return Ok(Ids::Keep);
        }
        let guest = number(self.guest_uid.clone(), "--guest-uid")?;
        let learner = number(self.learner_uid.clone(), "--learner-uid")?;
        if guest == 0 || learner == 0 || guest == learner {
            return Err(Exit::Usage("--guest-uid and --learner-uid must differ and not be root".to_owned()));
        }
        let others = match &self.root_ids {
            None => None,
            Some(first) => Some(set_aside(number(Some(first.clone()), "--root-ids")?, [guest, learner])?),
        };
        Ok(Ids::Switch { guest, learner, others })
    }
}

/// Ids that nobody has yet: not the machine's root, neither of ours.
fn set_aside(first: u32, ours: [u32; 2]) -> Result<u32, Exit> {
    let last = first.checked_add(ROOT_INSIDE_IDS - 1);
    match last {
        Some(last) if first > 0 && !ours.iter().any(|id| (first..=last).contains(id)) => Ok(first),
        _ => Err(Exit::Usage("--root-ids must be followed by ids that are free".to_owned())),
    }
}

fn needed(value: Option<String>, flag: &str) -> Result<String, Exit> {
    value.ok_or_else(|| Exit::Usage(format!("{flag} is missing")))
}

fn number<N: std::str::FromStr>(value: Option<String>, flag: &str) -> Result<N, Exit> {
    needed(value, flag)?.parse().map_err(|_| Exit::Usage(format!("{flag} must be a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned)).map_err(|exit| exit.to_string())
    }

    const REST: &str = "--socket /s --home /h --workspace work --ttl-seconds 60";

    #[test]
    fn the_agents_command_line_is_understood() {
        let line = format!("{REST} --guest-uid 7 --learner-uid 8 --ignore *.pyc --ignore .git");
        let arguments = parse(&line).unwrap();
        assert_eq!(arguments.ids, Ids::Switch { guest: 7, learner: 8, others: None });
        let with_root = parse(&format!("{line} --root-ids 1000")).unwrap().ids;
        assert_eq!(with_root, Ids::Switch { guest: 7, learner: 8, others: Some(1_000) });
        assert_eq!(arguments.ignore, ["*.pyc", ".git"]);
        assert_eq!(arguments.time_to_live, Duration::from_secs(60));
        assert_eq!(parse(&format!("{REST} --keep-uid")).unwrap().ids, Ids::Keep);
    }

    #[test]
    fn a_doubtful_command_line_starts_nothing() {
        let rows = [
            (REST.to_owned(), "--guest-uid is missing"),
            (format!("{REST} --guest-uid 0 --learner-uid 8"), "must differ and not be root"),
            (format!("{REST} --guest-uid 8 --learner-uid 8"), "must differ and not be root"),
            (format!("{REST} --guest-uid -1 --learner-uid 8"), "--guest-uid must be a number"),
            (format!("{REST} --guest-uid 7 --learner-uid 8 --root-ids 0"), "ids that are free"),
            (format!("{REST} --guest-uid 7 --learner-uid 8 --root-ids 1"), "ids that are free"),
            (format!("{REST} --guest-uid 7 --learner-uid 8 --root-ids 4294967295"), "ids that are free"),
            (format!("{REST} --keep-uid --workspace a/b"), "must be the name of a folder"),
            (format!("{REST} --keep-uid --workspace .."), "must be the name of a folder"),
            (format!("{REST} --keep-uid --ttl-seconds 0"), "--ttl-seconds must be"),
            (format!("{REST} --keep-uid --colour"), "--colour needs a value"),
            (format!("{REST} --keep-uid --colour red"), "unknown argument --colour"),
        ];
        for (line, why) in rows {
            let refusal = parse(&line).unwrap_err();
            assert!(refusal.contains(why), "{line}: {refusal}");
        }
    }
}

#[cfg(test)]
mod fuzz {
    use fuzz_inputs::hostile_text;
    use proptest::prelude::*;

    use super::*;

    const LINE: &str = "--socket /s --home /h --workspace work --ttl-seconds 60 --guest-uid 7 --learner-uid 8 --root-ids 900 --ignore *.pyc";

    proptest! {
        /// Whatever stands there, what is started is nobody's root, in a folder of its home, for a time that ends.
        #[test]
        fn a_command_line_is_safe_or_refused(line in hostile_text([LINE])) {
            let Ok(arguments) = Arguments::parse(line.split(' ').map(str::to_owned)) else { return Ok(()) };
            if let Ids::Switch { guest, learner, others } = arguments.ids {
                prop_assert!(guest != 0 && learner != 0 && guest != learner);
                prop_assert!(others != Some(0) && others != Some(guest) && others != Some(learner));
            }
            prop_assert!(!arguments.workspace.contains('/') && !matches!(arguments.workspace.as_str(), "" | "." | ".."));
            prop_assert!((1..=MAX_TTL_SECONDS).contains(&arguments.time_to_live.as_secs()));
        }
    }
}
