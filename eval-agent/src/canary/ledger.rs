//! What this host has posted since its last check that went well, with the tokens to take it back. On disk, so that a
//! host whose agent died answers for its last verdicts, too.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ide_protocol::job::JobMessage;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const FILE: &str = "verdicts.json";

/// Verdicts remembered, the newest: far more than a host grades between two checks.
const MAX_ENTRIES: usize = 2_000;

/// One posted result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) message: JobMessage,
    pub(crate) attempt: u32,
    /// What the check showed, once it is to be taken back.
    pub(crate) condemned: Option<String>,
}

impl Entry {
    fn key(&self) -> (Uuid, u32) {
        (self.message.job, self.attempt)
    }
}

/// What had been posted when a check began.
#[derive(Debug)]
pub(crate) struct Mark(BTreeSet<(Uuid, u32)>);

/// See the module.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    entries: Mutex<Vec<Entry>>,
    last_check: Mutex<String>,
}

impl Ledger {
    /// What an earlier run left in `folder`; one that cannot be read is begun anew, and that is said.
    pub(crate) fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let entries = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|why| {
                tracing::error!(error = %why, "the list of recent verdicts cannot be read: they stand unchecked");
                Vec::new()
            }),
            Err(_) => Vec::new(),
        };
        Self { path, entries: Mutex::new(entries), last_check: Mutex::default() }
    }

    /// A result is about to be posted.
    pub(crate) fn note(&self, message: &JobMessage, attempt: u32) {
        self.change(|entries| {
            entries.push(Entry { message: message.clone(), attempt, condemned: None });
            let surplus = entries.len().saturating_sub(MAX_ENTRIES);
            entries.drain(..surplus);
        });
    }

    /// What a check that begins now can say something about.
    pub(crate) fn mark(&self) -> Mark {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Mark(entries.iter().map(Entry::key).collect())
    }

    /// A check that began at `mark` went well: what had been posted by then stands, unless it is condemned already.
    pub(crate) fn trust(&self, mark: &Mark) {
        self.change(|entries| {
            entries.retain(|entry| entry.condemned.is_some() || !mark.0.contains(&entry.key()));
        });
    }

    /// What the last check showed.
    pub(crate) fn remember(&self, why: String) {
        *self.last_check.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Nothing that was posted stands, for what the last check showed.
    pub(crate) fn condemn(&self) {
        let why = self.last_check.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.change(|entries| {
            for entry in entries.iter_mut() {
                entry.condemned.get_or_insert_with(|| why.clone());
            }
        });
    }

    /// The first that is to be taken back, and why.
    pub(crate) fn condemned(&self) -> Option<(Entry, String)> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find_map(|entry| Some((entry.clone(), entry.condemned.clone()?)))
    }

    /// It is taken back, or nothing can be done about it.
    pub(crate) fn strike(&self, struck: &Entry) {
        self.change(|entries| entries.retain(|entry| entry != struck));
    }

    fn change(&self, how: impl FnOnce(&mut Vec<Entry>)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        how(&mut entries);
        if let Err(why) = write(&self.path, &entries) {
            tracing::error!(error = %why, "the list of recent verdicts cannot be written");
        }
    }
}

/// Whole or not at all. Some KiB, after each grading.
fn write(path: &Path, entries: &[Entry]) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, serde_json::to_vec(entries)?)?;
    fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use ide_protocol::job::{JobKind, Room};

    use super::*;

    fn message(number: u128) -> JobMessage {
        JobMessage {
            version: 1,
            job: Uuid::from_u128(number),
            kind: JobKind::Grading,
            image: "bash".into(),
            needs: Room::default(),
            api_url: "http://api".into(),
            token: "secret".into(),
            trace: None,
        }
    }

    fn jobs(ledger: &Ledger) -> Vec<u128> {
        ledger.entries.lock().unwrap().iter().map(|entry| entry.message.job.as_u128()).collect()
    }

    #[test]
    fn what_was_posted_before_a_good_check_stands_and_what_came_meanwhile_waits_for_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path());
        ledger.note(&message(1), 1);
        let mark = ledger.mark();
        ledger.note(&message(2), 1);
        ledger.trust(&mark);
        assert_eq!(jobs(&ledger), [2]);
    }

    #[test]
    fn a_host_whose_agent_died_still_answers_for_its_verdicts() {
        let folder = tempfile::tempdir().unwrap();
        Ledger::open(folder.path()).note(&message(1), 3);
        let ledger = Ledger::open(folder.path());
        assert_eq!(ledger.condemned(), None);
        ledger.remember("2 + 2 is 5".into());
        ledger.condemn();
        // Until it is told, whatever later checks say.
        ledger.trust(&ledger.mark());
        let ledger = Ledger::open(folder.path());
        let (entry, why) = ledger.condemned().unwrap();
        assert_eq!((entry.attempt, why.as_str()), (3, "2 + 2 is 5"));
        ledger.strike(&entry);
        assert_eq!(Ledger::open(folder.path()).condemned(), None);
    }

    #[test]
    fn a_list_that_is_damaged_or_full_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{").unwrap();
        let ledger = Ledger::open(folder.path());
        for number in 0..=MAX_ENTRIES as u128 {
            ledger.entries.lock().unwrap().push(Entry {
                message: message(number),
                attempt: 1,
                condemned: None,
            });
        }
        ledger.note(&message(9_999), 1);
        assert_eq!((jobs(&ledger).len(), jobs(&ledger).last()), (MAX_ENTRIES, Some(&9_999)));
    }
}
