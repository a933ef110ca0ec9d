//! A database per story: a SQLite file, or a fresh database on the PostgreSQL server of the tests.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Dropped at the end of the story.
pub struct Database {
    pub url: String,
    /// Server and name; absent where somebody else removes it.
    pub postgres: Option<(String, String)>,
}

impl Database {
    pub async fn new(backend: Backend, dir: &Path) -> Option<Self> {
        if backend == Backend::Sqlite {
            return Some(Self {
                url: format!("sqlite://{}", dir.join("gradus.db").display()),
                postgres: None,
            });
        }
        let server = std::env::var("GRADUS_TEST_POSTGRES").ok()?;
        let name = format!("gradus_test_{}", Uuid::now_v7().simple());
        let mut connection =
            PgConnection::connect(&server).await.expect("the PostgreSQL server of the tests");
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Some(Self { url: format!("{base}/{name}"), postgres: Some((server, name)) })
    }

    pub async fn remove(&self) {
        if let Some((server, name)) = &self.postgres {
            let mut connection = PgConnection::connect(server).await.unwrap();
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            sqlx::query(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
        }
    }
}
