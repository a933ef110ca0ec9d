//! A job on its way into the queue.

/// What is sent. Owned by whoever sends it, who keeps it until the queue has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Not empty, and of characters that XML can carry: SQS takes no others. At most
    /// [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    pub body: &'a str,
    /// Whose job it is (`institution/course`), for queues that are fair among groups: one group's backlog does not make
    /// another's jobs wait. Nobody gets it back, and a queue may ignore it.
    pub group: Option<&'a str>,
    /// A W3C `traceparent`; whoever leases the job gets it back ([`Lease::trace`](crate::Lease::trace)).
    pub trace: Option<&'a str>,
}

impl<'a> Message<'a> {
    /// A job of no group, followed by nobody.
    #[must_use]
    pub fn of(body: &'a str) -> Self {
        Self { body, group: None, trace: None }
    }
}
