//! Stories about the running API: a real listener, a real queue, real sockets, on both databases.
//!
//! PostgreSQL's half runs when `GRADUS_TEST_POSTGRES` names a server where databases may be made (`make test` sees to
//! it).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that goes wrong should stop where it does"
)]

#[macro_use]
mod support;
mod watching;

mod agents;
mod crowd;
mod disowned;
mod documents;
mod durability;
mod duties;
mod failover;
mod fairness;
mod figures;
mod files;
mod ide;
mod identity;
mod lost;
mod peers;
mod permissions;
mod previews;
mod problems;
mod records;
mod regrade;
mod relay;
mod relay_refusals;
mod relay_workspace;
mod sessions;
mod settings;
mod study;
mod submissions;
mod timeline;
mod traces;
