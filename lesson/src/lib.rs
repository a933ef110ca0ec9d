//! What a lesson is: its manifest, its files and their roles, the bundle they travel in, the reports its tests
//! write, and the verdict that follows.
//!
//! No network, no container, no database: everything here is a function of bytes. It speaks of results and files in
//! the words of `ide-protocol`, so that browser, API and agent cannot disagree on what a verdict is.

mod manifest;

pub use manifest::{Command, Expected, FileSpec, Limits, Manifest, ReportFormat, Submit, Tests};
