//! The store's rules for hand-ins and their gradings.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use crate::books::{End, Finish, HandedIn, Outcome, Row, Start, State, Subject};

/// Hand-ins of one account that wait or run: `api::limits::MAX_WAITING_SUBMISSIONS`.
pub const MAX_WAITING: usize = 3;

#[derive(Debug)]
struct Submission {
    learner: usize,
    state: State,
    /// Attempts begun, and the delivery that the newest is for.
    attempts: u32,
    delivery: u32,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    submissions: BTreeMap<Subject, Submission>,
    keys: BTreeMap<(usize, u32), Subject>,
    outbox: VecDeque<(Row, Subject)>,
    rows: Row,
}

impl Store {
    pub(super) fn hand_in(&mut self, learner: usize, key: u32) -> HandedIn {
        if let Some(subject) = self.keys.get(&(learner, key)) {
            return HandedIn::Repeated(*subject);
        }
        let waits = |one: &&Submission| one.learner == learner && !matches!(one.state, State::Over(_));
        if self.submissions.values().filter(waits).count() >= MAX_WAITING {
            return HandedIn::TooMany;
        }
        let subject = u32::try_from(self.submissions.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.submissions
            .insert(subject, Submission { learner, state: State::Queued, attempts: 0, delivery: 0 });
        self.keys.insert((learner, key), subject);
        self.rows += 1;
        self.outbox.push_back((self.rows, subject));
        HandedIn::Stored(subject)
    }

    pub(super) fn outbox(&self) -> Option<(Row, Subject)> {
        self.outbox.front().copied()
    }

    pub(super) fn outbox_sent(&mut self, row: Row) {
        self.outbox.retain(|(id, _)| *id != row);
    }

    pub(super) fn start(&mut self, subject: Subject, delivery: u32) -> Start {
        let Some(submission) = self.open(subject) else { return Start::Over };
        if let State::Running { attempt } = submission.state {
            match delivery.cmp(&submission.delivery) {
                Ordering::Less => return Start::Stale,
                Ordering::Equal => return Start::Attempt(attempt),
                Ordering::Greater => {}
            }
        }
        submission.attempts += 1;
        submission.delivery = delivery;
        submission.state = State::Running { attempt: submission.attempts };
        Start::Attempt(submission.attempts)
    }

    pub(super) fn finish(&mut self, subject: Subject, attempt: u32, outcome: Outcome) -> Finish {
        let Some(submission) = self.open(subject) else { return Finish::Already };
        if submission.state != (State::Running { attempt }) {
            return Finish::Stale;
        }
        submission.state = match outcome {
            Outcome::Passed => State::Over(End::Passed),
            Outcome::Failed => State::Over(End::Failed),
            Outcome::LessonFault => State::Over(End::LessonFault),
            Outcome::HostFault => State::Queued,
        };
        Finish::Recorded
    }

    pub(super) fn give_up(&mut self, subject: Subject) -> bool {
        let Some(submission) = self.open(subject) else { return false };
        submission.state = State::Over(End::NotGraded);
        true
    }

    pub(super) fn state(&self, subject: Subject) -> State {
        self.submissions.get(&subject).map_or(State::Over(End::NotGraded), |submission| submission.state)
    }

    fn open(&mut self, subject: Subject) -> Option<&mut Submission> {
        let submission = self.submissions.get_mut(&subject)?;
        (!matches!(submission.state, State::Over(_))).then_some(submission)
    }
}
