//! What the simulated processes ask of the store and the queue: the questions of `api::store` and of `job_queue`, with
//! numbers for ids. The [model](crate::model) answers them in microseconds; `tests/suite/real.rs` asks the real ones.

use std::time::Duration;

use eval_agent::supervisor::room::Room;

pub use job_queue::Lane;

/// A submission and its job, numbered as they were accepted, from 1.
pub type Subject = u32;
/// A message on its way to the queue.
pub type Row = i64;
/// Which token of a job's: each time it is sent out anew it gets the next one, and the older ones are void.
pub type Token = u32;
/// One delivery of one message, numbered as they were delivered.
pub type Receipt = u64;
/// A wall clock: microseconds since 1970.
pub type Wall = i64;

/// What the grading of a submission takes of a host: usual ones, small ones and big ones.
#[must_use]
pub fn needs(subject: Subject) -> Room {
    let memory_mib = match subject % 5 {
        0 => 700,
        1 => 100,
        _ => 256,
    };
    Room { memory_mib, cpu_percent: 100 }
}

/// What one grading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
    LessonFault,
    HostFault,
}

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Queued,
    Running { attempt: u32 },
    Over(End),
}

/// How a submission ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Passed,
    Failed,
    LessonFault,
    /// An explained fault of ours.
    NotGraded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedIn {
    Stored(Subject),
    Repeated(Subject),
    TooMany,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    Recorded,
    Already,
    Stale,
    /// The token is void.
    Refused,
}

/// What asking for an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Attempt(u32),
    /// A later delivery is being worked on.
    Stale,
    /// It has its result.
    Over,
    /// The token is void.
    Refused,
}

/// What the death of a message came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    GivenUp,
    /// Another copy of it is being worked on.
    UnderWay,
    /// It has its result, or the message is void.
    Nothing,
}

/// What a look at the queue found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub receipt: Receipt,
    pub subject: Subject,
    pub token: Token,
    pub delivery: u32,
}

/// A job that was sent and is not over, as the watch over lost jobs sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    pub subject: Subject,
    /// Whether an attempt is under way, and how many were begun.
    pub running: bool,
    pub attempt: u32,
    pub message: Row,
    /// Place of that message in the order sent.
    pub sent: Row,
    pub lost: u32,
}

/// The lease is someone else's by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

/// Both sets of rules. Each call happens whole; `now` is the wall clock of whoever asks.
pub trait Books {
    fn hand_in(&mut self, learner: usize, key: u32, now: Wall) -> HandedIn;
    /// The oldest message not yet sent.
    fn outbox(&mut self) -> Option<(Row, Subject, Token)>;
    fn outbox_sent(&mut self, row: Row);
    fn start(&mut self, job: (Subject, Token), delivery: u32, now: Wall) -> Start;
    fn finish(&mut self, job: (Subject, Token), attempt: u32, outcome: Outcome, now: Wall) -> Finish;
    /// Its message died.
    fn lay_to_rest(&mut self, job: (Subject, Token), now: Wall) -> Rest;
    /// Nobody could grade it; false when it has its result already.
    fn give_up(&mut self, subject: Subject, now: Wall) -> bool;
    fn unfinished(&mut self) -> Vec<Unfinished>;
    /// Place, in the order sent, of the newest message that an agent has begun on; 0 for none.
    fn newest_started(&mut self) -> Row;
    /// A lost job goes out anew; false when it has moved on since it was looked at.
    fn send_again(&mut self, lost: &Unfinished, now: Wall) -> bool;
    fn state(&mut self, subject: Subject) -> State;

    fn send(&mut self, job: (Subject, Token), now: Wall);
    fn lease(&mut self, visibility: Duration, now: Wall) -> Option<Delivery>;
    fn lease_dead(&mut self, visibility: Duration, now: Wall) -> Option<Delivery>;
    /// # Errors
    /// [`Lost`]
    fn extend(&mut self, receipt: Receipt, visibility: Duration, now: Wall) -> Result<(), Lost>;
    /// # Errors
    /// [`Lost`]
    fn complete(&mut self, receipt: Receipt) -> Result<(), Lost>;
    /// # Errors
    /// [`Lost`]
    fn release(&mut self, receipt: Receipt, delay: Duration, now: Wall) -> Result<(), Lost>;
    /// Everything held or delayed is to be had at once.
    fn reclaim(&mut self);
    /// Messages not completed, and those of them that are to be had now.
    fn messages(&mut self, now: Wall) -> (u64, u64);
}
