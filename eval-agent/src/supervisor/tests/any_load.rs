//! Whatever jobs come to whatever host: its room is never given away twice, none waits for those that came after it, and
//! everything is settled in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ide_protocol::job::Room;
use proptest::prelude::*;
use uuid::Uuid;

use crate::supervisor::room::{HostRoom, Taken, cost};
use crate::supervisor::{Command, Event, JobEnd, Lane, LeaseNumber, Supervisor, Work};

#[derive(Debug, Clone)]
enum Deed {
    /// A look at a lane brings a job, if one is under way.
    Comes(Lane, Room),
    NothingComes(Lane),
    /// The so-many-th of the jobs under way ends.
    Ends(usize),
    /// The so-many-th of the leases is someone else's.
    Loses(usize),
    Passes(Duration),
}

fn room() -> impl Strategy<Value = Room> {
    let memory = prop_oneof![3 => Just(256u32), 2 => 1u32..600, 1 => 600u32..5_000];
    let cpu = prop_oneof![3 => Just(100u32), 1 => 1u32..500];
    (memory, cpu).prop_map(|(memory_mib, cpu_percent)| Room { memory_mib, cpu_percent })
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let lane = || prop_oneof![Just(Lane::Sessions), Just(Lane::Grading)];
    let deed = prop_oneof![
        8 => (lane(), room()).prop_map(|(lane, needs)| Deed::Comes(lane, needs)),
        1 => lane().prop_map(Deed::NothingComes),
        6 => any::<usize>().prop_map(Deed::Ends),
        1 => any::<usize>().prop_map(Deed::Loses),
        1 => (1u64..5).prop_map(|seconds| Deed::Passes(Duration::from_secs(seconds))),
    ];
    proptest::collection::vec(deed, 1..120)
}

fn hosts() -> impl Strategy<Value = (HostRoom, usize, usize)> {
    let room =
        (64u64..6_000, 50u64..900).prop_map(|(memory_mib, cpu_percent)| HostRoom { memory_mib, cpu_percent });
    (room, 1usize..20, 1usize..5)
}

/// What the driver and the world know of a job.
#[derive(Debug)]
struct Known {
    work: Work,
    needs: Room,
    state: State,
}

#[derive(Debug, PartialEq)]
enum State {
    /// Came while these were there, and may wait for them alone.
    Held(BTreeSet<LeaseNumber>),
    Begun,
    PassedOn,
}

struct Play {
    supervisor: Supervisor,
    host: HostRoom,
    slots: BTreeMap<&'static str, usize>,
    now: Instant,
    next: LeaseNumber,
    /// Looks under way.
    looks: Vec<Lane>,
    jobs: BTreeMap<LeaseNumber, Known>,
}

impl Play {
    fn new((host, sessions, gradings): (HostRoom, usize, usize)) -> Self {
        let mut play = Self {
            supervisor: Supervisor::new(sessions, gradings).with_room(host),
            host,
            slots: BTreeMap::from([(Work::Sessions.name(), sessions), (Work::Gradings.name(), gradings)]),
            now: Instant::now(),
            next: 1,
            looks: Vec::new(),
            jobs: BTreeMap::new(),
        };
        play.happens(Event::Tick);
        assert_eq!(play.looks.len(), 2, "an idle host asks for both kinds");
        play
    }

    fn happens(&mut self, event: Event) {
        for command in self.supervisor.handle(self.now, event) {
            match command {
                Command::Poll { lane } => {
                    assert!(!self.looks.contains(&lane), "two looks at {lane:?} at once");
                    self.looks.push(lane);
                }
                Command::Begin { lease } => self.begun(lease),
                Command::PassOn { lease, .. } => {
                    let job = self.jobs.get_mut(&lease).unwrap();
                    assert!(self.host.could_hold(job.work, job.needs).is_err(), "{job:?} could fit");
                    job.state = State::PassedOn;
                }
                Command::Settle { lease, .. } | Command::Forget { lease } => {
                    assert!(self.jobs.remove(&lease).is_some(), "settled twice");
                }
                // The queue is well.
                Command::Extend { lease } => {
                    let asked = self.now;
                    self.supervisor.handle(asked, Event::Extended { lease, asked });
                }
                Command::Stop { .. } | Command::CheckHost | Command::DisownVerdicts => {}
            }
        }
        self.check();
    }

    fn begun(&mut self, lease: LeaseNumber) {
        let job = self.jobs.get_mut(&lease).unwrap();
        assert!(matches!(job.state, State::Held(_)), "{job:?} is begun");
        job.state = State::Begun;
    }

    fn taken(&self, work: Work) -> (usize, Taken) {
        let begun = self.jobs.values().filter(|job| job.work == work && job.state == State::Begun);
        (begun.clone().count(), begun.map(|job| cost(job.work, job.needs)).sum())
    }

    fn check(&self) {
        let mut memory = 0;
        for work in Work::ALL {
            let (count, taken) = self.taken(work);
            let most = self.host.most(work);
            assert!(count <= self.slots[work.name()], "{count} {work:?}");
            assert!(taken.memory_mib <= most.memory_mib && taken.cpu_percent <= most.cpu_percent);
            memory += taken.memory_mib;
        }
        assert!(memory <= self.host.memory_mib, "{memory} MiB of {}", self.host.memory_mib);
        for (lease, job) in &self.jobs {
            if let State::Held(before) = &job.state {
                let waits = before.iter().any(|older| self.jobs.contains_key(older));
                assert!(waits, "{lease} {job:?} waits for none that were there before it");
            }
        }
    }

    fn does(&mut self, deed: Deed) {
        match deed {
            Deed::Comes(lane, needs) => {
                let Some(look) = self.looks.iter().position(|look| *look == lane) else { return };
                self.looks.remove(look);
                let (lease, asked) = (self.next, self.now);
                self.next += 1;
                let before = self.jobs.keys().copied().collect();
                self.jobs.insert(lease, Known { work: Work::of(lane), needs, state: State::Held(before) });
                let job = Uuid::from_u128(lease.into());
                self.happens(Event::Leased { lane, lease, job, sending: 1, needs, delivery: 1, asked });
            }
            Deed::NothingComes(lane) => {
                if let Some(look) = self.looks.iter().position(|look| *look == lane) {
                    self.looks.remove(look);
                    self.happens(Event::LaneEmpty(lane));
                }
            }
            Deed::Ends(which) => {
                let under_way = |job: &Known| !matches!(job.state, State::Held(_));
                let leases: Vec<_> = self.jobs.iter().filter(|(_, job)| under_way(job)).collect();
                let Some(lease) = leases.get(which % leases.len().max(1)).map(|(lease, _)| **lease) else {
                    return;
                };
                self.happens(Event::JobEnded { lease, end: JobEnd::Done });
            }
            Deed::Loses(which) => {
                let leases: Vec<_> = self.jobs.keys().copied().collect();
                if let Some(lease) = leases.get(which % leases.len().max(1)) {
                    self.happens(Event::LeaseLost { lease: *lease });
                }
            }
            Deed::Passes(time) => {
                self.now += time;
                self.happens(Event::Tick);
            }
        }
    }

    /// Everybody is asked to stop, and does.
    fn ends(mut self) {
        self.happens(Event::Drain);
        for lane in std::mem::take(&mut self.looks) {
            self.happens(Event::LaneEmpty(lane));
        }
        while let Some(lease) = self.jobs.keys().next().copied() {
            self.happens(Event::JobEnded { lease, end: JobEnd::Done });
        }
        assert!(self.supervisor.is_finished());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn room_is_given_once_nobody_starves_and_all_is_settled(host in hosts(), deeds in deeds()) {
        let mut play = Play::new(host);
        for deed in deeds {
            play.does(deed);
        }
        play.ends();
    }

    /// When all that is under way has ended, the host takes jobs again, whatever it was through.
    #[test]
    fn an_empty_host_asks_for_jobs(host in hosts(), deeds in deeds()) {
        let mut play = Play::new(host);
        for deed in deeds {
            play.does(deed);
        }
        while !play.jobs.is_empty() {
            play.does(Deed::Ends(0));
        }
        play.now += Duration::from_secs(2);
        play.happens(Event::Tick);
        prop_assert_eq!(play.looks.len(), 2);
    }
}
