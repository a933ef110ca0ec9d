//! An agent's end of the socket, and what tests do with it.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::{Duration, Instant};

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::files::{FileContent, WorkspacePath};
use ide_protocol::frame::{Decoder, Flow, Frame, Stream, StreamFrame, ViewerId, encode_into};
use ide_protocol::guest::{FromGuest, GuestError, Program, RequestId, RunLimits, RunStream, ToGuest};
use ide_protocol::results::Ending;
use ide_protocol::terminal::{ExitStatus, TerminalId, TerminalSize};

use super::place::{self, Place};

/// Whose keys are traced, in the tests that do.
pub const TRACED_BY: ViewerId = 9;

/// How long a test waits for a fact before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const LIMITS: RunLimits = RunLimits { wall_ms: 15_000, output_bytes: 1 << 20, report_bytes: 1 << 16 };
pub const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };

/// What came over the socket.
#[derive(Debug, Clone)]
pub enum Seen {
    Said(FromGuest),
    Output { stream: Stream, offset: u64, payload: Vec<u8> },
}

pub struct Guest {
    pub place: Place,
    stream: UnixStream,
    decoder: Decoder,
    seen: VecDeque<Seen>,
    next_request: RequestId,
    pub learner_uid: u32,
    _run_dir: tempfile::TempDir,
}

#[derive(Debug)]
pub struct Finished {
    pub stdout: String,
    pub stderr: String,
    pub report: String,
    pub ending: Ending,
    pub duration: Duration,
}

impl Guest {
    /// A guest in a container, which has said hello.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        Self::meet(|run_dir, uid| Place::container(run_dir, uid, arguments))
    }

    /// A guest that is an ordinary process of whoever runs the tests, as developers start it.
    pub fn start_bare() -> Self {
        Self::meet(|run_dir, _| Place::process(run_dir))
    }

    fn meet(start: impl FnOnce(&Path, u32) -> Place) -> Self {
        let only_root = std::fs::Permissions::from_mode(0o700);
        let run_dir = tempfile::Builder::new().permissions(only_root).tempdir().unwrap();
        let listener = UnixListener::bind(run_dir.path().join("guest.sock")).unwrap();
        listener.set_nonblocking(true).unwrap();
        let uid = place::unique_uid();
        let place = start(run_dir.path(), uid);
        let stream = accept(&listener);
        let mut guest = Self {
            place,
            stream,
            decoder: Decoder::default(),
            seen: VecDeque::new(),
            next_request: 1,
            learner_uid: place::LEARNERS + uid,
            _run_dir: run_dir,
        };
        let hello = guest.wait_for("hello", |seen| match seen {
            Seen::Said(FromGuest::Hello { version }) => Some(*version),
            _ => None,
        });
        assert_eq!(hello, PROTOCOL_VERSION);
        guest
    }

    /// Sends without waiting.
    pub fn tell(&mut self, message: &ToGuest) {
        self.send(&Frame::Text(serde_json::to_string(message).unwrap()));
    }

    pub fn send(&mut self, frame: &Frame) {
        let mut bytes = Vec::new();
        encode_into(frame, &mut bytes);
        self.send_raw(&bytes);
    }

    /// Writes all, reading meanwhile: neither side may wait for the other to read first.
    pub fn send_raw(&mut self, mut bytes: &[u8]) {
        let deadline = Instant::now() + PATIENCE;
        self.stream.set_nonblocking(true).unwrap();
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(why) if why.kind() == ErrorKind::WouldBlock => {
                    assert!(Instant::now() < deadline, "the guest takes nothing");
                    self.receive(Duration::from_millis(5));
                    self.stream.set_nonblocking(true).unwrap();
                }
                Err(why) => panic!("sending: {why}"),
            }
        }
    }

    /// Asks, and waits for the answer of the same number.
    pub fn ask(&mut self, question: impl FnOnce(RequestId) -> ToGuest) -> Result<FromGuest, GuestError> {
        let request = self.next_request;
        self.next_request += 1;
        self.tell(&question(request));
        self.answer_to(request)
    }

    fn answer_to(&mut self, request: RequestId) -> Result<FromGuest, GuestError> {
        self.wait_for("an answer", |seen| match seen {
            Seen::Said(FromGuest::RequestFailed { request: to, error }) if *to == request => {
                Some(Err(error.clone()))
            }
            Seen::Said(said) if answers(said) == Some(request) => Some(Ok(said.clone())),
            _ => None,
        })
    }

    /// Waits until `pick` finds what it looks for, takes that out and leaves the rest.
    pub fn wait_for<T>(&mut self, what: &str, pick: impl FnMut(&Seen) -> Option<T>) -> T {
        self.find_within(PATIENCE, pick).unwrap_or_else(|| panic!("no {what}; seen {:?}", self.seen))
    }

    pub fn find_within<T>(
        &mut self,
        patience: Duration,
        mut pick: impl FnMut(&Seen) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut looked_at = 0;
        loop {
            while let Some(seen) = self.seen.get(looked_at) {
                if let Some(found) = pick(seen) {
                    self.seen.remove(looked_at);
                    return Some(found);
                }
                looked_at += 1;
            }
            let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            if !self.receive(left) {
                return None;
            }
        }
    }

    /// Takes in what arrives within `patience`; false when the guest has hung up.
    fn receive(&mut self, patience: Duration) -> bool {
        self.stream.set_nonblocking(false).unwrap();
        self.stream.set_read_timeout(Some(patience.max(Duration::from_millis(1)))).unwrap();
        let mut chunk = [0; 64 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => return false,
            Ok(count) => self.decoder.push(&chunk[..count]),
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return true,
            Err(_) => return false,
        }
        while let Some(frame) = self.decoder.next_frame().unwrap() {
            self.seen.push_back(match frame {
                Frame::Text(text) => Seen::Said(serde_json::from_str(&text).unwrap()),
                Frame::Binary(bytes) => {
                    let frame = StreamFrame::decode(&bytes).unwrap();
                    // Only the stamps of a key are for one viewer.
                    let viewer = if matches!(frame.stream, Stream::Trace(_)) { TRACED_BY } else { 0 };
                    assert_eq!((frame.flow, frame.viewer), (Flow::Output, viewer));
                    Seen::Output {
                        stream: frame.stream,
                        offset: frame.offset,
                        payload: frame.payload.to_vec(),
                    }
                }
            });
        }
        true
    }

    /// Whether the guest has closed the socket.
    pub fn has_hung_up(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if !self.receive(PATIENCE) {
                return true;
            }
        }
        false
    }

    pub fn hang_up(self) -> Place {
        drop(self.stream);
        self.place
    }

    // Programs

    /// A number that no run has.
    pub fn unused_run(&mut self) -> RequestId {
        self.next_request += 1;
        self.next_request
    }

    pub fn start_run(&mut self, argv: &[&str], limits: RunLimits) -> RequestId {
        let run = self.next_request;
        let answer = self.ask(|request| ToGuest::RunCommand { request, run, program: program(argv), limits });
        assert!(matches!(answer, Ok(FromGuest::RunStarted { .. })), "{answer:?}");
        run
    }

    pub fn finish_run(&mut self, run: RequestId) -> Finished {
        let asked = Instant::now();
        let (ending, duration_ms) = self.wait_for("end of the run", |seen| match seen {
            Seen::Said(FromGuest::RunFinished { run: of, ending, duration_ms }) if *of == run => {
                Some((*ending, *duration_ms))
            }
            _ => None,
        });
        assert!(asked.elapsed() < PATIENCE);
        let mut output = |wanted: RunStream| {
            let mut bytes = Vec::new();
            self.seen.retain(|seen| match seen {
                Seen::Said(FromGuest::RunOutput { run: of, stream, bytes: more })
                    if *of == run && *stream == wanted =>
                {
                    bytes.extend_from_slice(&more.0);
                    false
                }
                _ => true,
            });
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Finished {
            stdout: output(RunStream::Stdout),
            stderr: output(RunStream::Stderr),
            report: output(RunStream::Report),
            ending,
            duration: Duration::from_millis(duration_ms),
        }
    }

    pub fn run(&mut self, script: &str, limits: RunLimits) -> Finished {
        let run = self.start_run(&["sh", "-c", script], limits);
        self.finish_run(run)
    }

    /// Runs a script that must succeed; answers what it printed.
    pub fn sh(&mut self, script: &str) -> String {
        let finished = self.run(script, LIMITS);
        assert_eq!(finished.ending, Ending::Exited { code: 0 }, "{script}: {finished:?}");
        finished.stdout
    }

    /// Starts a script in the background.
    pub fn service(&mut self, script: &str) {
        let answer =
            self.ask(|request| ToGuest::StartService { request, program: program(&["sh", "-c", script]) });
        assert!(matches!(answer, Ok(FromGuest::Done { .. })), "{answer:?}");
    }

    /// Runs `condition` until it holds.
    pub fn until(&mut self, condition: &str) {
        let script = format!("for i in $(seq 1000); do {condition} && exit 0; usleep 10000; done; exit 1");
        self.sh(&script);
    }

    // Terminals

    pub fn open(&mut self, terminal: TerminalId, argv: &[&str]) {
        let answer = self.ask(|request| ToGuest::OpenTerminal {
            request,
            terminal,
            program: program(argv),
            size: SIZE,
        });
        assert!(matches!(answer, Ok(FromGuest::TerminalOpened { .. })), "{answer:?}");
    }

    pub fn grant(&mut self, terminal: TerminalId, up_to: u64) {
        self.tell(&ToGuest::GrantOutput { terminal, up_to });
    }

    pub fn type_in(&mut self, terminal: TerminalId, text: &[u8]) {
        let (stream, flow) = (Stream::Terminal(terminal), Flow::Input);
        let frame = StreamFrame { stream, flow, viewer: 0, offset: 0, payload: text };
        self.send(&Frame::Binary(frame.encode()));
    }

    /// Takes output until it holds `text`.
    pub fn output_until(&mut self, terminal: TerminalId, text: &str) -> String {
        let mut output = String::new();
        while !output.contains(text) {
            let seen = &output;
            let (_, payload) = self
                .find_within(PATIENCE, |seen| output_of(seen, terminal))
                .unwrap_or_else(|| panic!("no {text:?} in {seen:?}"));
            output.push_str(&String::from_utf8_lossy(&payload));
        }
        output
    }

    pub fn exit_of(&mut self, terminal: TerminalId) -> ExitStatus {
        self.wait_for("exit of the terminal", |seen| match seen {
            Seen::Said(FromGuest::TerminalExited { terminal: of, status }) if *of == terminal => {
                Some(*status)
            }
            _ => None,
        })
    }

    // Files

    pub fn write(&mut self, name: &str, content: &str) -> Result<(), GuestError> {
        let content = FileContent::Text(content.to_owned());
        self.ask(|request| ToGuest::WriteFile { request, path: path(name), content, executable: false })
            .map(drop)
    }

    pub fn read(&mut self, name: &str) -> Result<String, GuestError> {
        match self.ask(|request| ToGuest::ReadFile { request, path: path(name) })? {
            FromGuest::FileRead { content, .. } => {
                Ok(String::from_utf8_lossy(content.as_bytes()).into_owned())
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn delete(&mut self, name: &str) -> Result<(), GuestError> {
        self.ask(|request| ToGuest::Delete { request, path: path(name) }).map(drop)
    }

    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), GuestError> {
        self.ask(|request| ToGuest::Rename { request, from: path(from), to: path(to) }).map(drop)
    }

    pub fn create_folder(&mut self, name: &str) -> Result<(), GuestError> {
        self.ask(|request| ToGuest::CreateFolder { request, path: path(name) }).map(drop)
    }

    /// Names of the listed entries, and how many were left out.
    pub fn list(&mut self) -> (Vec<String>, u32) {
        match self.ask(|request| ToGuest::ListFiles { request }) {
            Ok(FromGuest::FilesListed { entries, omitted, .. }) => {
                (entries.into_iter().map(|entry| entry.path.into()).collect(), omitted)
            }
            other => panic!("{other:?}"),
        }
    }
}

pub fn output_of(seen: &Seen, wanted: TerminalId) -> Option<(u64, Vec<u8>)> {
    match seen {
        Seen::Output { stream, offset, payload } if *stream == Stream::Terminal(wanted) => {
            Some((*offset, payload.clone()))
        }
        _ => None,
    }
}

pub fn path(text: &str) -> WorkspacePath {
    WorkspacePath::new(text).unwrap()
}

pub fn program(argv: &[&str]) -> Program {
    let environment = vec![("GRADUS_LESSON".to_owned(), "test".to_owned())];
    Program { argv: argv.iter().map(|&word| word.to_owned()).collect(), environment }
}

fn answers(said: &FromGuest) -> Option<RequestId> {
    match said {
        FromGuest::Done { request }
        | FromGuest::FilesListed { request, .. }
        | FromGuest::FileRead { request, .. }
        | FromGuest::TerminalOpened { request, .. }
        | FromGuest::RunStarted { request, .. } => Some(*request),
        _ => None,
    }
}

fn accept(listener: &UnixListener) -> UnixStream {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match listener.accept() {
            Ok((stream, _)) => return stream,
            Err(why) if why.kind() == ErrorKind::WouldBlock && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(why) => panic!("the guest does not dial: {why}"),
        }
    }
}
