//! The judge's side of a port: once the learner's server takes connections on the other side, one is listened for here,
//! and each is passed on. Until then nobody listens, so that a test that waits for the server waits for the server.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::calls;
use crate::packet::{MAX_PAYLOAD, Packet, PacketError};
use crate::request::Request;

/// Connections at once; each is a call, and the guest takes few at a time. The others are closed, as by a server that is
/// full.
const MAX_CONNECTIONS: usize = 12;

/// Listens until this process ends, with the program it stands in for. Comes back only when it cannot.
pub fn stand_in(port: u16, answer_bytes: usize) {
    if let Err(why) = serve(port, answer_bytes) {
        eprintln!("port {port}: {}", crate::causes(&why));
    }
}

fn serve(port: u16, answer_bytes: usize) -> Result<(), PacketError> {
    let (mut from, call) = ask(Request::Await { port })?;
    if Packet::read(&mut from)? != Some(Packet::Start) {
        return Ok(());
    }
    drop((from, call));
    let open = Arc::new(AtomicUsize::new(0));
    for socket in TcpListener::bind((Ipv4Addr::LOCALHOST, port))?.incoming().flatten() {
        if open.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
            open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let open = Arc::clone(&open);
        std::thread::spawn(move || {
            // Either side may end it whenever it likes.
            let _ = pass_on(&socket, port, answer_bytes);
            let _ = socket.shutdown(Shutdown::Both);
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }
    Ok(())
}

fn ask(request: Request) -> Result<(UnixStream, UnixStream), PacketError> {
    let mut to = calls::connect()?;
    let from = to.try_clone()?;
    Packet::Ask(request).write(&mut to)?;
    Ok((from, to))
}

fn pass_on(mut socket: &TcpStream, port: u16, answer_bytes: usize) -> Result<(), PacketError> {
    socket.set_nodelay(true)?;
    let (mut from, to) = ask(Request::Connect { port })?;
    // Nobody listens there any more: the test sees a connection that is closed at once.
    if Packet::read(&mut from)? != Some(Packet::Start) {
        return Ok(());
    }
    let reading = socket.try_clone()?;
    std::thread::spawn(move || send(reading, to));
    let mut left = answer_bytes;
    while let Some(Packet::Data(bytes)) = Packet::read(&mut from)? {
        let Some(rest) = left.checked_sub(bytes.len()) else { break };
        left = rest;
        socket.write_all(&bytes)?;
    }
    Ok(())
}

fn send(mut from: TcpStream, mut to: UnixStream) -> io::Result<()> {
    let mut buffer = vec![0; MAX_PAYLOAD];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let bytes = buffer.get(..count).unwrap_or_default().to_vec();
        Packet::Data(bytes).write(&mut to).map_err(io::Error::other)?;
    }
    Packet::DataEnd.write(&mut to).map_err(io::Error::other)
}
