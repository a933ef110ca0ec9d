//! Bad days of a server that speaks SQS: it stalls, dies, comes back with nothing or with everything, throttles, takes
//! half of what it is given. The servers are real ones of the test's own; only what neither can be made to say is put in
//! between by a proxy.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use job_queue::sqs::Care;
use job_queue::{JobQueue as _, Lane, Message, QueueError, SqsQueue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const HELD: Duration = Duration::from_secs(60);

/// No call may take longer, whatever the server does (9 s are promised), and this machine may be busy.
const STATED: Duration = Duration::from_secs(15);

struct Server {
    child: Child,
    command: Command,
    port: u16,
    _state: tempfile::TempDir,
}

impl Server {
    fn moto() -> Option<Self> {
        Self::start(|port, _| {
            let mut command = Command::new(installed()?.join("moto_server"));
            command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
            Some(command)
        })
    }

    /// Told to keep what it has when it is stopped in good order.
    fn ministack() -> Option<Self> {
        Self::start(|port, state| {
            let mut command = Command::new(installed()?.join("ministack"));
            command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
            command.env("PERSIST_STATE", "1").env("STATE_DIR", state);
            Some(command)
        })
    }

    fn start(command: impl Fn(u16, &std::path::Path) -> Option<Command>) -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let state = tempfile::tempdir().unwrap();
        let mut command = command(port, state.path())?;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let server = Self { child, command, port, _state: state };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn stop(&mut self, signal: &str) {
        self.signal(signal);
        self.child.wait().unwrap();
    }

    fn again(&mut self) {
        self.child = self.command.spawn().unwrap();
        self.wait();
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn queue(&self) -> SqsQueue {
        let queue = SqsQueue::connect("bad-days", Some(&self.endpoint())).await.unwrap();
        queue.ensure(Care::Make).await.unwrap();
        queue
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed() -> Option<PathBuf> {
    let found = std::env::var_os("GRADUS_TEST_SQS_SERVERS");
    if found.is_none() {
        eprintln!("GRADUS_TEST_SQS_SERVERS is not set: left out (scripts/with-sqs sets it)");
    }
    found.map(PathBuf::from)
}

fn is_away<T>(result: &Result<T, QueueError>) -> bool {
    matches!(result, Err(QueueError::Unavailable { .. }))
}

#[tokio::test]
async fn a_server_that_stalls_holds_no_call_for_long_and_loses_no_job() {
    let Some(server) = Server::moto() else { return };
    let queue = server.queue().await;
    for body in ["held", "done", "waits"] {
        queue.send(Lane::Grading, body).await.unwrap();
    }
    let held = queue.lease(Lane::Grading, HELD, Duration::ZERO).await.unwrap().unwrap();
    let done = queue.lease(Lane::Grading, HELD, Duration::ZERO).await.unwrap().unwrap();

    server.signal("-STOP");
    let began = Instant::now();
    let second = Duration::from_secs(1);
    let (sent, looked, extended, completed, counted) = tokio::join!(
        queue.send(Lane::Sessions, "sent"),
        queue.lease(Lane::Grading, second, second),
        held.extend(HELD),
        done.complete(),
        queue.depth(Lane::Grading),
    );
    assert!(began.elapsed() < STATED, "{:?}", began.elapsed());
    assert!(
        is_away(&sent) && is_away(&looked) && is_away(&extended) && is_away(&completed) && is_away(&counted)
    );

    server.signal("-CONT");
    // What nobody waited for any longer may be done yet: a look that was given up may have taken the job with it.
    let waits = queue.lease(Lane::Grading, HELD, Duration::from_secs(20)).await.unwrap().unwrap();
    assert_eq!(waits.body(), "waits");
    held.extend(HELD).await.unwrap();
    held.complete().await.unwrap();
}

#[tokio::test]
async fn a_server_that_comes_back_with_nothing_is_set_up_again() {
    let Some(mut server) = Server::moto() else { return };
    let queue = server.queue().await;
    queue.send(Lane::Grading, "gone with it").await.unwrap();
    let held = queue.lease(Lane::Grading, HELD, Duration::ZERO).await.unwrap().unwrap();
    server.stop("-KILL");
    assert!(is_away(&queue.send(Lane::Grading, "to nobody").await));
    assert!(is_away(&queue.lease(Lane::Grading, HELD, Duration::from_secs(1)).await));

    server.again();
    assert!(is_away(&queue.lease(Lane::Grading, HELD, Duration::ZERO).await), "there is no such queue");
    assert!(held.complete().await.is_err());
    // The same client goes on, once an operator has made the queues.
    queue.ensure(Care::Make).await.unwrap();
    queue.send(Lane::Grading, "anew").await.unwrap();
    assert_eq!(queue.lease(Lane::Grading, HELD, HELD).await.unwrap().unwrap().body(), "anew");
}

#[tokio::test]
async fn a_server_that_comes_back_with_its_jobs_goes_on() {
    let Some(mut server) = Server::ministack() else { return };
    let queue = server.queue().await;
    let bodies: Vec<_> = (0..11).map(|number| number.to_string()).collect();
    let messages: Vec<_> = bodies.iter().map(|body| Message::of(body)).collect();
    queue.send_all(Lane::Grading, &messages).await.unwrap();
    server.stop("-TERM");
    assert!(is_away(&queue.lease(Lane::Grading, HELD, Duration::from_secs(1)).await));
    server.again();
    let mut found = Vec::new();
    while let Some(job) = queue.lease(Lane::Grading, HELD, Duration::ZERO).await.unwrap() {
        found.push(job.body().to_owned());
        job.complete().await.unwrap();
    }
    assert_eq!(found.len(), 11);
}

const THROTTLED: &str = r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow down"}"#;

/// Stands before a server and says something else for as many requests as it is told. One request per connection.
#[derive(Default)]
struct Between {
    refuse: AtomicUsize,
    seen: AtomicUsize,
}

impl Between {
    async fn start(self: &Arc<Self>, upstream: u16, refusal: &'static str, status: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let between = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let between = Arc::clone(&between);
                tokio::spawn(async move { between.serve(client, upstream, refusal, status).await });
            }
        });
        endpoint
    }

    async fn serve(
        &self,
        mut client: tokio::net::TcpStream,
        upstream: u16,
        refusal: &str,
        status: &str,
    ) -> Option<()> {
        let request = read_request(&mut client).await?;
        self.seen.fetch_add(1, Ordering::Relaxed);
        let left = self.refuse.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() {
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                refusal.len()
            );
            client.write_all((head + refusal).as_bytes()).await.ok()?;
            return client.shutdown().await.ok();
        }
        let mut server = tokio::net::TcpStream::connect(("127.0.0.1", upstream)).await.ok()?;
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(request.as_bytes()).await.ok()?;
        tokio::io::copy(&mut server, &mut client).await.ok()?;
        client.shutdown().await.ok()
    }
}

async fn read_request(client: &mut tokio::net::TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 8_192];
        let read = client.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text.into_owned());
            }
        }
    }
}

#[tokio::test]
async fn throttling_is_borne_and_answered_by_patience() {
    let Some(server) = Server::moto() else { return };
    server.queue().await;
    let between = Arc::new(Between::default());
    let endpoint = between.start(server.port, THROTTLED, "400 Bad Request").await;
    let queue = SqsQueue::connect("bad-days", Some(&endpoint)).await.unwrap();

    queue.send(Lane::Grading, "first").await.unwrap();
    between.refuse.store(2, Ordering::Relaxed);
    queue.send(Lane::Grading, "second").await.expect("a moment of throttling is nobody's trouble");
    assert_eq!(queue.depth(Lane::Grading).await.unwrap().waiting, 2);

    // For good: whoever asks in a loop asks less and less.
    between.refuse.store(usize::MAX, Ordering::Relaxed);
    let seen = between.seen.load(Ordering::Relaxed);
    let began = Instant::now();
    let mut looks = 0;
    while began.elapsed() < Duration::from_secs(4) {
        assert!(is_away(&queue.lease(Lane::Grading, HELD, Duration::ZERO).await));
        looks += 1;
    }
    let requests = between.seen.load(Ordering::Relaxed) - seen;
    assert_eq!(requests, looks, "a look is one request");
    assert!(looks < 10, "{looks} looks in four seconds");

    between.refuse.store(0, Ordering::Relaxed);
    for body in ["first", "second"] {
        let job = queue.lease(Lane::Grading, HELD, Duration::from_secs(5)).await.unwrap().unwrap();
        assert_eq!((job.body(), job.delivery()), (body, 1));
        job.complete().await.unwrap();
    }
}

#[tokio::test]
async fn what_a_call_did_not_take_is_sent_once_more_and_nothing_else() {
    /// Of three, the second one was not taken, for a reason that passes.
    const HALF: &str = r#"{"Successful":[{"Id":"0","MessageId":"a","MD5OfMessageBody":"-"},{"Id":"2","MessageId":"b","MD5OfMessageBody":"-"}],"Failed":[{"Id":"1","SenderFault":false,"Code":"InternalError"}]}"#;
    let Some(server) = Server::moto() else { return };
    server.queue().await;
    let between = Arc::new(Between::default());
    let endpoint = between.start(server.port, HALF, "200 OK").await;
    let queue = SqsQueue::connect("bad-days", Some(&endpoint)).await.unwrap();
    // Asks where the queue is.
    queue.depth(Lane::Grading).await.unwrap();
    between.refuse.store(1, Ordering::Relaxed);
    queue.send_all(Lane::Grading, &["one", "two", "three"].map(Message::of)).await.unwrap();
    assert_eq!(queue.depth(Lane::Grading).await.unwrap().waiting, 1);
    let job = queue.lease(Lane::Grading, HELD, Duration::ZERO).await.unwrap().unwrap();
    assert_eq!(job.body(), "two");
}
