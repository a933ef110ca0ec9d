//! Epoll, with registrations that follow what each owner wants just now.
//!
//! A source that nobody wants is taken out altogether, because epoll reports hang-ups even of sources with an
//! empty interest, and that would spin.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use ide_protocol::channel::ChannelId;
use ide_protocol::guest::{RunId, RunStream};
use ide_protocol::terminal::TerminalId;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

/// Events taken per wake-up; more wait for the next.
const EVENTS_PER_WAKE_UP: usize = 32;

/// Whose descriptor is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Agent,
    Signals,
    Watcher,
    Terminal(TerminalId),
    Channel(ChannelId),
    Calls,
    Run(RunId, RunStream),
    Zygote(u32),
}

impl Source {
    fn token(self) -> u64 {
        let (kind, id) = match self {
            Self::Agent => (0, 0),
            Self::Signals => (1, 0),
            Self::Watcher => (2, 0),
            Self::Terminal(id) => (3, id),
            Self::Run(id, RunStream::Stdout) => (4, id),
            Self::Run(id, RunStream::Stderr) => (5, id),
            Self::Run(id, RunStream::Report) => (6, id),
            Self::Channel(id) => (7, id),
            Self::Calls => (8, 0),
            Self::Zygote(id) => (9, id),
        };
        kind << 32 | u64::from(id)
    }

    fn from_token(token: u64) -> Option<Self> {
        let id = (token & u64::from(u32::MAX)) as u32;
        Some(match token >> 32 {
            0 => Self::Agent,
            1 => Self::Signals,
            2 => Self::Watcher,
            3 => Self::Terminal(id),
            4 => Self::Run(id, RunStream::Stdout),
            5 => Self::Run(id, RunStream::Stderr),
            6 => Self::Run(id, RunStream::Report),
            7 => Self::Channel(id),
            8 => Self::Calls,
            9 => Self::Zygote(id),
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    pub source: Source,
    pub readable: bool,
    pub writable: bool,
}

#[derive(Clone)]
pub struct Poller {
    epoll: Rc<OwnedFd>,
}

impl Poller {
    pub fn new() -> io::Result<Self> {
        Ok(Self { epoll: Rc::new(epoll::create(CreateFlags::CLOEXEC)?) })
    }

    /// Takes `descriptor` under watch; nothing is reported before [`Watched::want`].
    pub fn watch<D: AsFd>(&self, source: Source, descriptor: D) -> Watched<D> {
        Watched { epoll: Rc::clone(&self.epoll), source, descriptor, wanted: EventFlags::empty() }
    }

    /// Waits for the first event, at most `timeout` (`None`: for ever).
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<Vec<Ready>> {
        let timeout = timeout.and_then(|left| rustix::time::Timespec::try_from(left).ok());
        let mut buffer = [MaybeUninit::<Event>::uninit(); EVENTS_PER_WAKE_UP];
        let events = match epoll::wait(&*self.epoll, &mut buffer, timeout.as_ref()) {
            Ok((events, _)) => events,
            Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            Err(why) => return Err(why.into()),
        };
        let ends = EventFlags::HUP | EventFlags::RDHUP | EventFlags::ERR;
        Ok(events
            .iter()
            .filter_map(|event| {
                let (token, flags) = (event.data.u64(), event.flags);
                Some(Ready {
                    source: Source::from_token(token)?,
                    readable: flags.intersects(EventFlags::IN | ends),
                    writable: flags.intersects(EventFlags::OUT | ends),
                })
            })
            .collect())
    }
}

/// A descriptor under watch. Dropping it ends the watch, then closes.
pub struct Watched<D: AsFd> {
    epoll: Rc<OwnedFd>,
    source: Source,
    descriptor: D,
    wanted: EventFlags,
}

impl<D: AsFd> Watched<D> {
    /// Says which readiness to report from now on. Costs nothing when it stays the same.
    pub fn want(&mut self, readable: bool, writable: bool) {
        let mut wanted = EventFlags::empty();
        wanted.set(EventFlags::IN, readable);
        wanted.set(EventFlags::OUT, writable);
        self.want_events(wanted);
    }

    /// Says that only the other side's end is of interest, whatever it sent before.
    pub fn want_end(&mut self, writable: bool) {
        let mut wanted = EventFlags::RDHUP;
        wanted.set(EventFlags::OUT, writable);
        self.want_events(wanted);
    }

    fn want_events(&mut self, wanted: EventFlags) {
        if wanted == self.wanted {
            return;
        }
        let data = EventData::new_u64(self.source.token());
        let done = match (self.wanted.is_empty(), wanted.is_empty()) {
            (true, _) => epoll::add(&*self.epoll, &self.descriptor, data, wanted),
            (false, true) => epoll::delete(&*self.epoll, &self.descriptor),
            (false, false) => epoll::modify(&*self.epoll, &self.descriptor, data, wanted),
        };
        match done {
            Ok(()) => self.wanted = wanted,
            Err(why) => eprintln!("eval-guest: watching {:?}: {why}", self.source),
        }
    }

    /// Puts another descriptor in this one's place, unwatched until it is wanted.
    pub fn replace(&mut self, descriptor: D) {
        self.want(false, false);
        self.descriptor = descriptor;
    }

    pub fn get(&self) -> &D {
        &self.descriptor
    }
}

impl<D: AsFd> AsFd for Watched<D> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl<D: AsFd> Drop for Watched<D> {
    fn drop(&mut self) {
        if !self.wanted.is_empty() {
            let _ = epoll::delete(&*self.epoll, &self.descriptor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_survives_its_token() {
        let streams = [RunStream::Stdout, RunStream::Stderr, RunStream::Report];
        let sources = [
            Source::Agent,
            Source::Signals,
            Source::Watcher,
            Source::Terminal(u32::MAX),
            Source::Channel(u32::MAX),
            Source::Calls,
            Source::Zygote(u32::MAX),
        ];
        for source in sources.into_iter().chain(streams.map(|stream| Source::Run(7, stream))) {
            assert_eq!(Source::from_token(source.token()), Some(source));
        }
        assert_eq!(Source::from_token(u64::MAX), None);
    }

    #[test]
    fn an_unwanted_source_stays_silent_even_when_it_hangs_up() {
        let poller = Poller::new().unwrap();
        let (here, there) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut watched = poller.watch(Source::Agent, here);
        watched.want(true, false);
        watched.want(false, false);
        drop(there);
        assert_eq!(poller.wait(Some(Duration::ZERO)).unwrap(), []);
        watched.want(true, false);
        let ready = poller.wait(Some(Duration::ZERO)).unwrap();
        assert!(ready[0].readable);
    }
}
