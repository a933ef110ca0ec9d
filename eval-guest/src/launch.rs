//! What to start: arguments, environment and folders of a program, made ready before the fork so that the child
//! only has to execute them.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use ide_protocol::guest::{GuestError, Program};

use crate::privileges::Identity;

/// Where programs are looked up; also their `PATH`.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The descriptor of a run's report, and how the run finds it. Above the standard three and what shells use
/// themselves (bash takes 10 and up, and 255), below what programs open first.
pub const REPORT_DESCRIPTOR: i32 = 9;
const REPORT_VARIABLE: (&str, &str) = ("GRADUS_REPORT", "/dev/fd/9");

/// What a program is started for; decides its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Terminal,
    Run,
    Service,
    Channel,
}

/// A program ready for `execve`.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Files to try in turn.
    pub candidates: Vec<CString>,
    pub argv: Vec<CString>,
    pub environment: Vec<CString>,
    /// Working folders to try in turn: the workspace, and home if the learner deleted it.
    pub folders: Vec<CString>,
}

/// Makes plans; knows the container's fixed part of every environment.
pub struct Launcher {
    pub identity: Identity,
    home: String,
    folders: Vec<CString>,
}

impl Launcher {
    pub fn new(identity: Identity, home: &Path, workspace: &str) -> Self {
        let folders = [home.join(workspace), home.to_owned(), "/".into()];
        let folders = folders.iter().filter_map(|folder| CString::new(folder.as_os_str().as_bytes()).ok());
        Self { identity, home: home.to_string_lossy().into_owned(), folders: folders.collect() }
    }

    pub fn plan(&self, program: &Program, purpose: Purpose) -> Result<Plan, GuestError> {
        let variables = self.variables(program, purpose);
        let path =
            variables.iter().find(|(name, _)| name == "PATH").map_or(PATH, |(_, value)| value.as_str());
        let name = program.argv.first().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| cannot_start("no program was named"))?;
        Ok(Plan {
            candidates: candidates(name, path).into_iter().map(text).collect::<Result<_, _>>()?,
            argv: program.argv.iter().cloned().map(text).collect::<Result<_, _>>()?,
            environment: variables
                .iter()
                .map(|(name, value)| text(format!("{name}={value}")))
                .collect::<Result<_, _>>()?,
            folders: self.folders.clone(),
        })
    }

    /// The base environment with the program's own laid over it, each name once.
    fn variables(&self, program: &Program, purpose: Purpose) -> Vec<(String, String)> {
        let mut base = vec![
            ("PATH", PATH),
            ("HOME", self.home.as_str()),
            ("USER", self.identity.user_name()),
            ("LOGNAME", self.identity.user_name()),
            ("LANG", "C.UTF-8"),
        ];
        match purpose {
            Purpose::Terminal => base.push(("TERM", "xterm-256color")),
            Purpose::Run => base.push(REPORT_VARIABLE),
            Purpose::Service | Purpose::Channel => {}
        }
        let base = base.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut variables: Vec<(String, String)> = Vec::new();
        for (name, value) in base.chain(program.environment.iter().cloned()) {
            variables.retain(|(known, _)| *known != name);
            variables.push((name, value));
        }
        variables
    }
}

fn candidates(name: &str, path: &str) -> Vec<String> {
    if name.contains('/') {
        return vec![name.to_owned()];
    }
    path.split(':').filter(|folder| !folder.is_empty()).map(|folder| format!("{folder}/{name}")).collect()
}

fn text(text: String) -> Result<CString, GuestError> {
    CString::new(text).map_err(|_| cannot_start("an argument or variable holds a zero byte"))
}

pub fn cannot_start(detail: impl Into<String>) -> GuestError {
    GuestError::CannotStart { detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Ids;

    fn plan(argv: &[&str], environment: &[(&str, &str)], purpose: Purpose) -> Result<Plan, GuestError> {
        let identity = Identity::for_tests(Ids::Keep);
        let program = Program {
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            environment: environment
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        Launcher::new(identity, Path::new("/home/learner"), "work").plan(&program, purpose)
    }

    fn texts(list: &[CString]) -> Vec<&str> {
        list.iter().map(|text| text.to_str().unwrap()).collect()
    }

    #[test]
    fn the_environment_is_clean_and_the_programs_own_wins() {
        let plan = plan(&["sh"], &[("LANG", "de_DE.UTF-8"), ("X", "1"), ("X", "2")], Purpose::Run).unwrap();
        assert_eq!(
            texts(&plan.environment),
            [
                "PATH=/usr/local/bin:/usr/bin:/bin",
                "HOME=/home/learner",
                "USER=learner",
                "LOGNAME=learner",
                "GRADUS_REPORT=/dev/fd/9",
                "LANG=de_DE.UTF-8",
                "X=2",
            ]
        );
    }

    #[test]
    fn a_program_is_looked_up_as_a_shell_would() {
        type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);
        let rows: [Row; 3] = [
            ("sh", &[], &["/usr/local/bin/sh", "/usr/bin/sh", "/bin/sh"]),
            ("./a.out", &[], &["./a.out"]),
            ("psql", &[("PATH", "/opt/pg/bin:")], &["/opt/pg/bin/psql"]),
        ];
        for (name, environment, expected) in rows {
            let plan = plan(&[name], environment, Purpose::Service).unwrap();
            assert_eq!(texts(&plan.candidates), expected);
        }
    }

    #[test]
    fn what_cannot_be_executed_is_refused_before_the_fork() {
        for argv in [&[][..], &[""], &["a\0b"], &["a", "\0"]] {
            assert!(matches!(plan(argv, &[], Purpose::Run), Err(GuestError::CannotStart { .. })), "{argv:?}");
        }
    }
}
