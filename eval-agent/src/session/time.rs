//! How long a session lasts: when nobody watched for too long, and when its time is over. Knows no clock of its own.

use std::time::{Duration, Instant};

use ide_protocol::session::EndReason;

use crate::container::SESSION_LIMIT;

/// The API ends sessions, because it knows of extensions first. Only an agent that has not heard from it for so long
/// beyond the limit ends one by itself.
const API_GRACE: Duration = Duration::from_secs(60);

/// How long a session may last.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Without any page of its learner.
    pub idle: Duration,
    /// In all.
    pub total: Duration,
}

#[derive(Debug)]
pub(super) struct Time {
    began: Instant,
    idle: Duration,
    end: Instant,
    /// Since when nobody watches.
    alone_since: Option<Instant>,
    /// Who watches cannot be known: only the API could say.
    is_deaf: bool,
}

impl Time {
    pub(super) fn new(now: Instant, limits: Limits) -> Self {
        let mut time =
            Self { began: now, idle: limits.idle, end: now, alone_since: Some(now), is_deaf: false };
        time.set_left(now, limits.total);
        time
    }

    /// From now on this much is left; never more than a container is given.
    pub(super) fn set_left(&mut self, now: Instant, left: Duration) {
        self.end = (now + left).min(self.began + SESSION_LIMIT) + API_GRACE;
    }

    pub(super) fn somebody_came(&mut self) {
        self.alone_since = None;
    }

    pub(super) fn everybody_left(&mut self, now: Instant) {
        self.alone_since.get_or_insert(now);
    }

    /// A learner at work behind an API that is down for an hour is not idle.
    pub(super) fn api_is_away(&mut self) {
        self.is_deaf = true;
    }

    /// It tells in a moment who watches; until then nobody does.
    pub(super) fn api_is_back(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_deaf) {
            self.alone_since = Some(now);
        }
    }

    /// Whether it is over, and why.
    pub(super) fn is_over(&self, now: Instant) -> Option<EndReason> {
        let alone = self.alone_since.map(|then| now.saturating_duration_since(then));
        if now >= self.end {
            Some(EndReason::TimeLimit)
        } else if !self.is_deaf && alone.is_some_and(|alone| alone >= self.idle) {
            Some(EndReason::Idle)
        } else {
            None
        }
    }
}
