//! Brings the database to the shape this build knows, at every start.

use sqlx::migrate::{MigrateError, Migrator};

use super::db::Db;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The embedded queue keeps its own list in the same SQLite file.
const TABLE: &str = "store_migrations";

/// Runs what is missing. Two processes that start together wait for each other.
pub(super) async fn run(db: &Db) -> Result<(), MigrateError> {
    match db {
        Db::Sqlite { writer, .. } => named(&SQLITE).run(writer.pool()).await,
        Db::Postgres(pool) => named(&POSTGRES).run(pool).await,
    }
}

fn named(migrations: &Migrator) -> Migrator {
    let mut named = Migrator::with_migrations(migrations.iter().cloned().collect());
    named.dangerous_set_table_name(TABLE);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_migrations() {
        let list =
            |m: &Migrator| m.iter().map(|m| (m.version, m.description.to_string())).collect::<Vec<_>>();
        assert_eq!(list(&SQLITE), list(&POSTGRES));
        assert!(!list(&SQLITE).is_empty());
    }
}
