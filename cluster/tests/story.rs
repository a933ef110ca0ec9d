//! A small day of many machines: two APIs behind haproxy, two agents, PostgreSQL, an SQS server. Three learners type, four hand in, and
//! one API is killed. `make cluster` does the rest.

use std::path::Path;

use cluster::cases::{Case, World};
use cluster::plan::{Plan, Size};

/// Needs `target/debug/gradus`, and what `scripts/setup cluster postgres sqs` fetches.
#[tokio::test]
async fn an_api_is_killed_and_nobody_loses_a_key_a_save_or_a_hand_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let plan = Plan::new(&root, Path::new("target/debug/gradus"), Size::story());
    let wanted = plan.size.hand_ins;
    let mut world = World::new(plan).await.unwrap_or_else(|why| panic!("{why:#}"));
    let outcome = world.run(Case::Kills).await;
    world.dismiss().await;
    let left = world.topology.stop().await.unwrap();
    let outcome = outcome.unwrap_or_else(|why| panic!("{why:#}; logs: {}", world.topology.keep().display()));

    let books = &outcome.books;
    let wrong = books.wrong.join("\n");
    assert!(wrong.is_empty(), "{wrong}\nlogs: {}", world.topology.keep().display());
    assert!(books.accepted >= wanted, "only {} hand-ins were accepted", books.accepted);
    assert_eq!(books.right, books.accepted, "one verdict each, and the right one");
    assert!(books.saves > 0 && books.keys_echoed > 0, "somebody typed and saved");
    assert!(books.keys_acknowledged <= books.keys_echoed, "an acknowledged key is not on the screen");
    assert!(left.is_empty(), "containers outlived their agents: {left:?}");
}
