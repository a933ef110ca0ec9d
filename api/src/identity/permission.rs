//! The one place that decides what a role may do beside its own work.

use ide_protocol::rest::Role;

/// What not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Read what others handed in, and its verdict.
    ReadSubmissions,
    /// Read the solution of a lesson before having solved it.
    ReadSolutions,
    /// Look on in somebody's session, without typing.
    WatchSessions,
    /// End somebody's session.
    EndSessions,
}

/// Whether accounts of `role` may do `action` to other people's objects. With their own, everybody may do what a
/// learner may.
pub(crate) fn may(role: Role, action: Action) -> bool {
    match action {
        Action::ReadSubmissions | Action::WatchSessions => matches!(role, Role::Grader | Role::Admin),
        Action::ReadSolutions => matches!(role, Role::Author | Role::Grader | Role::Admin),
        Action::EndSessions => matches!(role, Role::Admin),
    }
}
