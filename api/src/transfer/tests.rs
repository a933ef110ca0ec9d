use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::store::test_database::{Backend, Database};
use crate::store::{Actor, NewAccount, test_installation};
use ide_protocol::rest::Role;

struct World {
    dir: TempDir,
    databases: Vec<Database>,
}

impl World {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), databases: Vec::new() }
    }

    /// A store that holds nothing; none where PostgreSQL is left out.
    async fn store(&mut self, backend: Backend) -> Option<String> {
        let place = self.dir.path().join(self.databases.len().to_string());
        std::fs::create_dir(&place).unwrap();
        let database = Database::new(backend, &place).await?;
        let url = database.url.clone();
        self.databases.push(database);
        Some(url)
    }

    /// As an installation that was begun by an early build, and has all kinds of contents.
    async fn lived_in(&mut self, backend: Backend) -> Option<String> {
        let url = self.store(backend).await?;
        test_installation(&url, 10).await;
        let store = Store::open(&url).await.unwrap();
        for name in ["Zoë", "zoe", "Ünal", "名前", "a\"b\\c\u{1f40d}", "tab\there"] {
            make(&store, name).await;
        }
        store.close().await;
        let mut side = side::Side::connect(&url).await.unwrap();
        let tables = side.tables().await.unwrap();
        let blobs = tables.iter().find(|table| table.name == "blobs").unwrap();
        for length in [0, 1, 255, 70_000] {
            let bytes: String = (0..length).map(|n: u32| format!("{:02x}", n % 256)).collect();
            let row =
                format!(r#"[{{"digest":"random {length}","bytes":"\\x{bytes}","touched_at":{}}}]"#, i64::MAX);
            side.put(blobs, row).await.unwrap();
        }
        Some(url)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn end(self) {
        for database in self.databases {
            database.remove().await;
        }
    }
}

async fn make(store: &Store, name: &str) {
    let account = NewAccount { name, role: Role::Learner, institution: "default", password_hash: "hash" };
    store.create_account(account, &Actor::System, 7).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_installation_moves_to_postgres_and_back_and_is_the_same() {
    let mut world = World::new();
    let begun = world.lived_in(Backend::Sqlite).await.unwrap();
    let Some(moved) = world.store(Backend::Postgres).await else { return };
    let back = world.store(Backend::Sqlite).await.unwrap();
    let out = export(&begun, &world.file("out")).await.unwrap();
    assert_eq!(import(&world.file("out"), &moved).await.unwrap(), out);
    assert_eq!(export(&moved, &world.file("home")).await.unwrap(), out);
    assert_eq!(import(&world.file("home"), &back).await.unwrap(), out);
    assert_eq!(export(&back, &world.file("again")).await.unwrap(), out);
    let file = |name| std::fs::read(world.file(name)).unwrap();
    assert_eq!(file("out"), file("home"), "byte by byte");
    let rows = |table| out.iter().find(|carried| carried.table == table).unwrap().rows;
    assert_eq!((rows("accounts"), rows("blobs"), rows("events"), rows("outbox")), (8, 7, 9, 1));
    goes_on(&moved).await;
    goes_on(&back).await;
    world.end().await;
}

/// What is numbered goes on behind what was carried.
async fn goes_on(url: &str) {
    let store = Store::open(url).await.unwrap();
    let before = store.events_after(crate::store::LogPosition::BEGINNING, 100).await.unwrap();
    make(&store, "new").await;
    let after = store.events_after(before.last().unwrap().0, 100).await.unwrap();
    assert_eq!(after.iter().map(|(_, event)| event.kind.as_str()).collect::<Vec<_>>(), ["account_created"]);
    let newest = store.outbox(10).await.unwrap();
    assert_eq!(newest.len(), 1);
    store.close().await;
}

#[tokio::test]
async fn every_table_goes_along_or_is_said_to_stay() {
    let mut world = World::new();
    let sqlite = world.lived_in(Backend::Sqlite).await.unwrap();
    let mut side = side::Side::connect(&sqlite).await.unwrap();
    let ours = side.tables().await.unwrap();
    let place = |name: &str| ours.iter().position(|table| table.name == name).unwrap();
    for (first, then) in
        [("accounts", "workspaces"), ("blobs", "workspace_files"), ("submissions", "attempts")]
    {
        assert!(place(first) < place(then), "{then} refers to {first}");
    }
    if let Some(postgres) = world.store(Backend::Postgres).await {
        prepare(&postgres).await.unwrap();
        let theirs = side::Side::connect(&postgres).await.unwrap().tables().await.unwrap();
        let shape = |tables: &[side::Table]| {
            tables.iter().map(|table| (table.name.clone(), table.columns.clone())).collect::<Vec<_>>()
        };
        assert_eq!(shape(&ours), shape(&theirs), "both databases have the same tables and columns");
    }
    world.end().await;
}

#[tokio::test]
async fn a_file_that_is_not_whole_leaves_the_store_empty() {
    let mut world = World::new();
    let begun = world.lived_in(Backend::Sqlite).await.unwrap();
    export(&begun, &world.file("whole")).await.unwrap();
    let whole = std::fs::read(world.file("whole")).unwrap();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(target) = world.store(backend).await else { continue };
        let spoilt = world.file("spoilt");
        for at in (0..whole.len()).step_by(whole.len() / 6) {
            std::fs::write(&spoilt, &whole[..at]).unwrap();
            assert!(import(&spoilt, &target).await.is_err(), "cut after {at} bytes");
            let mut other = whole.clone();
            other[at] ^= 0x20;
            std::fs::write(&spoilt, other).unwrap();
            assert!(import(&spoilt, &target).await.is_err(), "byte {at} is another");
        }
        // Compressed rightly, but a row is missing.
        let text = zstd::decode_all(&whole[..]).unwrap();
        let text = String::from_utf8(text).unwrap();
        let less: String =
            text.lines().filter(|line| !line.contains("Ünal")).map(|line| format!("{line}\n")).collect();
        std::fs::write(&spoilt, zstd::encode_all(less.as_bytes(), 3).unwrap()).unwrap();
        let refused = import(&spoilt, &target).await.unwrap_err();
        assert!(matches!(refused, TransferError::Spoilt(..)), "{refused}");
        import(&world.file("whole"), &target).await.unwrap();
        let twice = import(&world.file("whole"), &target).await.unwrap_err();
        assert!(matches!(twice, TransferError::NotEmpty(_)), "{twice}");
    }
    world.end().await;
}

#[tokio::test]
async fn nothing_is_put_into_a_store_that_somebody_works_on() {
    let mut world = World::new();
    let begun = world.lived_in(Backend::Sqlite).await.unwrap();
    export(&begun, &world.file("whole")).await.unwrap();
    let Some(target) = world.store(Backend::Postgres).await else { return };
    let alive = Store::open(&target).await.unwrap();
    let refused = import(&world.file("whole"), &target).await.unwrap_err();
    assert!(matches!(refused, TransferError::InUse), "{refused}");
    alive.close().await;
    import(&world.file("whole"), &target).await.unwrap();
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_of_one_moment() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let mut world = World::new();
        let Some(busy) = world.lived_in(backend).await else { return };
        let target = world.store(Backend::Sqlite).await.unwrap();
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let working = tokio::spawn({
            let busy = busy.clone();
            async move {
                let store = Store::open(&busy).await.unwrap();
                for n in 0.. {
                    make(&store, &format!("new {n}")).await;
                    if *stopped.borrow() {
                        return;
                    }
                }
            }
        });
        let out = export(&busy, &world.file("out")).await.unwrap();
        stop.send_replace(true);
        working.await.unwrap();
        let rows = |table| out.iter().find(|carried| carried.table == table).unwrap().rows;
        // Each account of this story but two was made with an event; three more events are of other things.
        assert_eq!(rows("accounts") - 2, rows("events") - 3, "an account and its event go together");
        assert_eq!(import(&world.file("out"), &target).await.unwrap(), out);
        world.end().await;
    }
}
