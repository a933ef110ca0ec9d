//! Whether this host may take jobs, and when it is to be checked. Pure.
//!
//! ```text
//! unknown ──fit──▶ fit ──wrong, unable──▶ unfit ──fit──▶ fit
//!    └──wrong, unable──▶ unfit            └─ checked again, with growing pauses
//! ```

use std::time::{Duration, Instant};

/// A host that grades is checked this often even when nothing looks wrong: what it posted since is what there is to take
/// back.
const CHECK_EVERY: Duration = Duration::from_secs(600);
/// Learners can make containers end in odd ways; no oftener than this is a host checked for it.
const CHECK_PAUSE: Duration = Duration::from_secs(20);
/// Pause after a check that failed; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What a check of the host showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostCheck {
    /// Right is right and wrong is wrong.
    Fit,
    /// It grades, and wrongly.
    Wrong,
    /// It could not grade: an engine that is being restarted cannot, either.
    Unable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Never checked: supervisors without a host.
    Trusted,
    Unknown,
    Fit,
    Unfit {
        again: Instant,
        pause: Duration,
    },
}

#[derive(Debug)]
pub(super) struct Health {
    state: State,
    checking: bool,
    /// Something happened that a host that is well does not do.
    suspected: bool,
    /// Something was graded since the last check began.
    graded: bool,
    last_check: Option<Instant>,
}

impl Health {
    pub(super) fn trusted() -> Self {
        Self { state: State::Trusted, checking: false, suspected: false, graded: false, last_check: None }
    }

    pub(super) fn unknown() -> Self {
        Self { state: State::Unknown, ..Self::trusted() }
    }

    pub(super) fn may_take_jobs(&self) -> bool {
        matches!(self.state, State::Trusted | State::Fit)
    }

    pub(super) fn suspect(&mut self) {
        self.suspected = true;
    }

    pub(super) fn has_graded(&mut self) {
        self.graded = true;
    }

    /// True when a check is to begin now; it counts as under way then.
    pub(super) fn begins_check(&mut self, now: Instant) -> bool {
        let due = !self.checking && self.is_due(now);
        if due {
            (self.checking, self.suspected, self.graded) = (true, false, false);
            self.last_check = Some(now);
        }
        due
    }

    fn is_due(&self, now: Instant) -> bool {
        let since = self.last_check.map(|last| now.saturating_duration_since(last));
        let past = |pause| since.is_none_or(|since| since >= pause);
        match self.state {
            State::Trusted => false,
            State::Unknown => true,
            State::Fit => (self.suspected && past(CHECK_PAUSE)) || (self.graded && past(CHECK_EVERY)),
            State::Unfit { again, .. } => now >= again,
        }
    }

    /// Takes in what a check showed; answers whether recent verdicts are to be taken back: when it grades wrongly, or was
    /// twice in a row unable to – once, it may have been restarted.
    pub(super) fn checked(&mut self, now: Instant, check: HostCheck) -> bool {
        self.checking = false;
        let pause = match self.state {
            State::Unfit { pause, .. } => Some(pause),
            _ => None,
        };
        if check == HostCheck::Fit {
            self.state = State::Fit;
            return false;
        }
        let next = pause.map_or(FIRST_PAUSE, |pause| (pause * 2).min(LONGEST_PAUSE));
        self.state = State::Unfit { again: now + next, pause: next };
        check == HostCheck::Wrong || pause.is_some()
    }
}
