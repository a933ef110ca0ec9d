//! The file: lines, compressed as one zstd stream. Rows are JSON objects, everything else begins with `#`.
//!
//! ```text
//! #{"gradus":"export","format":1,"schema":18}
//! #{"table":"accounts","columns":["created_at","id",…]}
//! {"created_at":1,"id":"…",…}
//! #{"end":"accounts","rows":1,"sha256":"…"}
//! #{"whole":true,"tables":19}
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Carried, TransferError, at};
use crate::secrets::hex;

pub(super) const FORMAT: u32 = 1;

/// zstd's own default: rows are text, and a laptop writes some 100 MiB/s at it.
const COMPRESSION: i32 = 3;

/// Bytes of one line: a row, of which a lesson's bundle in hex is the largest.
const MAX_LINE_BYTES: u64 = 512 * 1024 * 1024;

/// What is no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Mark {
    Export { gradus: String, format: u32, schema: i64 },
    Table { table: String, columns: Vec<String> },
    End { end: String, rows: u64, sha256: String },
    Whole { whole: bool, tables: usize },
}

/// Counts and hashes rows, in a form that does not depend on who wrote them.
#[derive(Default)]
pub(super) struct Tally {
    rows: u64,
    hash: Sha256,
}

impl Tally {
    /// Takes a row; gives it back with its fields in order and no spaces.
    pub(super) fn take(&mut self, row: &str) -> Result<String, serde_json::Error> {
        let fields: BTreeMap<String, Value> = serde_json::from_str(row)?;
        let mut line = serde_json::to_string(&fields)?;
        line.push('\n');
        self.rows += 1;
        self.hash.update(&line);
        Ok(line)
    }

    pub(super) fn end(self, table: &str) -> Carried {
        Carried { table: table.to_owned(), rows: self.rows, sha256: hex(&self.hash.finalize()) }
    }
}

/// Writes beside the name it will have; only a whole file gets that.
pub(super) struct Writer {
    to: zstd::Encoder<'static, BufWriter<File>>,
    beside: PathBuf,
    path: PathBuf,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self, TransferError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        // For this user alone: hashes of passwords and everybody's work are in it.
        let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside);
        let to = file.and_then(|file| zstd::Encoder::new(BufWriter::new(file), COMPRESSION));
        let mut to = to.map_err(at(&beside))?;
        to.include_checksum(true).map_err(at(&beside))?;
        Ok(Self { to, beside, path: path.to_owned() })
    }

    pub(super) fn line(&mut self, line: &str) -> Result<(), TransferError> {
        self.to.write_all(line.as_bytes()).map_err(at(&self.beside))
    }

    pub(super) fn mark(&mut self, mark: &Mark) -> Result<(), TransferError> {
        let text = serde_json::to_string(mark).map_err(|why| at(&self.beside)(why.into()))?;
        self.line(&format!("#{text}\n"))
    }

    pub(super) fn finish(self) -> Result<(), TransferError> {
        let at = at(&self.beside);
        let buffer = self.to.finish().map_err(&at)?;
        let file = buffer.into_inner().map_err(|why| at(why.into_error()))?;
        file.sync_all().map_err(&at)?;
        std::fs::rename(&self.beside, &self.path).map_err(&at)
    }
}

pub(super) enum Line {
    Row(String),
    Mark(Mark),
}

pub(super) struct Reader {
    from: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    path: PathBuf,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, TransferError> {
        let file = File::open(path).map_err(at(path))?;
        let decoder = zstd::Decoder::new(file).map_err(at(path))?;
        Ok(Self { from: BufReader::new(decoder), path: path.to_owned() })
    }

    /// The next line; there always is one before the end, or the file is not whole.
    pub(super) fn next(&mut self) -> Result<Line, TransferError> {
        let mut line = String::new();
        let read = (&mut self.from).take(MAX_LINE_BYTES).read_line(&mut line);
        read.map_err(|why| self.spoilt(why.to_string()))?;
        if !line.ends_with('\n') {
            return Err(self.spoilt("it ends too early".to_owned()));
        }
        match line.strip_prefix('#') {
            None => Ok(Line::Row(line)),
            Some(mark) => {
                let mark = serde_json::from_str(mark);
                mark.map(Line::Mark).map_err(|why| self.spoilt(why.to_string()))
            }
        }
    }

    pub(super) fn mark(&mut self) -> Result<Mark, TransferError> {
        match self.next()? {
            Line::Mark(mark) => Ok(mark),
            Line::Row(_) => Err(self.spoilt("a row stands where none belongs".to_owned())),
        }
    }

    /// Behind the last line nothing comes, and the stream's own checksum is right.
    pub(super) fn end(&mut self) -> Result<(), TransferError> {
        let mut more = Vec::new();
        let read = (&mut self.from).take(1).read_to_end(&mut more);
        match read {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.spoilt("something follows its end".to_owned())),
            Err(why) => Err(self.spoilt(why.to_string())),
        }
    }

    pub(super) fn spoilt(&self, why: String) -> TransferError {
        TransferError::Spoilt(self.path.clone(), why)
    }
}
