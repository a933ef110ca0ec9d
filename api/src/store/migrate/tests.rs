//! Databases of every earlier build are brought to this one, with what is in them.

mod expand_only;
mod rows;

use ide_protocol::files::WorkspacePath;
use ide_protocol::rest::SubmissionState;
use ide_protocol::settings::SettingValue;
use tempfile::TempDir;

use super::*;
use crate::store::Store;
use crate::store::log::LogPosition;
use crate::store::test_database::{Backend, Database};

const BOTH: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

fn versions(migrations: &Migrator) -> Vec<i64> {
    migrations.iter().map(|migration| migration.version).collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let list = |m: &Migrator| m.iter().map(|m| (m.version, m.description.to_string())).collect::<Vec<_>>();
    assert_eq!(list(&SQLITE), list(&POSTGRES));
    assert!(!list(&SQLITE).is_empty());
}

async fn database(backend: Backend) -> Option<(Database, TempDir)> {
    let dir = tempfile::tempdir().unwrap();
    Some((Database::new(backend, dir.path()).await?, dir))
}

/// As a build left it that knew the migrations up to `version`.
pub(crate) async fn of_version(url: &str, version: i64) {
    let db = Db::open(url, 2).await.unwrap();
    match &db {
        Db::Sqlite { writer, .. } => {
            up_to(version, &SQLITE, &mut *writer.pool().acquire().await.unwrap()).await
        }
        Db::Postgres(server) => {
            up_to(version, &POSTGRES, &mut *server.pool().acquire().await.unwrap()).await;
        }
    }
    let mut tx = db.begin().await.unwrap();
    for (digest, bytes) in rows::CONTENTS {
        let sql = "INSERT INTO blobs (digest, bytes, touched_at) VALUES ($1, $2, 1)";
        tx.run(sql, args![digest, bytes]).await.unwrap();
    }
    let sql = "INSERT INTO lesson_versions (digest, slug, bundle, published_at) VALUES ($1, 'greet', $2, 1)";
    tx.run(sql, args![rows::BUNDLE.0, rows::BUNDLE.1]).await.unwrap();
    for (_, statements) in rows::ROWS.iter().filter(|(since, _)| *since <= version) {
        for sql in *statements {
            tx.run(sql, &[]).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    db.close().await;
}

async fn up_to(version: i64, known: &'static Migrator, connection: &mut impl Migrate) {
    connection.ensure_migrations_table(TABLE).await.unwrap();
    for migration in known.iter().filter(|migration| migration.version <= version) {
        connection.apply(TABLE, migration).await.unwrap();
    }
}

async fn is_whole(store: &Store, version: i64) {
    let ada = store.account_by_name("ada").await.unwrap().unwrap();
    assert_eq!(ada.id, rows::ADA);
    assert_eq!(store.caller_by_login("login", 5).await.unwrap().unwrap().id, ada.id);
    assert_eq!(store.bundle("l1").await.unwrap().as_deref(), Some(rows::BUNDLE.1));
    assert_eq!(store.lessons(ada.id).await.unwrap().len(), 1);
    let mut files = store.files(rows::WORKSPACE).await.unwrap();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let files: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.content.as_bytes(), f.executable)).collect();
    assert_eq!(files, [("README.md", rows::CONTENTS[0].1, false), ("main.py", rows::CONTENTS[2].1, true)]);
    let graded = store.submission(rows::GRADED).await.unwrap().unwrap().submission;
    assert!(matches!(&graded.state, SubmissionState::Graded { verdict, .. } if verdict.output == "hello"));
    assert_eq!(store.record(rows::GRADED).await.unwrap().unwrap().attempts.len(), 1);
    let queued = store.submission(rows::QUEUED).await.unwrap().unwrap().submission;
    assert_eq!(queued.state, SubmissionState::Queued { ahead: 0, failed_attempts: 0 });
    assert!(store.session(rows::SESSION).await.unwrap().unwrap().is_live());
    assert_eq!(store.outbox(10).await.unwrap().len(), 1);
    store.place_what_others_sent().await.unwrap();
    assert_eq!(store.unfinished_gradings("grading", 10).await.unwrap().len(), 1);
    history_is_whole(store, version).await;
    log_is_whole(store).await;
    let theme = store.settings_of(ada.id).await.unwrap().remove("theme");
    assert_eq!(theme, (version >= 4).then(|| SettingValue::Text("dark".to_owned())));
    assert_eq!(store.standing(ada.id, "greet").await.unwrap().hints_shown, if version >= 6 { 2 } else { 0 });
    let floor =
        store.db.one::<(i64,)>("SELECT revision_floor FROM workspaces", &[]).await.unwrap().unwrap().0;
    assert_eq!(floor, if version >= 2 { 7 } else { 0 });
}

/// Migration 0003 gives back what earlier builds had forgotten of files that are still there.
async fn history_is_whole(store: &Store, version: i64) {
    let kept = store.revisions_kept(rows::WORKSPACE).await.unwrap();
    assert_eq!(kept, if version < 3 { 4 } else { 3 });
    assert_eq!(store.timeline(rows::WORKSPACE, None).await.unwrap().forgotten, version < 3);
    let path = WorkspacePath::new("main.py".to_owned()).unwrap();
    let then = store.past_file(rows::WORKSPACE, crate::store::Past::Save(2), &path).await.unwrap();
    assert!(format!("{then:?}").contains("print(1)"), "{then:?}");
}

/// In the order in which it was written, and goes on behind it.
async fn log_is_whole(store: &Store) {
    let log = store.events_after(LogPosition::BEGINNING, 100).await.unwrap();
    let kinds: Vec<_> = log.iter().map(|(_, event)| event.kind.as_str()).collect();
    assert_eq!(kinds, ["workspace_created", "file_saved", "submitted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_every_earlier_build_is_read_by_this_one() {
    for backend in BOTH {
        for version in versions(&SQLITE) {
            let Some((database, _dir)) = database(backend).await else { return };
            of_version(&database.url, version).await;
            let store = Store::open(&database.url).await.unwrap();
            is_whole(&store, version).await;
            store.close().await;
            database.remove().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_migrate_once() {
    for backend in BOTH {
        for version in [None, Some(10)] {
            let Some((database, _dir)) = database(backend).await else { return };
            if let Some(version) = version {
                of_version(&database.url, version).await;
            }
            let open = || {
                let url = database.url.clone();
                tokio::spawn(async move { Store::open(&url).await.map(drop) })
            };
            for opened in [open(), open(), open(), open()] {
                opened.await.unwrap().unwrap();
            }
            database.remove().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_lets_writers_through_while_a_reader_holds_the_table() {
    let Some((database, _dir)) = database(Backend::Postgres).await else { return };
    of_version(&database.url, 12).await;
    let before = Db::open(&database.url, 4).await.unwrap();
    // As an export or a backup of the build before holds it.
    let mut reading = before.begin().await.unwrap();
    reading.run("LOCK TABLE events IN ACCESS SHARE MODE", &[]).await.unwrap();
    let migrating = tokio::spawn({
        let url = database.url.clone();
        async move { Store::open(&url).await.map(drop) }
    });
    // It stands in line for the table, and whoever writes stands behind it, for so long as it may.
    let waits = "SELECT COUNT(*) FROM pg_locks WHERE relation = 'events'::regclass AND NOT granted";
    while before.one::<(i64,)>(waits, &[]).await.unwrap().unwrap().0 == 0 {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let mut writing = before.begin().await.unwrap();
    crate::store::events::append(
        &mut writing,
        "a",
        "b",
        serde_json::json!({}),
        &crate::store::Actor::System,
        1,
    )
    .await
    .unwrap();
    writing.commit().await.unwrap();
    assert!(!migrating.is_finished());
    drop(reading);
    migrating.await.unwrap().unwrap();
    before.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_was_left_half_made_is_made_again() {
    let Some((database, _dir)) = database(Backend::Postgres).await else { return };
    of_version(&database.url, 17).await;
    let db = Db::open(&database.url, 4).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.run("CREATE INDEX events_in_order ON events (turn, seq)", &[]).await.unwrap();
    // What a process leaves that dies while it makes one CONCURRENTLY.
    let sql = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'events_in_order'::regclass";
    tx.run(sql, &[]).await.unwrap();
    tx.commit().await.unwrap();
    Store::open(&database.url).await.unwrap().close().await;
    let valid =
        "SELECT 1::bigint FROM pg_index WHERE indexrelid = 'events_in_order'::regclass AND indisvalid";
    assert!(db.one::<(i64,)>(valid, &[]).await.unwrap().is_some());
    db.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_build_works_on_a_newer_schema_unless_that_gave_up_what_it_needs() {
    for backend in BOTH {
        let Some((database, _dir)) = database(backend).await else { return };
        let store = Store::open(&database.url).await.unwrap();
        let mut tx = store.db.begin().await.unwrap();
        // A build to come adds something.
        let newer = "UPDATE store_migrations SET version = 9000 WHERE version = 18";
        tx.run(newer, &[]).await.unwrap();
        tx.commit().await.unwrap();
        Store::open(&database.url).await.unwrap().close().await;
        let mut tx = store.db.begin().await.unwrap();
        let gave_up = "UPDATE store_facts SET number = 9000 WHERE name = 'oldest_schema'";
        tx.run(gave_up, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let refused = Store::open(&database.url).await.map(drop).unwrap_err();
        assert!(matches!(refused, StoreError::TooNew { needed: 9000, .. }), "{refused}");
        store.close().await;
        database.remove().await;
    }
}
