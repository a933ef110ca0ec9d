//! What a lesson is: its manifest, its files and their roles, the bundle they travel in, the reports its tests
//! write, and the verdict that follows.
//!
//! No network, no container, no database: everything here is a function of bytes. It speaks of results and files in
//! the words of `ide-protocol`, so that browser, API and agent cannot disagree on what a verdict is.
//!
//! | a reader wants | and asks |
//! |---|---|
//! | a lesson from an author's folder, or all that is wrong with it | [`Lesson::from_dir`] |
//! | where a visible test is written | [`test_sources`] |
//! | what goes into a container | [`Lesson::session_files`], [`Lesson::grading_files`] |
//! |   – when the tests run outside | [`Lesson::program_files`], [`Lesson::judge_files`] |
//! | a lesson as one named piece of bytes, and back | [`pack`], [`unpack`] |
//! | what names a hand-in, whoever graded it | [`work_digest`] |
//! | what a test runner wrote | [`ReportReader`] |
//! | what that comes to | [`judge`], [`explain`], and in words [`sentence`] |
//! | what learners are shown of it | [`conceal`] |

pub mod bounds;
mod bundle;
mod digest;
mod finding;
mod folder;
mod glob;
mod judge;
mod lesson;
mod manifest;
pub mod needs;
pub mod outside;
mod report;
mod room;
mod source;
pub mod stand_ins;
mod test_sources;
pub mod text;
mod validate;
mod words;

pub use bundle::{Bundle, BundleError, pack, unpack};
pub use digest::{digest_of, work_digest};
pub use finding::{Finding, LoadError};
pub use judge::{RunRecord, Scope, conceal, explain, judge};
pub use lesson::{Lesson, LessonFile};
pub use manifest::{
    Command, Expected, FileSpec, HiddenShows, JudgePlace, Limits, Manifest, Preview, ReportFormat,
    SolutionRule, Submit, Tests, TheorySpec, WorkspaceRules,
};
pub use needs::Needs;
pub use report::{Report, ReportError, ReportProblem, ReportReader};
pub use test_sources::{TestPlace, TestSource, test_sources};
pub use words::{ending_sentence, sentence};
