//! What is asked of the program's side, and how a command ended.

use serde::{Deserialize, Serialize};

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    Run(Command),
    /// Connect to this port of the program's own machine.
    Connect {
        port: u16,
    },
    /// Say so once somebody takes connections there.
    Await {
        port: u16,
    },
}

/// A command to run beside the learner's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Program and arguments. A program with a slash is a path from `folder`, any other is looked up.
    pub argv: Vec<String>,
    /// What the test set, on top of what every program there has.
    pub environment: Vec<(String, String)>,
    /// Where it starts; absolute.
    pub folder: String,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Ended {
    Exited { code: i32 },
    Signaled { signal: i32 },
}

/// A file or folder that goes along with a command, or comes back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHead {
    /// Absolute; below [`SCRATCH`].
    pub path: String,
    pub folder: bool,
    /// Bytes that follow; 0 for a folder.
    pub size: u64,
}

/// The one place whose files travel. What a test makes for a program lies here; the lesson's own files and its tests do
/// not, and nothing that a learner's program writes may come to lie beside them.
pub const SCRATCH: &str = "/tmp";
