//! What nobody but us may see (I6), and whether somebody has. Every byte that reaches a learner's client is shown to it.

use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct Watch {
    /// What it is, and the bytes of it.
    forbidden: Vec<(&'static str, Vec<u8>)>,
    /// What was seen, and where.
    seen: Mutex<Vec<String>>,
}

impl Watch {
    pub fn never(&mut self, what: &'static str, text: &str) {
        self.forbidden.push((what, text.as_bytes().to_vec()));
    }

    /// Looks through what somebody who is no operator was given at `place`.
    pub fn look(&self, place: &str, bytes: &[u8]) {
        let found = self.find(bytes).map(|what| format!("{what} in {place}"));
        let found: Vec<_> = found.collect();
        if !found.is_empty() {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        }
    }

    /// What of the forbidden is in there.
    pub fn find(&self, bytes: &[u8]) -> impl Iterator<Item = &'static str> {
        let within = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        self.forbidden.iter().filter(move |(_, needle)| within(needle)).map(|(what, _)| *what)
    }

    /// What was seen since the last time it was asked.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_seen_is_found_in_the_midst_of_other_bytes() {
        let mut watch = Watch::default();
        watch.never("the marker", "hidden-1");
        watch.look("a screen", b"hidden-2 hidden- 1");
        assert_eq!(watch.take(), Vec::<String>::new());
        watch.look("a screen", b"\x1b[1mhidden-1");
        assert_eq!(watch.take(), ["the marker in a screen"]);
        assert_eq!(watch.take(), Vec::<String>::new());
    }
}
