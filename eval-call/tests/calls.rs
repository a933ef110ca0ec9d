//! Stand-in and worker as the processes they are, with a switchboard between them that passes bytes, as the agent does.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test is a panic")]

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const PROGRAM: &str = env!("CARGO_BIN_EXE_eval-call");

/// Takes calls under a name of its own; `answer` serves each.
struct Switchboard {
    name: String,
}

impl Switchboard {
    fn new(answer: impl Fn(UnixStream) + Send + Clone + 'static) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("gradus-calls-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        thread::spawn(move || {
            for call in listener.incoming().flatten() {
                let answer = answer.clone();
                thread::spawn(move || answer(call));
            }
        });
        Self { name }
    }

    /// Each call gets a worker, as in a container.
    fn workers() -> Self {
        Self::new(|call| {
            let mut worker = Command::new(PROGRAM)
                .arg("worker")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let (mut stdin, mut stdout) = (worker.stdin.take().unwrap(), worker.stdout.take().unwrap());
            let mut asking = call.try_clone().unwrap();
            thread::spawn(move || pass(&mut asking, &mut stdin));
            pass(&mut stdout, &mut &call);
            let _ = call.shutdown(Shutdown::Both);
            let _ = worker.kill();
            worker.wait().unwrap();
        })
    }

    /// Whoever answers is not our worker, but says these bytes.
    fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::new(move |mut call| {
            let _ = call.write_all(&bytes);
            let _ = call.shutdown(Shutdown::Write);
            let _ = io::copy(&mut call, &mut io::sink());
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env("GRADUS_CALLS", &self.name);
        command
    }

    fn call(&self, program: &str, arguments: &[&str]) -> Output {
        self.command(&[&["stand-in", program], arguments].concat()).stdin(Stdio::null()).output().unwrap()
    }
}

/// Passes bytes as they come. (`io::copy` would splice, and hold back what does not fill a pipe.)
fn pass(from: &mut impl io::Read, to: &mut impl io::Write) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}

fn script(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Where the learner's program lies: not below the scratch folder, whose files travel.
fn home() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

#[test]
fn a_program_is_what_it_would_be_here() {
    let (board, home) = (Switchboard::workers(), home());
    let program = script(home.path(), "program", "cat; echo \"$# $1|$2|$MINE\"; pwd; echo err >&2; exit 7");
    let mut child = board
        .command(&["stand-in", &program, "a b", ""])
        .env("MINE", "set by the test")
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = vec![b'x'; 1_000_000];
    let mut stdin = child.stdin.take().unwrap();
    let sent = input.clone();
    thread::spawn(move || stdin.write_all(&sent));
    let output = child.wait_with_output().unwrap();
    let expected =
        [&input[..], b"2 a b||set by the test\n", home.path().to_str().unwrap().as_bytes(), b"\n"].concat();
    assert!(output.stdout == expected, "{} bytes", output.stdout.len());
    assert_eq!((output.stderr.as_slice(), output.status.code()), (&b"err\n"[..], Some(7)));
}

#[test]
fn every_ending_is_told_as_it_was() {
    let (board, home) = (Switchboard::workers(), home());
    let rows = [
        ("exit 0", Some(0), None),
        ("exit 1", Some(1), None),
        ("kill -SEGV $$", None, Some(11)),
        ("kill -KILL $$", None, Some(9)),
        ("kill -TERM $$", None, Some(15)),
        ("kill 0; wait", None, Some(15)),
        ("sleep 60 & exit 3", Some(3), None),
    ];
    for (index, (text, code, signal)) in rows.into_iter().enumerate() {
        let status = board.call(&script(home.path(), &index.to_string(), text), &[]).status;
        assert_eq!((status.code(), status.signal()), (code, signal), "{text}");
    }
    let missing = board.call("/nowhere/at-all", &[]);
    assert_eq!(missing.status.code(), Some(127));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/nowhere/at-all"), "{missing:?}");
}

/// One packet as it travels.
fn packet(kind: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fn file(path: &Path, text: &str) -> Vec<u8> {
    let size = text.len();
    let head = format!("{{\"path\":\"{}\",\"folder\":false,\"size\":{size}}}", path.display());
    [packet(FILE, head), packet(FILE_BYTES, text)].concat()
}

const ASK: u8 = 1;
const FILE: u8 = 3;
const FILE_BYTES: u8 = 4;
const START: u8 = 5;
const STDIN_END: u8 = 7;
const ENDED: u8 = 10;
const GONE: u8 = 14;

#[test]
fn a_worker_puts_files_in_place_and_sends_back_what_the_program_changed() {
    let scratch = tempfile::tempdir_in("/tmp").unwrap();
    let at = |name: &str| scratch.path().join(name);
    let script = "wc -l < \"$1/log\"; echo new > \"$1/made\"; rm \"$1/old\"; echo no > \"$1-beside\"";
    let ask = format!(
        "{{\"type\":\"run\",\"argv\":[\"sh\",\"-c\",{script:?},\"sh\",\"{}\"],\"environment\":[],\"folder\":\"/tmp\"}}",
        scratch.path().display()
    );
    let wire = [
        packet(ASK, ask),
        file(&at("log"), "one\ntwo\n"),
        file(&at("old"), "x"),
        packet(START, ""),
        packet(STDIN_END, ""),
    ];
    let mut worker =
        Command::new(PROGRAM).arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    worker.stdin.take().unwrap().write_all(&wire.concat()).unwrap();
    let said = worker.wait_with_output().unwrap().stdout;
    std::fs::remove_file(format!("{}-beside", scratch.path().display())).unwrap();
    // The folder itself has changed only in what is in it.
    let expected = [
        packet(8, "2\n"),
        file(&at("made"), "new\n"),
        packet(GONE, at("old").display().to_string()),
        packet(ENDED, "{\"type\":\"exited\",\"code\":0}"),
    ];
    assert_eq!(String::from_utf8_lossy(&said), String::from_utf8_lossy(&expected.concat()));
}

#[test]
fn what_comes_back_lands_only_where_the_test_named_a_place() {
    let scratch = tempfile::tempdir_in("/tmp").unwrap();
    let at = |name: &str| scratch.path().join(name);
    std::fs::create_dir(at("named")).unwrap();
    for name in ["named/old", "named/kept", "beside"] {
        std::fs::write(at(name), "as it was").unwrap();
    }
    let named = at("named").display().to_string();
    let ended = packet(ENDED, "{\"type\":\"exited\",\"code\":0}");
    let gone = |name: &str| packet(GONE, at(name).display().to_string());
    let rows = [
        (
            "allowed",
            [file(&at("named/made"), "new"), file(&at("named/kept"), "changed"), gone("named/old")].concat(),
            0,
        ),
        ("beside what was named", file(&at("beside"), "spoilt"), 125),
        ("new beside what was named", file(&at("new"), "spoilt"), 125),
        ("removed beside what was named", gone("beside"), 125),
        ("outside", file(Path::new("/etc/gradus-test"), "x"), 125),
    ];
    for (name, bytes, code) in rows {
        let output = Switchboard::saying([bytes, ended.clone()].concat()).call("./anything", &[&named]);
        assert_eq!(output.status.code(), Some(code), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let read = |name: &str| std::fs::read_to_string(at(name)).unwrap_or_default();
    assert_eq!([read("named/made"), read("named/kept"), read("named/old")], ["new", "changed", ""]);
    assert_eq!([read("beside"), read("new")], ["as it was", ""]);
}

#[test]
fn endless_output_ends_the_call() {
    let (board, home) = (Switchboard::workers(), home());
    let program = script(home.path(), "program", "yes");
    let mut call = board.command(&["stand-in", "--output-kib", "64", "--", &program]);
    let output = call.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(output.stdout.len() <= 64 * 1024, "{} bytes", output.stdout.len());
    assert!(String::from_utf8_lossy(&output.stderr).contains("printed more than 64 KiB"), "{output:?}");
}

#[test]
fn a_hostile_other_side_gets_an_exit_status_and_nothing_else() {
    let rows: [(&str, &[u8]); 9] = [
        ("silence", b""),
        ("garbage", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("a packet that never ends", b"\x08\xff\xff\xff\xff"),
        ("half a packet", b"\x08\x00\x00\x00\x05ab"),
        ("no ending", b"\x08\x00\x00\x00\x02ok"),
        ("an ending that is none", b"\x0a\x00\x00\x00\x02{}"),
        ("a request of its own", b"\x05\x00\x00\x00\x00"),
        ("a file where none may be", b"\x03\x00\x00\x00\x33{\"path\":\"/home/learner/x\",\"folder\":false,\"size\":0}   \x0a\x00\x00\x00\x1b{\"type\":\"exited\",\"code\":0} "),
        ("a stop", b"\x0a\x00\x00\x00\x1f{\"type\":\"signaled\",\"signal\":19}"),
    ];
    for (name, bytes) in rows {
        let output = Switchboard::saying(bytes).call("./anything", &[]);
        let code = output.status.code();
        assert!(
            matches!(code, Some(125 | 147)),
            "{name}: {code:?} {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_port_is_listened_on_once_the_program_does_and_answered_by_it() {
    // Both sides share a machine here, so the program's side is played: it says that somebody listens, and answers.
    let board = Switchboard::new(|mut call| {
        let asked = ask_of(&mut call);
        if asked.contains("await") {
            let _ = call.write_all(&packet(START, ""));
        } else if asked.contains("connect") {
            let _ = call.write_all(&[packet(START, ""), packet(12, "hello"), packet(13, "")].concat());
        }
        let _ = io::copy(&mut call, &mut io::sink());
    });
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut call = board.command(&["stand-in", "--port-variable", "PORT", "--", "./server"]);
    let mut server = call.env("PORT", port.to_string()).stdin(Stdio::null()).spawn().unwrap();
    for _ in 0..3 {
        let mut socket = loop {
            match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                Ok(socket) => break socket,
                Err(_) => thread::yield_now(),
            }
        };
        let mut said = String::new();
        socket.read_to_string(&mut said).unwrap();
        assert_eq!(said, "hello");
    }
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "the port closes with the program");
}

/// The first packet's text.
fn ask_of(call: &mut UnixStream) -> String {
    let mut header = [0; 5];
    call.read_exact(&mut header).unwrap();
    let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
    let mut text = vec![0; length as usize];
    call.read_exact(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}
