//! The eval host's daemon: takes jobs from a queue, runs learners' containers through Docker, grades hand-ins and
//! carries live sessions. It never listens on the network, holds no database credentials and keeps no truth: pull the
//! plug, and another agent resumes from the queue and the API.
//!
//! | to know | read |
//! |---|---|
//! | what it does next, and why | [`supervisor`], a function of events |
//! | what a learner's container may do | [`sandbox`], the one place that says |
//! | whether that holds on a host | [`proof`], which tries it |
//! | on what kind of host | [`host`], its versions and their floors |
//! | how a container comes and goes | [`container`], [`pool`], [`freezer`], [`reaper`] |
//! |   – without the engine | [`dense`] |
//! | how a hand-in is graded | [`grading`] |
//! |   – without an agent around it | [`local`] |
//! | how the host is checked, and what follows | [`canary`], [`supervisor`] |
//! | how a live session works | [`session`], a function of events and its driver |

mod agent;
mod apart;
mod api;
mod books;
mod canary;
mod cgroup;
mod clock;
mod config;
pub mod container;
pub mod control;
mod dense;
pub mod docker;
mod flowing;
mod freezer;
pub mod grading;
mod guest_link;
pub mod host;
mod lessons;
pub mod local;
mod metrics;
pub mod permits;
mod pool;
pub mod proof;
mod reaper;
mod recorder;
pub mod retry;
mod root_inside;
mod run_dir;
mod sandbox;
mod services;
mod session;
mod steps;
pub mod supervisor;
pub mod uids;
mod zygotes;

pub use agent::run;
pub use canary::{HostNotice, read_notice};
pub use config::{Config, WarmImage};
pub use host::{HostError, HostFacts};
pub use metrics::Metrics;
pub use permits::{Ceilings, Need, Permit, Permits};
pub use pool::{Expected, NotExpected};
pub use run_dir::CALL_FILE;
pub use sandbox::{Control, NoSuchControl};
pub use uids::{LEARNER_UID_OFFSET, UIDS_PER_AGENT};
