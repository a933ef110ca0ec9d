//! Terminals: who they are and how they end.

use serde::{Deserialize, Serialize};

/// Names a terminal within its session; never used twice there.
pub type TerminalId = u32;

/// Width and height in character cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct TerminalSize {
    pub columns: u16,
    pub rows: u16,
}

impl TerminalSize {
    /// Smallest and largest size a program is ever told; a browser's 0×0 or 65535² becomes one of these.
    pub const MIN: Self = Self { columns: 2, rows: 1 };
    pub const MAX: Self = Self { columns: 500, rows: 300 };

    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            columns: self.columns.clamp(Self::MIN.columns, Self::MAX.columns),
            rows: self.rows.clamp(Self::MIN.rows, Self::MAX.rows),
        }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum ExitStatus {
    Exited { code: i32 },
    Signaled { signal: i32 },
}

/// A terminal as a newcomer to the session needs to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct TerminalInfo {
    pub terminal: TerminalId,
    pub size: TerminalSize,
    /// Bytes the terminal has put out since it was opened.
    pub output_offset: u64,
    /// Set once its program has ended; its last output can still be read.
    pub exited: Option<ExitStatus>,
}
