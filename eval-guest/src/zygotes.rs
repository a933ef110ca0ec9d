//! Programs that were started before anybody wants them: an interpreter of the image's with everything imported, which
//! waits for an order and becomes that run. Starts them, learns when they wait, and gives each away once.
//!
//! An image has one executable for each program that can wait, of the program's name. It is started as any run is – pipes,
//! keeper, limits, the learner's uid – only earlier, and with a socket for its standard input. It says one packet when it is
//! ready, and is sent one, the order. Then it is what a run would be, and is kept, limited and killed as one. What happens to
//! it while it waits costs time and nothing else: whoever finds none starts the program itself.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ide_protocol::guest::{FromGuest, GuestError, Program, RequestId};
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, send, socketpair};
use rustix::process::{Pid, Signal, kill_process};

use crate::connection::Connection;
use crate::launch::{Launcher, Plan, Purpose, cannot_start};
use crate::poller::{Poller, Source, Watched};
use crate::stage::Stage;

/// Where an image has them, if it has any.
const FOLDER: &str = "/usr/local/lib/gradus/zygotes";

/// Waiting at once; each costs the memory of an interpreter.
const MAX_WAITING: usize = 4;

/// For one to have everything imported, on a busy host. Shorter than the agent waits for an answer.
const READY_LIMIT: Duration = Duration::from_secs(8);

/// A run that needs a longer order is started by itself.
const MAX_ORDER_BYTES: usize = 64 * 1024;

#[derive(Default)]
pub struct Zygotes {
    /// What they become.
    program: String,
    waiting: Vec<Zygote>,
    /// Numbers them for the poller.
    next: u32,
    asked: Option<Asked>,
}

struct Zygote {
    number: u32,
    stage: Stage,
    socket: Watched<OwnedFd>,
    ready: bool,
}

/// Somebody waits until they are ready.
struct Asked {
    requests: Vec<RequestId>,
    /// That many had to be.
    count: usize,
    until: Instant,
}

impl Zygotes {
    /// Starts what is missing of `count` and gives up the rest; answered by [`attend`](Self::attend).
    pub fn warm_up(
        &mut self,
        request: RequestId,
        program: String,
        count: u8,
        now: Instant,
        launcher: &Launcher,
        poller: &Poller,
    ) {
        if self.program != program {
            self.waiting.clear();
            self.program = program;
        }
        let zygote = executable(&self.program);
        let count = if zygote.is_some() { usize::from(count).min(MAX_WAITING) } else { 0 };
        // Dropped, they read the end of their socket, and end.
        self.waiting.truncate(count);
        while let Some(path) = zygote.as_ref().filter(|_| self.waiting.len() < count) {
            match Zygote::start(path, self.next, launcher, poller) {
                Ok(zygote) => self.waiting.push(zygote),
                Err(why) => {
                    eprintln!("eval-guest: {}: {why}", path.display());
                    break;
                }
            }
            self.next = self.next.wrapping_add(1);
        }
        let asked = self.asked.get_or_insert(Asked { requests: Vec::new(), count, until: now });
        asked.requests.push(request);
        asked.count = count;
        asked.until = now + READY_LIMIT;
    }

    /// One of them has something to say: once that it is ready, and then nothing.
    pub fn heard(&mut self, number: u32) {
        let Some(at) = self.waiting.iter().position(|zygote| zygote.number == number) else { return };
        if let Some(zygote) = self.waiting.get_mut(at)
            && matches!(rustix::io::read(&zygote.socket, &mut [0; 1]), Ok(1))
        {
            zygote.ready = true;
            // Its end is told by its keeper's.
            zygote.socket.want(false, false);
        } else {
            self.waiting.remove(at).give_up();
        }
    }

    /// Whether `pid` was a waiting one's keeper.
    pub fn child_ended(&mut self, pid: Pid) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|zygote| zygote.stage.keeper != pid);
        self.waiting.len() < before
    }

    /// Has a waiting one become the run of `plan`, if one can.
    pub fn become_run(&mut self, plan: &Plan) -> Option<Stage> {
        if plan.argv.first()?.as_bytes() != self.program.as_bytes() {
            return None;
        }
        let order = order(plan)?;
        loop {
            let found = self.waiting.iter().position(|zygote| zygote.ready)?;
            let zygote = self.waiting.remove(found);
            match send(&zygote.socket, &order, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Ok(_) => return Some(zygote.stage),
                Err(_) => zygote.give_up(),
            }
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.asked.as_ref().map(|asked| asked.until)
    }

    /// Answers who asked, once all are ready or will not be.
    pub fn attend(&mut self, connection: &mut Connection, now: Instant) {
        let Some(asked) = &self.asked else { return };
        let ready = self.waiting.iter().filter(|zygote| zygote.ready).count();
        let is_done = ready >= asked.count;
        let is_lost = self.waiting.len() < asked.count || asked.until <= now;
        if !(is_done || is_lost) {
            return;
        }
        for request in self.asked.take().into_iter().flat_map(|asked| asked.requests) {
            connection.say(&if is_done {
                FromGuest::Done { request }
            } else {
                let error =
                    cannot_start(format!("of what was to wait for {}, {ready} came up", self.program));
                FromGuest::RequestFailed { request, error }
            });
        }
    }
}

impl Zygote {
    fn start(path: &Path, number: u32, launcher: &Launcher, poller: &Poller) -> Result<Self, GuestError> {
        let argv = vec![path.to_string_lossy().into_owned()];
        let plan = launcher.plan(&Program { argv, environment: Vec::new() }, Purpose::Run)?;
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .map_err(|why| cannot_start(format!("no pair of sockets: {why}")))?;
        let stage = Stage::set(&plan, launcher.identity, theirs.as_fd())?;
        let mut socket = poller.watch(Source::Zygote(number), ours);
        socket.want(true, false);
        Ok(Self { number, stage, socket, ready: false })
    }

    /// Its keeper ends it.
    fn give_up(&self) {
        let _ = kill_process(self.stage.keeper, Signal::TERM);
    }
}

/// What waits for a program in this image.
fn executable(program: &str) -> Option<PathBuf> {
    let is_a_name = !program.is_empty() && !program.contains(['/', '\0']);
    Some(Path::new(FOLDER).join(program)).filter(|path| is_a_name && path.is_file())
}

/// Folders to try, arguments, environment: each list with its length before it, and a zero byte after every text.
fn order(plan: &Plan) -> Option<Vec<u8>> {
    let mut order = Vec::new();
    for list in [&plan.folders, &plan.argv, &plan.environment] {
        order.extend_from_slice(list.len().to_string().as_bytes());
        order.push(0);
        list.iter().for_each(|text| order.extend_from_slice(text.as_bytes_with_nul()));
    }
    (order.len() <= MAX_ORDER_BYTES).then_some(order)
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    fn texts(texts: &[&str]) -> Vec<CString> {
        texts.iter().map(|&text| CString::new(text).unwrap()).collect()
    }

    #[test]
    fn an_order_tells_its_lists_apart_whatever_is_in_them() {
        let plan = Plan {
            candidates: Vec::new(),
            argv: texts(&["python3", "", "2"]),
            environment: texts(&["A=1"]),
            folders: texts(&["/home/learner/work", "/"]),
        };
        assert_eq!(order(&plan).unwrap(), b"2\0/home/learner/work\0/\x003\0python3\0\x002\x001\0A=1\0");
    }

    #[test]
    fn a_long_order_is_none() {
        let long = "x".repeat(MAX_ORDER_BYTES);
        let plan = Plan {
            candidates: Vec::new(),
            argv: texts(&[&long]),
            environment: Vec::new(),
            folders: Vec::new(),
        };
        assert_eq!(order(&plan), None);
    }
}
