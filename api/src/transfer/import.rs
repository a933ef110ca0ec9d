//! File to store.

use std::path::Path;
use std::time::Duration;

use futures_util::TryStreamExt as _;

use super::export::unreadable;
use super::file::{FORMAT, Line, Mark, Reader, Tally};
use super::side::{Side, Table};
use super::{Carried, TransferError, prepare};

/// Rows put in at once, by count and bytes: few round trips, and little in memory.
const ROWS_AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// A server takes a moment to see that a connection is closed, ours too.
const CLOSED_AFTER: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Puts what is in `path` into the store at `url`, which must be empty and of the same schema; all of it, or nothing. What
/// lies there in the end is read again and compared.
///
/// # Errors
/// [`TransferError`] says what is in the way; then the store is as empty as before.
pub async fn import(path: &Path, url: &str) -> Result<Vec<Carried>, TransferError> {
    let mut from = Reader::open(path)?;
    let Mark::Export { format: FORMAT, schema, .. } = from.mark()? else {
        return Err(from.spoilt("it does not begin as an export of this format".to_owned()));
    };
    prepare(url).await?;
    let mut side = Side::connect(url).await?;
    is_left_alone(&mut side).await?;
    side.begin_to_write().await?;
    let ours = side.schema().await?;
    if schema != ours {
        return Err(TransferError::OtherSchema { file: schema, ours });
    }
    let tables = side.tables().await?;
    for table in &tables {
        if !side.is_empty(table).await? {
            return Err(TransferError::NotEmpty(table.name.clone()));
        }
    }
    let mut carried = Vec::new();
    while let Some(table) = begin(&mut from, &tables, &carried)? {
        carried.push(read(&mut from, table, &mut side).await?);
    }
    from.end()?;
    side.go_on_numbering().await?;
    for told in &carried {
        let table = tables.iter().find(|table| table.name == told.table);
        if lies_there(&mut side, table).await?.as_ref() != Some(told) {
            return Err(TransferError::Differs(told.table.clone()));
        }
    }
    side.commit().await?;
    Ok(carried)
}

async fn is_left_alone(side: &mut Side) -> Result<(), TransferError> {
    let wait = async {
        while side.is_in_use().await? {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    };
    tokio::time::timeout(CLOSED_AFTER, wait).await.unwrap_or(Err(TransferError::InUse))
}

/// The table that comes next in the file; none at its end, when all have come.
fn begin<'a>(
    from: &mut Reader,
    tables: &'a [Table],
    carried: &[Carried],
) -> Result<Option<&'a Table>, TransferError> {
    match from.mark()? {
        Mark::Whole { whole: true, tables: told } if told == carried.len() && told == tables.len() => {
            Ok(None)
        }
        Mark::Table { table: name, columns } => {
            let known = tables.iter().find(|table| table.name == name && table.columns == columns);
            let known = known.filter(|_| carried.iter().all(|carried| carried.table != name));
            known.map(Some).ok_or_else(|| from.spoilt(format!("`{name}` is not as in a store of its schema")))
        }
        other => Err(from.spoilt(format!("{other:?} stands where none belongs"))),
    }
}

/// Takes a table's rows into the store, up to its end mark.
async fn read(from: &mut Reader, table: &Table, side: &mut Side) -> Result<Carried, TransferError> {
    let (mut tally, mut batch, mut count) = (Tally::default(), String::new(), 0);
    loop {
        let line = from.next()?;
        let row = match &line {
            Line::Row(row) => Some(tally.take(row).map_err(|why| from.spoilt(why.to_string()))?),
            Line::Mark(_) => None,
        };
        if let Some(row) = &row {
            batch.push_str(if count == 0 { "[" } else { "," });
            batch.push_str(row.trim_end());
            count += 1;
        }
        let full = count >= ROWS_AT_ONCE || batch.len() >= BYTES_AT_ONCE;
        if count > 0 && (full || row.is_none()) {
            batch.push(']');
            side.put(table, std::mem::take(&mut batch)).await?;
            count = 0;
        }
        if let Line::Mark(mark) = line {
            let carried = tally.end(&table.name);
            let told =
                Mark::End { end: carried.table.clone(), rows: carried.rows, sha256: carried.sha256.clone() };
            return if mark == told {
                Ok(carried)
            } else {
                Err(from.spoilt(format!("the rows of `{}` are not those that were written", table.name)))
            };
        }
    }
}

async fn lies_there(side: &mut Side, table: Option<&Table>) -> Result<Option<Carried>, TransferError> {
    let Some(table) = table else { return Ok(None) };
    let mut tally = Tally::default();
    let mut rows = side.rows(table);
    while let Some(row) = rows.try_next().await? {
        tally.take(&row).map_err(unreadable)?;
    }
    Ok(Some(tally.end(&table.name)))
}
