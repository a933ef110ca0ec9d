//! Bugs planted on purpose, each at a seam of the simulated processes: a rule of the product that is broken there. What
//! the simulation is worth is how many of them it finds, and how soon (`tests/suite/mutants.rs`).

/// A rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Mutant {
    /// An agent completes the message, then posts the verdict.
    CompletedBeforePosted,
    /// A result counts whatever attempt it is of.
    NoFencing,
    /// A verdict that comes later replaces the one there is.
    VerdictReplaced,
    /// A submission that has its verdict is begun again when its message comes again.
    FinishedBegunAgain,
    /// The dispatcher crosses a message off before the queue has it.
    CrossedOffBeforeSent,
    /// There is no outbox: the message is sent after the answer, if the process still lives then.
    NoOutbox,
    /// Nobody looks for jobs that are lost.
    NobodyWatches,
    /// Nobody reads the dead letters.
    DeadLettersUnread,
    /// A dead letter is completed before the learner is told.
    DeadLetterCompletedFirst,
    /// The dead-letter task writes over a verdict.
    GivenUpThoughGraded,
    /// The dead-letter task gives up what another copy of the message is being graded for.
    GivenUpThoughUnderWay,
    /// A repeated hand-in makes another submission.
    KeyIgnored,
    /// A lease counts from when its answer is read, not from when it was asked for.
    LeaseFromAnswer,
    /// That a job is someone else's stops nobody.
    LossUnheard,
    /// Leases are never extended.
    NoHeartbeat,
    /// An old receipt completes what another agent holds by now.
    StaleReceiptCompletes,
    /// Every look at the queue is asked twice, so one slot takes two jobs.
    SlotTakenTwice,
    /// A task that was stopped does not give its slot back.
    SlotLeaked,
    /// A draining agent goes without giving its jobs back.
    DrainForgetsLease,
    /// A fault of ours is posted as the learner's failure.
    HostFaultAsFailure,
    /// A job whose last try failed on our side is completed instead of left to die.
    HostFaultCompleted,
    /// A job whose API is away is given back at once, and the next one taken.
    StartTriedOnce,
    /// A look that failed is repeated at once.
    NoPause,
    /// What a job needs is not told to the supervisor.
    NeedsUnheard,
}

impl Mutant {
    /// All of them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        <Self as clap::ValueEnum>::value_variants()
    }
}
