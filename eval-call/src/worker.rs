//! The program's side: one request on standard input, what comes of it on standard output, then the end.
//!
//! Runs as the learner beside the learner's programs, so nothing it says is believed by anyone.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpStream};
use std::os::fd::AsFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use crate::files::{self, Arrivals, FilesError};
use crate::packet::{MAX_PAYLOAD, Packet, PacketError};
use crate::request::{Command, Ended, Request};
use crate::roots;

/// How long output is still taken after the command itself has ended: a child of its that lives on may hold it open.
const OUTPUT_GRACE: Duration = Duration::from_millis(300);
/// Between two looks whether somebody listens; the system tells nobody when that begins.
const LISTENING_POLL: Duration = Duration::from_millis(5);

/// Exit statuses of programs that are not there, or cannot be started.
const NOT_FOUND: i32 = 127;
const NOT_STARTED: i32 = 126;

#[derive(Debug, thiserror::Error)]
enum WorkerError {
    #[error(transparent)]
    Packet(#[from] PacketError),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("a request was expected")]
    NoRequest,
}

/// What goes back, from several threads.
#[derive(Clone)]
struct Reply(Arc<Mutex<fs::File>>);

impl Reply {
    /// Standard output without a buffer in between: a packet is one write.
    fn new() -> io::Result<Self> {
        let own = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Self(Arc::new(Mutex::new(fs::File::from(own)))))
    }

    fn say(&self, packet: &Packet) -> Result<(), PacketError> {
        packet.write(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Serves the one request; the exit code.
pub fn main() -> u8 {
    let served = Reply::new().map_err(|why| WorkerError::from(PacketError::from(why))).and_then(|reply| {
        // Whoever asked is gone when this cannot be told, too.
        serve(&reply).inspect_err(|why| drop(reply.say(&Packet::Failed(crate::causes(why)))))
    });
    u8::from(served.is_err())
}

fn serve(reply: &Reply) -> Result<(), WorkerError> {
    let Some(Packet::Ask(request)) = Packet::read(&mut io::stdin().lock())? else {
        return Err(WorkerError::NoRequest);
    };
    match request {
        Request::Run(command) => {
            take_files(&mut io::stdin().lock())?;
            run(&command, reply)
        }
        Request::Connect { port } => connect(port, reply),
        Request::Await { port } => {
            while dial(port).is_err() {
                std::thread::sleep(LISTENING_POLL);
            }
            Ok(reply.say(&Packet::Start)?)
        }
    }
}

/// The files that come before the start.
fn take_files(from: &mut impl Read) -> Result<(), WorkerError> {
    let mut arrivals = Arrivals::default();
    loop {
        match Packet::read(from)? {
            Some(Packet::File(head)) => arrivals.head(head, |_| true)?,
            Some(Packet::FileBytes(bytes)) => arrivals.bytes(&bytes)?,
            Some(Packet::Start) => return Ok(()),
            _ => return Err(WorkerError::NoRequest),
        }
    }
}

fn run(command: &Command, reply: &Reply) -> Result<(), WorkerError> {
    let roots = roots::of(command);
    let before = files::list(&roots)?;
    let mut child = match start(command) {
        Ok(child) => child,
        Err(why) => return not_started(command, &why, reply),
    };
    let (done, output_ended) = mpsc::channel();
    let stdout = child.stdout.take().map(|from| forward(from, Packet::Stdout, reply, done.clone()));
    let stderr = child.stderr.take().map(|from| forward(from, Packet::Stderr, reply, done));
    if let Some(stdin) = child.stdin.take() {
        // Ends with the connection, or with this process.
        std::thread::spawn(move || feed(stdin));
    }
    let status = child.wait().map_err(PacketError::from)?;
    let until = Instant::now() + OUTPUT_GRACE;
    for _ in [stdout, stderr].into_iter().flatten() {
        let _ = output_ended.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
    send_back(&roots, &before, reply)?;
    let ended = match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited { code },
        (None, Some(signal)) => Ended::Signaled { signal },
        (None, None) => Ended::Exited { code: 1 },
    };
    Ok(reply.say(&Packet::Ended(ended))?)
}

/// As a shell tells it.
fn not_started(command: &Command, why: &io::Error, reply: &Reply) -> Result<(), WorkerError> {
    let name = command.argv.first().map_or("", String::as_str);
    reply.say(&Packet::Stderr(format!("{name}: {why}\n").into_bytes()))?;
    let code = if why.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_STARTED };
    Ok(reply.say(&Packet::Ended(Ended::Exited { code }))?)
}

/// The files that the command changed, made or removed where it was told to.
fn send_back(
    roots: &[PathBuf],
    before: &std::collections::BTreeMap<PathBuf, Option<files::Mark>>,
    reply: &Reply,
) -> Result<(), WorkerError> {
    let after = files::list(roots)?;
    files::send(&after, |path, mark| before.get(path) != Some(&mark), &mut |packet| reply.say(&packet))?;
    // What is in a folder goes before the folder.
    for gone in before.keys().rev().filter(|path| !after.contains_key(*path)) {
        reply.say(&Packet::Gone(gone.to_string_lossy().into_owned()))?;
    }
    Ok(())
}

fn start(command: &Command) -> io::Result<Child> {
    let (program, arguments) =
        command.argv.split_first().ok_or_else(|| io::Error::other("no program was named"))?;
    // Before the start, so that a path is looked up from there; this process has no other use for its own.
    fs::create_dir_all(&command.folder)?;
    std::env::set_current_dir(&command.folder)?;
    std::process::Command::new(program)
        .args(arguments)
        .envs(command.environment.iter().map(|(name, value)| (name, value)))
        .env("PWD", &command.folder)
        // `kill 0` is to end the program's own processes, and not this one.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// Passes bytes on until there are no more, and says so.
fn forward(
    mut from: impl Read + Send + 'static,
    kind: fn(Vec<u8>) -> Packet,
    reply: &Reply,
    done: mpsc::Sender<()>,
) {
    let reply = reply.clone();
    std::thread::spawn(move || {
        let mut buffer = vec![0; MAX_PAYLOAD];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let bytes = buffer.get(..count).unwrap_or_default().to_vec();
            if reply.say(&kind(bytes)).is_err() {
                break;
            }
        }
        let _ = done.send(());
    });
}

fn feed(mut to: impl Write) {
    let mut from = io::stdin().lock();
    while let Ok(Some(packet)) = Packet::read(&mut from) {
        match packet {
            // A program that does not read its input is no fault of the test's.
            Packet::Stdin(bytes) => drop(to.write_all(&bytes)),
            _ => return,
        }
    }
}

fn dial(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .or_else(|_| TcpStream::connect((Ipv6Addr::LOCALHOST, port)))
}

fn connect(port: u16, reply: &Reply) -> Result<(), WorkerError> {
    let mut socket = match dial(port) {
        Ok(socket) => socket,
        Err(why) => return Ok(reply.say(&Packet::Failed(format!("port {port}: {why}")))?),
    };
    let _ = socket.set_nodelay(true);
    // So that the other side knows that somebody listens.
    reply.say(&Packet::Start)?;
    let (done, answered) = mpsc::channel();
    forward(socket.try_clone().map_err(PacketError::from)?, Packet::Data, reply, done);
    std::thread::spawn(move || {
        let mut from = io::stdin().lock();
        while let Ok(Some(Packet::Data(bytes))) = Packet::read(&mut from) {
            if socket.write_all(&bytes).is_err() {
                return;
            }
        }
        let _ = socket.shutdown(Shutdown::Write);
    });
    // A server that has answered has nothing more to hear.
    let _ = answered.recv();
    Ok(reply.say(&Packet::DataEnd)?)
}
