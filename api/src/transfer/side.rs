//! One of the two databases, by what its catalogue says. The only place where SQL is put together at run time: of names that
//! the database itself has given, in quotes.

use std::str::FromStr as _;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection, SqliteConnection};

use super::{NUMBERED_ANEW, STAYS_BEHIND, TransferError};
use crate::store::APPLICATION;

pub(super) enum Side {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A table and its columns, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub name: String,
    pub columns: Vec<String>,
    bytes: Vec<String>,
    order: String,
}

const SQLITE_TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";
const POSTGRES_TABLES: &str = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";

/// Of one table: name, kind, and place in the primary key (0: none).
const SQLITE_COLUMNS: &str = "SELECT name, lower(type), pk FROM pragma_table_info($1)";
const POSTGRES_COLUMNS: &str =
    "SELECT c.column_name::text, c.data_type::text, COALESCE(k.ordinal_position, 0)::bigint FROM information_schema.columns c
     LEFT JOIN (information_schema.key_column_usage k JOIN information_schema.table_constraints t
         ON t.constraint_name = k.constraint_name AND t.table_schema = k.table_schema AND t.table_name = k.table_name
           AND t.constraint_type = 'PRIMARY KEY')
       ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
     WHERE c.table_schema = current_schema() AND c.table_name = $1";

/// Of all tables: who refers to whom.
const SQLITE_REFERENCES: &str = "SELECT m.name, f.\"table\" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
const POSTGRES_REFERENCES: &str =
    "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint c
     WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace";

impl Side {
    pub(super) async fn connect(url: &str) -> Result<Self, sqlx::Error> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let options = SqliteConnectOptions::new().filename(path).foreign_keys(true);
            return Ok(Self::Sqlite(options.connect().await?));
        }
        let options = PgConnectOptions::from_str(url)?.application_name("gradus transfer");
        Ok(Self::Postgres(options.connect().await?))
    }

    /// One view of everything, whatever others write meanwhile; nothing can be changed.
    pub(super) async fn begin_to_read(&mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => {
                connection.execute("PRAGMA query_only = 1").await?;
                connection.execute("BEGIN").await.map(drop)
            }
            Self::Postgres(connection) => {
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map(drop)
            }
        }
    }

    pub(super) async fn begin_to_write(&mut self) -> Result<(), sqlx::Error> {
        self.run(if self.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" }.to_owned(), None).await
    }

    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.run("COMMIT".to_owned(), None).await
    }

    /// The newest migration that was run here.
    pub(super) async fn schema(&mut self) -> Result<i64, sqlx::Error> {
        self.number("SELECT CAST(MAX(version) AS BIGINT) FROM store_migrations".to_owned()).await
    }

    /// Whether a Gradus is connected. (Of SQLite, a lock on the folder says so.)
    pub(super) async fn is_in_use(&mut self) -> Result<bool, sqlx::Error> {
        if self.is_sqlite() {
            return Ok(false);
        }
        let sql = format!(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{APPLICATION}'"
        );
        Ok(self.number(sql).await? > 0)
    }

    /// Every table that goes along; who is referred to comes before who refers.
    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        let mut names: Vec<String> = match self {
            Self::Sqlite(connection) => sqlx::query_scalar(SQLITE_TABLES).fetch_all(connection).await?,
            Self::Postgres(connection) => sqlx::query_scalar(POSTGRES_TABLES).fetch_all(connection).await?,
        };
        names.retain(|name| {
            STAYS_BEHIND.iter().all(|(table, _)| name != table) && !name.ends_with("_migrations")
        });
        names.sort();
        let references: Vec<(String, String)> = match self {
            Self::Sqlite(connection) => sqlx::query_as(SQLITE_REFERENCES).fetch_all(connection).await?,
            Self::Postgres(connection) => sqlx::query_as(POSTGRES_REFERENCES).fetch_all(connection).await?,
        };
        let mut tables = Vec::new();
        for name in in_order(names, &references) {
            tables.push(self.table(name).await?);
        }
        Ok(tables)
    }

    async fn table(&mut self, name: String) -> Result<Table, sqlx::Error> {
        let mut all: Vec<(String, String, i64)> = match self {
            Self::Sqlite(connection) => {
                sqlx::query_as(SQLITE_COLUMNS).bind(&name).fetch_all(connection).await?
            }
            Self::Postgres(connection) => {
                sqlx::query_as(POSTGRES_COLUMNS).bind(&name).fetch_all(connection).await?
            }
        };
        all.retain(|(column, ..)| !NUMBERED_ANEW.contains(&(name.as_str(), column.as_str())));
        all.sort();
        let bytes = all.iter().filter(|(_, kind, _)| matches!(kind.as_str(), "blob" | "bytea"));
        let bytes = bytes.map(|(column, ..)| column.clone()).collect();
        let order = self.order(&name, &all);
        Ok(Table { name, columns: all.into_iter().map(|(column, ..)| column).collect(), bytes, order })
    }

    /// The same on both databases: by the primary key, byte by byte.
    fn order(&self, table: &str, columns: &[(String, String, i64)]) -> String {
        if table == "events" {
            return if self.is_sqlite() { "seq" } else { "turn, seq" }.to_owned();
        }
        let mut key: Vec<_> = columns.iter().filter(|(.., place)| *place > 0).collect();
        key.sort_by_key(|(.., place)| *place);
        let by = |(column, kind, _): &&(String, String, i64)| match kind.as_str() {
            "text" if !self.is_sqlite() => format!("\"{column}\" COLLATE \"C\""),
            _ => format!("\"{column}\""),
        };
        key.iter().map(by).collect::<Vec<_>>().join(", ")
    }

    /// Each row as a JSON object; bytes as PostgreSQL writes them, `\x…`.
    pub(super) fn rows<'a>(&'a mut self, table: &Table) -> BoxStream<'a, Result<String, sqlx::Error>> {
        let sqlite = self.is_sqlite();
        let value = |column: &String| match table.bytes.contains(column) {
            true if sqlite => format!("'{column}', '\\x' || lower(hex(\"{column}\"))"),
            true => format!("'{column}', '\\x' || encode(\"{column}\", 'hex')"),
            false => format!("'{column}', \"{column}\""),
        };
        let values = table.columns.iter().map(value).collect::<Vec<_>>().join(", ");
        let Table { name, order, .. } = table;
        match self {
            Self::Sqlite(connection) => {
                let sql = format!("SELECT json_object({values}) FROM \"{name}\" ORDER BY {order}");
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch(connection).boxed()
            }
            Self::Postgres(connection) => {
                let sql =
                    format!("SELECT json_build_object({values})::text FROM \"{name}\" ORDER BY {order}");
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch(connection).boxed()
            }
        }
    }

    pub(super) async fn is_empty(&mut self, table: &Table) -> Result<bool, sqlx::Error> {
        Ok(self.rows(table).try_next().await?.is_none())
    }

    /// Puts rows in, given as a JSON array of what [`rows`](Self::rows) gives.
    pub(super) async fn put(&mut self, table: &Table, rows: String) -> Result<(), sqlx::Error> {
        let columns =
            table.columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        let name = &table.name;
        let sql = if self.is_sqlite() {
            let value = |column: &String| match table.bytes.contains(column) {
                true => format!("unhex(substr(value ->> '{column}', 3))"),
                false => format!("value ->> '{column}'"),
            };
            let values = table.columns.iter().map(value).collect::<Vec<_>>().join(", ");
            format!("INSERT INTO \"{name}\" ({columns}) SELECT {values} FROM json_each($1) ORDER BY key")
        } else {
            format!(
                "INSERT INTO \"{name}\" ({columns}) OVERRIDING SYSTEM VALUE
                 SELECT {columns} FROM json_populate_recordset(NULL::\"{name}\", $1::json)"
            )
        };
        self.run(sql, Some(rows)).await
    }

    /// Messages are numbered above every number that jobs remember, sent or not.
    pub(super) async fn go_on_numbering(&mut self) -> Result<(), sqlx::Error> {
        let newest = "SELECT MAX(n) FROM (SELECT MAX(id) AS n FROM outbox UNION ALL SELECT MAX(message) FROM jobs) numbers";
        let sql = if self.is_sqlite() {
            self.run("DELETE FROM sqlite_sequence WHERE name = 'outbox'".to_owned(), None).await?;
            format!("INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox', COALESCE(({newest}), 0)")
        } else {
            format!(
                "SELECT setval(pg_get_serial_sequence('outbox', 'id'), COALESCE(({newest}), 0) + 1, false)"
            )
        };
        self.run(sql, None).await
    }

    fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    async fn run(&mut self, sql: String, value: Option<String>) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => {
                let query = sqlx::query(AssertSqlSafe(sql));
                let query = if let Some(value) = value { query.bind(value) } else { query };
                query.execute(connection).await.map(drop)
            }
            Self::Postgres(connection) => {
                let query = sqlx::query(AssertSqlSafe(sql));
                let query = if let Some(value) = value { query.bind(value) } else { query };
                query.execute(connection).await.map(drop)
            }
        }
    }

    async fn number(&mut self, sql: String) -> Result<i64, sqlx::Error> {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await,
        }
    }
}

/// `names` so that nobody comes before those it refers to.
fn in_order(names: Vec<String>, references: &[(String, String)]) -> Vec<String> {
    let mut waiting = names;
    let mut placed: Vec<String> = Vec::new();
    while !waiting.is_empty() {
        let ready = |name: &String| {
            let mut refers_to = references.iter().filter(|(from, to)| from == name && to != name);
            refers_to.all(|(_, to)| !waiting.contains(to))
        };
        // Where tables refer to each other in a circle, the database will say what it thinks of that.
        let next = waiting.iter().position(ready).unwrap_or(0);
        placed.push(waiting.remove(next));
    }
    placed
}
