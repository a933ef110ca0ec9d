//! Brings the database to the shape this build knows, at every start, while others work on it.
//!
//! From 0011 on a migration only adds (`tests` below read them): a process of the build before goes on working on the new
//! shape, and may even start on it. Taking away is for a later build, which says so in `store_facts.oldest_schema`.

use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool, SqlitePool};

use super::StoreError;
use super::db::{Db, args};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The embedded queue keeps its own list in the same SQLite file.
const TABLE: &str = "store_migrations";

/// Who migrates a PostgreSQL database holds this advisory lock ("gradus" in ASCII).
const LOCK: i64 = 0x6772_6164_7573;

/// How often a process that starts beside another one looks whether that is done migrating. It must not wait in the
/// database: an index made beside writers waits for every statement that is older, this one too.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What a migration waits for a table in use. Everybody who wants the table queues behind it meanwhile.
const TABLE_PATIENCE: &str = "SET lock_timeout = '2s'";

/// An index made beside writers waits for whoever was there before it, and keeps nobody waiting.
const NO_HURRY: &str = "SET lock_timeout = 0";

/// Between two tries to get a table, so that those who queued behind the last one are through.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// Tries before the start fails: a backup or an export may hold the tables for minutes.
const TRIES: u32 = 200;

/// SQLSTATE `lock_not_available`.
const LOCK_TIMED_OUT: &str = "55P03";

/// Runs what is missing. Processes that start together wait for each other.
pub(super) async fn run(db: &Db) -> Result<(), StoreError> {
    match db {
        Db::Sqlite { writer, .. } => sqlite(writer.pool()).await?,
        Db::Postgres(server) => postgres(server.pool()).await?,
    }
    let known = SQLITE.iter().map(|migration| migration.version).max().unwrap_or(0);
    let sql = "SELECT number FROM store_facts WHERE name = 'oldest_schema' AND number > $1";
    match db.one::<(i64,)>(sql, args![known]).await? {
        None => Ok(()),
        Some((needed,)) => Err(StoreError::TooNew { needed, known }),
    }
}

/// All in one transaction, which is the lock as well.
async fn sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    tx.ensure_migrations_table(TABLE).await?;
    while let Some(next) = missing(&mut *tx, &SQLITE).await? {
        tx.apply(TABLE, next).await?;
    }
    Ok(tx.commit().await?)
}

/// On a connection of its own: the lock ends with it, whatever becomes of this process.
async fn postgres(pool: &PgPool) -> Result<(), StoreError> {
    let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
    while !sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut connection)
        .await?
    {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let migrated = migrate_patiently(&mut connection).await;
    connection.close().await?;
    migrated
}

/// One migration at a time, each as long as it takes to get at its tables.
async fn migrate_patiently(connection: &mut PgConnection) -> Result<(), StoreError> {
    connection.execute("SET statement_timeout = 0").await?;
    connection.ensure_migrations_table(TABLE).await?;
    let mut tries = 0;
    while let Some(next) = missing(connection, &POSTGRES).await? {
        if next.no_tx {
            remove_half_made_indexes(connection).await?;
        }
        connection.execute(if next.no_tx { NO_HURRY } else { TABLE_PATIENCE }).await?;
        match connection.apply(TABLE, next).await {
            Err(why) if timed_out(&why) && tries < TRIES => {
                tries += 1;
                tracing::info!(error = %why, "a table is in use; the migration tries again");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            done => drop(done?),
        }
    }
    Ok(())
}

/// The first migration that was not run here. Those that were must be those that this build knows.
async fn missing(
    connection: &mut impl Migrate,
    known: &'static Migrator,
) -> Result<Option<&'static Migration>, MigrateError> {
    let applied = connection.list_applied_migrations(TABLE).await?;
    for known in known.iter() {
        match applied.iter().find(|applied| applied.version == known.version) {
            None => return Ok(Some(known)),
            Some(applied) if applied.checksum != known.checksum => {
                return Err(MigrateError::VersionMismatch(known.version));
            }
            Some(_) => {}
        }
    }
    Ok(None)
}

fn timed_out(why: &MigrateError) -> bool {
    let MigrateError::ExecuteMigration(sqlx::Error::Database(why), _) = why else { return false };
    why.code().as_deref() == Some(LOCK_TIMED_OUT)
}

/// An index that was being made beside writers when its process died is there, of no use, and costs each of them.
async fn remove_half_made_indexes(connection: &mut PgConnection) -> Result<(), StoreError> {
    connection
        .execute(
            "DO $$ DECLARE half_made regclass; BEGIN
               FOR half_made IN SELECT c.oid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                 WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
               LOOP EXECUTE format('DROP INDEX %s', half_made); END LOOP;
             END $$",
        )
        .await?;
    Ok(())
}

#[cfg(test)]
pub(super) mod tests;
