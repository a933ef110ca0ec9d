//! The world of the stories, and those who act in it.

pub mod agent;
pub mod client;
pub mod database;
pub mod instances;
pub mod own_postgres;
pub mod peers;
pub mod preview;
pub mod proxy;
pub mod socket;
pub mod world;

pub use agent::{AgentClient, AgentJob};
pub use client::{AnonymousClient, Answer, LearnerClient};
pub use database::{Backend, Database};
pub use own_postgres::OwnPostgres;
pub use peers::Peers;
pub use proxy::Proxy;
pub use socket::Socket;
pub use world::World;

/// One story, told once on each database.
macro_rules! story {
    ($(#[$meta:meta])* async fn $name:ident($world:ident: $kind:ident) $body:block) => {
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn story($world: $kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story($crate::support::$kind::new($crate::support::Backend::Sqlite).await.unwrap()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                match $crate::support::$kind::new($crate::support::Backend::Postgres).await {
                    Some(world) => story(world).await,
                    None => eprintln!("GRADUS_TEST_POSTGRES is not set: PostgreSQL is left out"),
                }
            }
        }
    };
}
