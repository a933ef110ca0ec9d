//! The store's rules for hand-ins, their gradings and their messages.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use job_queue::MAX_DELIVERIES;

use crate::books::{End, Finish, HandedIn, Outcome, Rest, Row, Start, State, Subject, Token, Unfinished};

/// Hand-ins of one account that wait or run: `api::limits::MAX_WAITING_SUBMISSIONS`.
pub const MAX_WAITING: usize = 3;

#[derive(Debug)]
struct Submission {
    learner: usize,
    state: State,
    /// Attempts begun, and the delivery that the newest is for.
    attempts: u32,
    delivery: u32,
    /// The token that counts, the message that carries it, and whether an agent has begun on that.
    token: Token,
    message: Row,
    started: bool,
    /// Place of that message in the order sent; 0 as long as it is in the outbox.
    sent: Row,
    lost: u32,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    submissions: BTreeMap<Subject, Submission>,
    keys: BTreeMap<(usize, u32), Subject>,
    outbox: VecDeque<(Row, Subject, Token)>,
    rows: Row,
}

impl Store {
    pub(super) fn hand_in(&mut self, learner: usize, key: u32) -> HandedIn {
        if let Some(subject) = self.keys.get(&(learner, key)) {
            return HandedIn::Repeated(*subject);
        }
        let waits = |one: &&Submission| one.learner == learner && one.is_open();
        if self.submissions.values().filter(waits).count() >= MAX_WAITING {
            return HandedIn::TooMany;
        }
        let subject = u32::try_from(self.submissions.len()).unwrap_or(u32::MAX).saturating_add(1);
        let (token, message) = (1, self.put_out(subject, 1));
        let state = State::Queued;
        let submission = Submission {
            learner,
            state,
            attempts: 0,
            delivery: 0,
            token,
            message,
            started: false,
            sent: 0,
            lost: 0,
        };
        self.submissions.insert(subject, submission);
        self.keys.insert((learner, key), subject);
        HandedIn::Stored(subject)
    }

    fn put_out(&mut self, subject: Subject, token: Token) -> Row {
        self.rows += 1;
        self.outbox.push_back((self.rows, subject, token));
        self.rows
    }

    pub(super) fn outbox(&self) -> Option<(Row, Subject, Token)> {
        self.outbox.front().copied()
    }

    pub(super) fn outbox_sent(&mut self, row: Row) {
        let before = self.outbox.len();
        self.outbox.retain(|(id, ..)| *id != row);
        let place = self.submissions.values().map(|one| one.sent).max().unwrap_or_default() + 1;
        let newest = self.submissions.values_mut().find(|one| one.message == row);
        if let Some(submission) = newest.filter(|_| self.outbox.len() < before) {
            submission.sent = place;
        }
    }

    pub(super) fn start(&mut self, (subject, token): (Subject, Token), delivery: u32) -> Start {
        let Some(submission) = self.of(subject, token) else { return Start::Refused };
        if !submission.is_open() {
            return Start::Over;
        }
        if let State::Running { attempt } = submission.state {
            match delivery.cmp(&submission.delivery) {
                Ordering::Less => return Start::Stale,
                Ordering::Equal => return Start::Attempt(attempt),
                Ordering::Greater => {}
            }
        }
        submission.attempts += 1;
        submission.delivery = delivery;
        submission.started = true;
        submission.state = State::Running { attempt: submission.attempts };
        Start::Attempt(submission.attempts)
    }

    pub(super) fn finish(
        &mut self,
        (subject, token): (Subject, Token),
        attempt: u32,
        outcome: Outcome,
    ) -> Finish {
        let Some(submission) = self.of(subject, token) else { return Finish::Refused };
        if !submission.is_open() {
            return Finish::Already;
        }
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

    pub(super) fn lay_to_rest(&mut self, (subject, token): (Subject, Token)) -> Rest {
        let Some(submission) = self.of(subject, token) else { return Rest::Nothing };
        if matches!(submission.state, State::Running { .. }) && submission.delivery < MAX_DELIVERIES {
            return Rest::UnderWay;
        }
        if self.give_up(subject) { Rest::GivenUp } else { Rest::Nothing }
    }

    pub(super) fn give_up(&mut self, subject: Subject) -> bool {
        let Some(submission) = self.submissions.get_mut(&subject).filter(|one| one.is_open()) else {
            return false;
        };
        submission.state = State::Over(End::NotGraded);
        true
    }

    pub(super) fn unfinished(&self) -> Vec<Unfinished> {
        let open = self.submissions.iter().filter(|(_, one)| one.is_open() && one.sent > 0);
        open.map(|(subject, one)| Unfinished {
            subject: *subject,
            running: matches!(one.state, State::Running { .. }),
            attempt: one.attempts,
            message: one.message,
            sent: one.sent,
            lost: one.lost,
        })
        .collect()
    }

    pub(super) fn newest_started(&self) -> Row {
        let started = self.submissions.values().filter(|one| one.started);
        started.map(|one| one.sent).max().unwrap_or_default()
    }

    pub(super) fn send_again(&mut self, lost: &Unfinished) -> bool {
        let Some(submission) = self.submissions.get(&lost.subject) else { return false };
        let is_running = submission.state == State::Running { attempt: lost.attempt };
        let is_waiting = submission.state == State::Queued && submission.attempts == lost.attempt;
        let is_still = if lost.running { is_running } else { is_waiting };
        if !is_still || submission.message != lost.message {
            return false;
        }
        let token = submission.token + 1;
        let message = self.put_out(lost.subject, token);
        if let Some(submission) = self.submissions.get_mut(&lost.subject) {
            (submission.state, submission.started, submission.sent) = (State::Queued, false, 0);
            (submission.token, submission.message) = (token, message);
            submission.lost += 1;
        }
        true
    }

    pub(super) fn state(&self, subject: Subject) -> State {
        self.submissions.get(&subject).map_or(State::Over(End::NotGraded), |submission| submission.state)
    }

    fn of(&mut self, subject: Subject, token: Token) -> Option<&mut Submission> {
        self.submissions.get_mut(&subject).filter(|one| one.token == token)
    }
}

impl Submission {
    fn is_open(&self) -> bool {
        !matches!(self.state, State::Over(_))
    }
}
