use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use tempfile::TempDir;
use tokio::join;

use super::*;

/// A file with one table, its writer, and somebody else who reads it.
struct World {
    writer: Writer,
    reader: SqlitePool,
    _dir: TempDir,
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(dir.path().join("world.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true);
    let pool = |size| SqlitePoolOptions::new().max_connections(size);
    let writer = pool(1).connect_with(options.clone()).await.unwrap();
    // A number without its parent is noticed when everything is committed, not before.
    sqlx::raw_sql(
        "CREATE TABLE numbers (number INTEGER PRIMARY KEY,
           parent INTEGER REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED)",
    )
    .execute(&writer)
    .await
    .unwrap();
    let reader = pool(1).connect_with(options).await.unwrap();
    World { writer: Writer::new(writer, Duration::from_secs(5)), reader, _dir: dir }
}

impl World {
    async fn add(&self, number: i64, parent: Option<i64>) -> Unit {
        let mut unit = self.writer.begin().await.unwrap();
        let sql =
            sqlx::query("INSERT INTO numbers (number, parent) VALUES ($1, $2)").bind(number).bind(parent);
        sql.execute(unit.connection().unwrap()).await.unwrap();
        unit
    }

    /// What somebody else sees.
    async fn seen(&self) -> Vec<i64> {
        let sql = sqlx::query_scalar("SELECT number FROM numbers ORDER BY number");
        sql.fetch_all(&self.reader).await.unwrap()
    }

    async fn add_and_see(&self, number: i64) {
        self.add(number, None).await.commit().await.unwrap();
        assert!(self.seen().await.contains(&number), "{number} was answered before it was there");
    }
}

#[tokio::test]
async fn who_is_answered_is_stored_and_who_gives_up_leaves_the_others_alone() {
    let world = world().await;
    join!(world.add_and_see(1), async { drop(world.add(2, None).await) }, world.add_and_see(3), async {
        drop(world.add(4, None).await)
    },);
    assert_eq!(world.seen().await, [1, 3]);
    world.add_and_see(5).await;
}

#[tokio::test]
async fn a_change_that_fails_fails_alone() {
    let world = world().await;
    world.add_and_see(1).await;
    let taken = async {
        let mut unit = world.writer.begin().await.unwrap();
        let sql = sqlx::query("INSERT INTO numbers (number) VALUES (1)");
        assert!(sql.execute(unit.connection().unwrap()).await.is_err());
    };
    join!(world.add_and_see(2), taken, world.add_and_see(3));
    assert_eq!(world.seen().await, [1, 2, 3]);
}

#[tokio::test]
async fn what_could_not_be_made_durable_is_nobodys() {
    let world = world().await;
    let try_add = async |number, parent| world.add(number, parent).await.commit().await.is_ok();
    let (first, orphan, third) = join!(try_add(1, None), try_add(2, Some(99)), try_add(3, None));
    assert!(!orphan);
    // Whoever shared its commit is told so; whoever did not is there.
    let told: Vec<i64> = [(1, first), (3, third)].into_iter().filter(|(_, ok)| *ok).map(|(n, _)| n).collect();
    assert_eq!(world.seen().await, told);
    assert!(!first, "the first opened the transaction while the others waited: it is shared");
    world.add_and_see(5).await;
}
