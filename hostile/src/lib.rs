//! The hostile corpus: each case is a folder that says what a learner does and what has to come of it. The runner does
//! it to a real Gradus – API and agent as processes, real Docker, real images – while a neighbour types, and afterwards
//! asks the invariants I1–I9.
//!
//! It knows Gradus from outside: HTTP, sockets, processes, the store's event log. It knows no module of the agent.

pub mod acts;
pub mod case;
pub mod class;
pub mod forging;
pub mod ground;
pub mod invariants;
pub mod knock_out;
pub mod neighbour;
pub mod report;
pub mod run;
pub mod soak;
pub mod watch;
