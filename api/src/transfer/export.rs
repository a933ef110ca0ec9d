//! Store to file.

use std::path::Path;

use futures_util::TryStreamExt as _;

use super::file::{FORMAT, Mark, Tally, Writer};
use super::side::{Side, Table};
use super::{Carried, TransferError, prepare};

/// Writes everything the store at `url` holds into `path`, as it is at one moment. Others may go on working.
///
/// # Errors
/// [`TransferError`] says what is in the way; then there is no such file.
pub async fn export(url: &str, path: &Path) -> Result<Vec<Carried>, TransferError> {
    prepare(url).await?;
    let mut side = Side::connect(url).await?;
    side.begin_to_read().await?;
    let mut to = Writer::create(path)?;
    let schema = side.schema().await?;
    to.mark(&Mark::Export { gradus: "export".to_owned(), format: FORMAT, schema })?;
    let mut carried = Vec::new();
    for table in side.tables().await? {
        to.mark(&Mark::Table { table: table.name.clone(), columns: table.columns.clone() })?;
        let Carried { table: end, rows, sha256 } = write(&mut side, &table, &mut to).await?;
        to.mark(&Mark::End { end: end.clone(), rows, sha256: sha256.clone() })?;
        carried.push(Carried { table: end, rows, sha256 });
    }
    to.mark(&Mark::Whole { whole: true, tables: carried.len() })?;
    to.finish()?;
    Ok(carried)
}

/// Row by row: what is held in memory is one row and what is on its way.
async fn write(side: &mut Side, table: &Table, to: &mut Writer) -> Result<Carried, TransferError> {
    let mut tally = Tally::default();
    let mut rows = side.rows(table);
    while let Some(row) = rows.try_next().await? {
        to.line(&tally.take(&row).map_err(unreadable)?)?;
    }
    Ok(tally.end(&table.name))
}

pub(super) fn unreadable(why: serde_json::Error) -> TransferError {
    TransferError::Database(sqlx::Error::Decode(Box::new(why)))
}
