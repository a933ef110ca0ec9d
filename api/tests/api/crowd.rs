//! How many connections one address may hold.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::world::PATIENCE;
use crate::support::{Backend, World};

/// A connection on which this was said and nothing read yet.
async fn says(world: &World, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// All that is answered until the other side closes.
async fn hears(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await;
    read.expect("an end").unwrap();
    text
}

const ASKS: &str = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn who_holds_as_many_as_one_may_is_told_so_and_let_in_again_when_they_are_gone() {
    let world = World::with(Backend::Sqlite, |config| config.peers.connections = 3).await.unwrap();
    let held = [says(&world, "").await, says(&world, "GET").await, says(&world, "").await];
    let refusal = hears(says(&world, ASKS).await).await;
    assert!(refusal.starts_with("HTTP/1.1 429 ") && refusal.contains("retry-after: 10"), "{refusal}");
    assert!(refusal.contains("Your address holds 3 connections already"), "{refusal}");
    drop(held);
    let let_in = async {
        while !hears(says(&world, ASKS).await).await.starts_with("HTTP/1.1 204 ") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, let_in).await.expect("places of closed connections are free again");
    world.end().await;
}

#[tokio::test]
async fn behind_a_proxy_it_is_the_address_that_the_proxy_names() {
    let header = "x-forwarded-for".parse().unwrap();
    let world = World::with(Backend::Sqlite, |config| {
        config.peers.connections = 1;
        config.peers.address_header = Some(header);
    });
    let world = world.await.unwrap();
    let from = |who: &str| ASKS.replacen("host: x", &format!("host: x\r\nx-forwarded-for: {who}"), 1);
    // A request whose body does not come: under way for as long as the connection is there.
    let slow = "POST /api/v1/login HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 192.0.2.1\r\norigin: {o}\r\n\
                content-type: application/json\r\ncontent-length: 50\r\n\r\n{";
    let slow = says(&world, &slow.replace("{o}", &world.base)).await;
    let refused = async {
        while !hears(says(&world, &from("192.0.2.1")).await).await.starts_with("HTTP/1.1 429 ") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("one is under way already");
    let other = hears(says(&world, &from("192.0.2.1, 192.0.2.2")).await).await;
    assert!(other.starts_with("HTTP/1.1 204 "), "{other}");
    drop(slow);
    let let_in = async {
        while !hears(says(&world, &from("192.0.2.1")).await).await.starts_with("HTTP/1.1 204 ") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, let_in).await.expect("it has gone");
    world.end().await;
}
