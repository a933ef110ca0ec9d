//! Looking at and killing processes through `/proc`.
//!
//! Its picture is always a little old: a process forked while we read is missing. Who needs all of them looks again
//! until none is left.

use std::collections::BTreeSet;

use rustix::process::{Pid, Signal, kill_process};

/// Rounds of stopping before killing starts anyway. Each stopped process can fork no more, so a fork bomb under a
/// process limit runs out of free ones within a few.
const MAX_STOP_ROUNDS: usize = 20;

/// Descendants that make a crowd: more than test runs leave behind. Looking at each in turn would take long, since
/// they take the processor from us.
const CROWD: usize = 24;

/// One line of the process table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub parent: i32,
    pub session: i32,
    /// Ended, but not reaped: nothing can be done to it any more.
    pub zombie: bool,
}

impl Process {
    /// Reads `/proc/<pid>/stat`. The name in it is the learner's to choose, brackets and spaces included, so fields
    /// are counted from its last bracket.
    fn parse(stat: &str) -> Option<Self> {
        let (pid, _) = stat.split_once(' ')?;
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let session = fields.nth(1)?.parse().ok()?;
        Some(Self { pid: pid.parse().ok()?, parent, session, zombie: matches!(state, "Z" | "X") })
    }
}

/// Every process there is, as far as `/proc` tells.
pub fn all() -> Vec<Process> {
    let Ok(folder) = std::fs::read_dir("/proc") else { return Vec::new() };
    folder
        .flatten()
        .filter(|entry| entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit))
        .filter_map(|entry| {
            let stat = std::fs::read(entry.path().join("stat")).ok()?;
            Process::parse(&String::from_utf8_lossy(&stat))
        })
        .collect()
}

/// All of `table` that descends from `ancestor`, itself left out.
fn descendants(table: &[Process], ancestor: i32) -> BTreeSet<i32> {
    let mut found = BTreeSet::new();
    loop {
        let known = found.len();
        let of_family = |process: &&Process| process.parent == ancestor || found.contains(&process.parent);
        let more: Vec<i32> = table.iter().filter(of_family).map(|process| process.pid).collect();
        found.extend(more);
        if found.len() == known {
            found.remove(&ancestor);
            return found;
        }
    }
}

fn living_descendants(ancestor: i32) -> BTreeSet<i32> {
    let living: Vec<Process> = all().into_iter().filter(|process| !process.zombie).collect();
    descendants(&living, ancestor)
}

/// Whether so many descend from `ancestor` that they look like a bomb.
pub fn is_crowd(ancestor: i32) -> bool {
    living_descendants(ancestor).len() > CROWD
}

/// Kills what descends from `ancestor`: stops until no new one is found, then kills. What was born meanwhile is left
/// for the next call.
pub fn sweep(ancestor: i32) {
    let mut stopped = BTreeSet::new();
    for _ in 0..MAX_STOP_ROUNDS {
        let found = living_descendants(ancestor);
        signal_each(&found, Signal::STOP);
        let all_known = found.is_subset(&stopped);
        stopped.extend(found);
        if all_known {
            break;
        }
    }
    signal_each(&stopped, Signal::KILL);
}

/// As [`sweep`], for a family that runs faster than we look (each process forks and ends at once, or all of them
/// spin and leave us no time to look): stops *every* process of the container in one call that no fork can slip
/// through, kills the family at leisure, and lets the others go on. They notice, and a job that its learner had
/// stopped goes on too, so this is the last resort. To be called by a child of PID 1 only.
pub fn sweep_frozen(ancestor: i32) {
    signal_everyone(nix::sys::signal::Signal::SIGSTOP);
    signal_each(&living_descendants(ancestor), Signal::KILL);
    signal_everyone(nix::sys::signal::Signal::SIGCONT);
}

/// The living processes whose session is `session`.
fn members(session: Pid) -> BTreeSet<i32> {
    let session = session.as_raw_nonzero().get();
    let members = all().into_iter().filter(|process| process.session == session && !process.zombie);
    members.map(|process| process.pid).collect()
}

pub fn has_session(session: Pid) -> bool {
    !members(session).is_empty()
}

pub fn signal_session(session: Pid, signal: Signal) {
    signal_each(&members(session), signal);
}

/// Kills every process but ourselves, in one call that no fork can slip through: as PID 1, `kill(-1)` reaches all of
/// the container and happens at once. Anywhere else it would reach all of the machine, so there our descendants are
/// swept instead.
pub fn kill_everything() {
    let own = nix::unistd::getpid();
    if own.as_raw() == 1 {
        signal_everyone(nix::sys::signal::Signal::SIGKILL);
    } else {
        sweep(own.as_raw());
    }
}

/// Everyone but PID 1 and ourselves.
fn signal_everyone(signal: nix::sys::signal::Signal) {
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(-1), signal);
}

fn signal_each(pids: &BTreeSet<i32>, signal: Signal) {
    for pid in pids.iter().filter_map(|&pid| Pid::from_raw(pid)) {
        let _ = kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_cannot_hide_behind_its_name() {
        let rows = [
            ("7 (sh) S 1 7 7 0 -1 4194560", (7, 1, 7, false)),
            ("8 (a) b) R 1 1 (c) Z 7 8 9 0 -1", (8, 7, 9, true)),
            ("9 () ) ( ) S 3 9 4 34816", (9, 3, 4, false)),
        ];
        for (stat, (pid, parent, session, zombie)) in rows {
            assert_eq!(Process::parse(stat), Some(Process { pid, parent, session, zombie }), "{stat}");
        }
        for broken in ["", "7", "7 (sh", "7 (sh) S", "7 (sh) S x 7 7"] {
            assert_eq!(Process::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn descendants_are_found_in_any_order_and_cycles_end() {
        let process = |pid, parent| Process { pid, parent, session: 0, zombie: false };
        let table =
            [process(5, 4), process(4, 2), process(3, 1), process(2, 1), process(8, 9), process(9, 8)];
        assert_eq!(descendants(&table, 2), BTreeSet::from([4, 5]));
        assert_eq!(descendants(&table, 1), BTreeSet::from([2, 3, 4, 5]));
        assert_eq!(descendants(&table, 8), BTreeSet::from([9]));
        assert_eq!(descendants(&table, 77), BTreeSet::new());
    }

    #[test]
    fn this_process_finds_itself() {
        let own = nix::unistd::getpid().as_raw();
        assert!(all().iter().any(|process| process.pid == own && !process.zombie));
    }
}

/// What `/proc` says of a learner's process, whose name is the learner's to choose.
#[cfg(test)]
mod fuzz {
    use fuzz_inputs::hostile_text;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_is_a_process_or_nothing(stat in hostile_text(["8 (a) b) R 1 1 (c) Z 7 8 9 0 -1", "9 () ) ( ) S 3 9 4 34816"])) {
            if let Some(process) = Process::parse(&stat) {
                prop_assert!(stat.starts_with(&process.pid.to_string()) || stat.starts_with(['+', '-', '0']));
            }
        }

        /// No name hides a process, changes its parent, or makes it look dead.
        #[test]
        fn no_name_changes_what_a_process_is(name in ".{0,40}", pid in 1i32.., parent in 0i32.., session in 0i32.., state in "[RSDTtIZX]") {
            let stat = format!("{pid} ({name}) {state} {parent} 1 {session} 0 -1");
            let zombie = state == "Z" || state == "X";
            prop_assert_eq!(Process::parse(&stat), Some(Process { pid, parent, session, zombie }));
        }

        /// Whatever family trees it is told of – a process's own parent, circles – the search ends and finds those of
        /// the family alone.
        #[test]
        fn a_family_is_found_and_nobody_else(pairs in vec((0i32..30, 0i32..30), 0..40), ancestor in 0i32..30) {
            let table: Vec<Process> =
                pairs.iter().map(|&(pid, parent)| Process { pid, parent, session: 0, zombie: false }).collect();
            let found = descendants(&table, ancestor);
            prop_assert!(!found.contains(&ancestor));
            for pid in &found {
                let parents: Vec<i32> = table.iter().filter(|process| process.pid == *pid).map(|process| process.parent).collect();
                prop_assert!(parents.iter().any(|parent| *parent == ancestor || found.contains(parent)));
            }
            for process in table.iter().filter(|process| process.parent == ancestor && process.pid != ancestor) {
                prop_assert!(found.contains(&process.pid));
            }
        }
    }
}
