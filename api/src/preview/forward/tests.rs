//! A browser that speaks raw HTTP, our server and [`forward`] between, and a learner's server that says what it is told
//! to: real sockets on both sides.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderValue;
use axum::response::IntoResponse as _;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::preview::address::{Label, PreviewUrl};
use crate::preview::live::Live;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

const GET: &str = "GET /notes?all=1 HTTP/1.1\r\nHost: preview\r\n\r\n";

struct World {
    /// Where the preview listens.
    front: std::net::SocketAddr,
    /// The learner's server; stories accept from it.
    server: TcpListener,
    live: Arc<Live>,
    stop: CancellationToken,
}

impl World {
    async fn new() -> Self {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (front, back) = (listener.local_addr().unwrap(), server.local_addr().unwrap());
        let (live, stop) = (Arc::new(Live::default()), CancellationToken::new());
        let (tasks, on_stop) = (TaskTracker::new(), stop.clone());
        let for_requests = Arc::clone(&live);
        let router = Router::new().fallback(move |request: Request| {
            let (live, tasks, stop) = (Arc::clone(&for_requests), tasks.clone(), on_stop.clone());
            async move {
                let url: PreviewUrl = "http://{id}.localhost:8081".parse().unwrap();
                let label = Label { session: Uuid::from_u128(1), port: 8000 };
                let framed_by = HeaderValue::from_static("frame-ancestors http://localhost:8080");
                let way = Way { url: &url, label, framed_by: &framed_by };
                let place = live.enter(label.session, "login".into(), &stop).unwrap();
                let stream = TcpStream::connect(back).await.unwrap();
                match forward(stream, request, &way, place, &tasks).await {
                    Ok(response) => response,
                    Err(why) => (StatusCode::BAD_GATEWAY, format!("{why:?}")).into_response(),
                }
            }
        });
        let crowd = crate::crowd::Crowd::new(crate::Peers::default());
        let stopping = crate::server::Stop { draining: stop.clone(), shutdown: stop.clone() };
        tokio::spawn(crate::server::run(listener, router, crowd, stopping));
        Self { front, server, live, stop }
    }

    async fn browser(&self, says: &str) -> Line {
        let mut line = Line(TcpStream::connect(self.front).await.unwrap());
        line.say(says).await;
        line
    }

    /// The next connection the learner's server is given, once its head was read.
    async fn accept(&self) -> (Line, String) {
        let (stream, _) = within(self.server.accept()).await.unwrap();
        let mut line = Line(stream);
        let head = line.hear_until("\r\n\r\n").await;
        (line, head)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// One end of a connection.
struct Line(TcpStream);

impl Line {
    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    async fn hear_until(&mut self, end: &str) -> String {
        let mut heard = Vec::new();
        while !heard.ends_with(end.as_bytes()) {
            let byte = within(self.0.read_u8()).await;
            heard.push(byte.unwrap_or_else(|_| panic!("closed after {}", String::from_utf8_lossy(&heard))));
        }
        String::from_utf8(heard).unwrap()
    }

    /// Everything until the other end closes.
    async fn hear_all(&mut self) -> String {
        let mut heard = Vec::new();
        let _ = within(self.0.read_to_end(&mut heard)).await;
        String::from_utf8(heard).unwrap()
    }
}

async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it took too long")
}

fn lines(head: &str) -> Vec<&str> {
    head.trim_end().split("\r\n").collect()
}

#[tokio::test]
async fn a_request_and_its_answer_pass() {
    let world = World::new().await;
    let mut browser =
        world.browser("GET /notes?all=1 HTTP/1.1\r\nHost: x\r\nCookie: gradus=secret; a=1\r\n\r\n").await;
    let (mut server, head) = world.accept().await;
    assert_eq!(lines(&head)[0], "GET /notes?all=1 HTTP/1.1");
    assert!(lines(&head).contains(&"Host: localhost:8000"), "{head}");
    assert!(lines(&head).contains(&"Connection: close"), "{head}");
    assert!(head.contains("a=1") && !head.contains("secret"), "{head}");
    server
        .say("HTTP/1.0 201 Made\r\nX-Own: 1\r\nSet-Cookie: gradus=x\r\nContent-Length: 5\r\n\r\nhello")
        .await;
    let answer = browser.hear_until("hello").await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(answer.contains("x-own: 1") && answer.contains("frame-ancestors"), "{answer}");
    assert!(!answer.contains("gradus=x"), "{answer}");
}

#[tokio::test]
async fn an_answer_is_shown_as_it_comes() {
    let world = World::new().await;
    let mut browser = world.browser(GET).await;
    let (mut server, _) = world.accept().await;
    server.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n").await;
    // The stream goes on; what was said so far has arrived.
    browser.hear_until("data: 1\n\n").await;
    server.say("data: 2\n\n").await;
    browser.hear_until("data: 2\n\n").await;
    drop(browser);
    // Nobody listens any more: the server is told.
    within(async {
        while server.0.write_all(b"data: 3\n\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_is_sent_on_as_it_comes() {
    let world = World::new().await;
    let mut browser = world
        .browser("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        .await;
    let (mut server, head) = world.accept().await;
    assert!(lines(&head).contains(&"Content-Length: 10") && !head.contains("Expect"), "{head}");
    browser.hear_until("100 Continue\r\n\r\n").await;
    browser.say("first").await;
    server.hear_until("first").await;
    browser.say("other").await;
    server.hear_until("other").await;
    server.say("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert!(browser.hear_until("\r\n\r\n").await.starts_with("HTTP/1.1 204"));
}

#[tokio::test]
async fn a_head_alone_keeps_its_length() {
    let world = World::new().await;
    let mut browser = world.browser("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let (mut server, _) = world.accept().await;
    server.say("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n").await;
    let answer = browser.hear_until("\r\n\r\n").await.to_ascii_lowercase();
    assert!(answer.contains("content-length: 1234"), "{answer}");
}

/// Whatever a client writes, the learner's server is given one well-framed request per connection, or none.
#[tokio::test]
async fn nothing_is_smuggled_in_behind_a_request() {
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let rows = [
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 37\r\n\r\n{smuggled}"),
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n{smuggled}"),
        format!(
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: content-length\r\nContent-Length: 37\r\n\r\n{smuggled}"
        ),
        format!("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nX: a\nContent-Length: 37\r\n\r\n{smuggled}"),
    ];
    for row in rows {
        let world = World::new().await;
        let mut browser = world.browser(&row).await;
        browser.0.shutdown().await.unwrap();
        // Answers whatever comes, one request per connection, and keeps what it was sent.
        let mut seen = Vec::new();
        let mut answered = std::pin::pin!(browser.hear_all());
        loop {
            tokio::select! {
                _ = &mut answered => break,
                accepted = world.server.accept() => {
                    let mut line = Line(accepted.unwrap().0);
                    let mut request = line.hear_until("\r\n\r\n").await;
                    line.say("HTTP/1.1 204 No Content\r\n\r\n").await;
                    let _ = line.0.shutdown().await;
                    request.push_str(&line.hear_all().await);
                    seen.push(request);
                }
            }
        }
        for request in &seen {
            // A request inside a body is a body; then its length says so.
            let inside = request.find("/smuggled").is_some_and(|at| at > 20);
            assert!(!inside || request.contains("Content-Length: 37"), "{row:?} became {seen:?}");
            let framings =
                request.matches("Transfer-Encoding").count() + request.matches("Content-Length").count();
            assert!(framings <= 1, "{request}");
        }
    }
}

#[tokio::test]
async fn a_websocket_passes_in_both_directions() {
    let world = World::new().await;
    let dial = async {
        let stream = TcpStream::connect(world.front).await.unwrap();
        tokio_tungstenite::client_async("ws://preview/socket", stream).await.unwrap().0
    };
    let accept = async {
        let stream = world.server.accept().await.unwrap().0;
        tokio_tungstenite::accept_async(stream).await.unwrap()
    };
    let (mut browser, mut server) = within(async { tokio::join!(dial, accept) }).await;
    for text in ["one", "two"] {
        browser.send(Message::text(text)).await.unwrap();
        assert_eq!(within(server.next()).await.unwrap().unwrap(), Message::text(text));
        server.send(Message::text(format!("{text} too"))).await.unwrap();
        assert_eq!(within(browser.next()).await.unwrap().unwrap(), Message::text(format!("{text} too")));
    }
    let large = Message::binary(vec![7; 1 << 20]);
    let (sent, heard) = tokio::join!(browser.send(large.clone()), within(server.next()));
    sent.unwrap();
    assert_eq!(heard.unwrap().unwrap(), large);

    world.live.revoke("login");
    assert!(
        !matches!(within(browser.next()).await, Some(Ok(Message::Text(_) | Message::Binary(_)))),
        "logged out"
    );
}

#[tokio::test]
async fn what_is_no_proper_answer_is_told_apart() {
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(4 * MAX_PREVIEW_HEAD_BYTES));
    let rows = [
        "",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        &long,
    ];
    for says in rows {
        let world = World::new().await;
        let mut browser = world.browser(GET).await;
        let (mut server, _) = world.accept().await;
        let _ = server.0.write_all(says.as_bytes()).await;
        drop(server);
        let answer = browser.hear_until("NotHttp").await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{says:?}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_not_waited_for_without_end() {
    let world = World::new().await;
    let mut browser = Line(TcpStream::connect(world.front).await.unwrap());
    browser.0.write_all(GET.as_bytes()).await.unwrap();
    let began = tokio::time::Instant::now();
    // The test's own patience would be used up by the paused clock: no limit but the one in question.
    let mut heard = Vec::new();
    while !heard.ends_with(b"Silent") {
        heard.push(browser.0.read_u8().await.unwrap());
    }
    assert!(began.elapsed() >= PREVIEW_FIRST_BYTE_TIMEOUT);
}

#[tokio::test]
async fn a_place_is_given_back_with_the_answer_and_a_logout_cuts_it_short() {
    let world = World::new().await;
    let mut browser = world.browser(GET).await;
    let (mut server, _) = world.accept().await;
    server.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun").await;
    browser.hear_until("begun").await;
    assert!(!world.live.is_empty(), "an answer that is under way holds its place");
    world.live.revoke("login");
    assert_eq!(browser.hear_all().await, "", "no more came, and the connection was closed");
    within(async {
        while !world.live.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
