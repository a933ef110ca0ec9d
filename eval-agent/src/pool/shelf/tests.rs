//! Small stories about one shelf, and a day of a school on a simulated clock.

use std::str::FromStr as _;

use lesson::Limits;

use super::super::pace::Pace;
use super::super::timetable::Expected;
use super::*;

const MIB: u64 = 1_024;

fn shape(image: &str) -> Shape {
    Shape::new(image, &Limits::default(), &[])
}

fn cost() -> Cost {
    Cost { memory_kib: 4 * MIB, start: Duration::from_millis(250) }
}

fn minute() -> MinuteOfDay {
    MinuteOfDay::of(std::time::UNIX_EPOCH)
}

/// Never more than the floor of each.
fn shelf(floor: usize, total: usize, always: &[&str]) -> Shelf<u32> {
    let always = always.iter().map(|image| shape(image)).collect();
    let budget_kib = 1_024 * MIB;
    Shelf::new(Policy { floor, ceiling: floor, total, budget_kib, always, ..Policy::default() })
}

/// Follows plans until there is nothing left to start; says how many wait per image.
fn settle(shelf: &mut Shelf<u32>, now: Instant) -> Vec<(String, usize)> {
    for item in 0..100 {
        let Some(shape) = shelf.plan(now, minute()).start else { break };
        shelf.put(now, &shape, item, cost());
    }
    let waiting = shelf.stocks.iter().map(|(shape, stock)| (shape.image.clone(), stock.ready.len()));
    waiting.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn what_is_asked_for_last_is_warmed_first_within_the_total() {
    let now = Instant::now();
    let mut shelf = shelf(2, 3, &["base"]);
    shelf.ask(now, &shape("python"));
    shelf.ask(now + Duration::from_secs(1), &shape("node"));
    let warm = settle(&mut shelf, now + Duration::from_secs(2));
    assert_eq!(warm, [("gradus/node:latest".to_owned(), 2), ("gradus/python:latest".to_owned(), 1)]);
}

#[test]
fn memory_bounds_what_is_warm_by_what_each_was_seen_to_hold() {
    let now = Instant::now();
    let policy = |budget_mib| Policy {
        floor: 3,
        ceiling: 3,
        total: 100,
        budget_kib: budget_mib * MIB,
        always: vec![shape("base"), shape("sql")],
        ..Policy::default()
    };
    // Of 30 MiB each, as is known once one was seen; the first of its kind may turn out too large, and goes again.
    let rows = [(0, 0), (3, 0), (29, 0), (70, 2), (150, 5), (500, 6)];
    for (budget_mib, warm) in rows {
        let mut shelf = Shelf::new(policy(budget_mib));
        while let Plan { start: Some(shape), .. } = shelf.plan(now, minute()) {
            shelf.put(now, &shape, (), Cost { memory_kib: 30 * MIB, ..cost() });
        }
        let ready: usize = shelf.counts().values().map(|count| count.ready).sum();
        assert_eq!(ready, warm, "{budget_mib} MiB");
    }
}

#[test]
fn a_claim_takes_the_oldest_once_and_is_refilled() {
    let now = Instant::now();
    let mut shelf = shelf(2, 8, &["python"]);
    settle(&mut shelf, now);
    assert_eq!(shelf.claim(&shape("python")), Some(0));
    assert_eq!(shelf.claim(&shape("python")), Some(1));
    assert_eq!(shelf.claim(&shape("python")), None);
    assert_eq!(settle(&mut shelf, now), [("gradus/python:latest".to_owned(), 2)]);
}

#[test]
fn what_nobody_wants_any_more_and_what_is_too_old_is_discarded() {
    let now = Instant::now();
    let mut shelf = shelf(1, 8, &["python"]);
    shelf.ask(now, &shape("node"));
    settle(&mut shelf, now);
    assert!(shelf.plan(now + SHAPE_MEMORY - Duration::from_secs(1), minute()).discard.is_empty());
    let plan = shelf.plan(now + SHAPE_MEMORY, minute());
    assert_eq!((plan.discard.len(), plan.start), (1, None), "node goes");
    let plan = shelf.plan(now + POOL_AGE_LIMIT, minute());
    assert_eq!((plan.discard.len(), plan.start), (1, Some(shape("python"))), "python is replaced");
}

#[test]
fn a_shape_that_does_not_start_rests_longer_each_time() {
    let mut now = Instant::now();
    let mut shelf = shelf(1, 8, &["broken"]);
    for pause in [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4] {
        assert_eq!(shelf.plan(now, minute()).start, Some(shape("broken")));
        shelf.failed(now, &shape("broken"));
        assert_eq!(shelf.plan(now + pause - Duration::from_millis(1), minute()).start, None);
        now += pause;
    }
    for _ in 0..20 {
        shelf.failed(now, &shape("broken"));
    }
    assert_eq!(shelf.plan(now + LONGEST_PAUSE, minute()).start, Some(shape("broken")));
}

#[test]
fn asking_for_many_shapes_costs_bounded_memory() {
    let now = Instant::now();
    let mut shelf = shelf(1, 2, &[]);
    for number in 0..1_000 {
        shelf.ask(now + Duration::from_millis(number), &shape(&format!("image-{number}")));
        shelf.plan(now + Duration::from_millis(number), minute());
    }
    assert!(shelf.stocks.len() <= MAX_SHAPES);
}

#[test]
fn a_closed_shelf_gives_everything_back() {
    let now = Instant::now();
    let mut shelf = shelf(2, 8, &["python"]);
    settle(&mut shelf, now);
    assert_eq!(shelf.close().len(), 2);
    assert_eq!(shelf.put(now, &shape("python"), 7, cost()), Some(7));
    assert_eq!(shelf.plan(now, minute()).start, None);
}

/// A host on a simulated clock: refills as the pool does, one start at a time and at its pace.
struct Host {
    shelf: Shelf<()>,
    pace: Pace,
    began: Instant,
    now: Instant,
    starting: Option<(Instant, Shape)>,
    busy: Duration,
    most: usize,
}

const STEP: Duration = Duration::from_millis(10);
const START: Duration = Duration::from_millis(250);

impl Host {
    fn new(expected: &[&str]) -> Self {
        let expected: Vec<_> = expected.iter().map(|text| Expected::from_str(text).unwrap()).collect();
        let policy = Policy {
            floor: 2,
            ceiling: 32,
            total: 64,
            budget_kib: 128 * MIB,
            always: vec![shape("bash"), shape("python")],
            timetable: Timetable::new(&expected),
        };
        let now = Instant::now();
        let (shelf, pace) = (Shelf::new(policy), Pace::default());
        Self { shelf, pace, began: now, now, starting: None, busy: Duration::ZERO, most: 0 }
    }

    /// Lets time pass from midnight.
    fn until(&mut self, time: Duration) {
        while self.now.duration_since(self.began) < time {
            self.now += STEP;
            self.turn();
        }
    }

    fn turn(&mut self) {
        let clock = std::time::UNIX_EPOCH + self.now.duration_since(self.began);
        if let Some((until, shape)) = self.starting.take_if(|(until, _)| *until <= self.now) {
            self.shelf.put(self.now, &shape, (), cost());
            self.pace.ended(until, START);
            self.busy += START;
        }
        let plan = self.shelf.plan(self.now, MinuteOfDay::of(clock));
        if self.starting.is_none() && self.pace.pause(self.now).is_zero() {
            self.starting = plan.start.map(|shape| (self.now + START, shape));
        }
        self.most = self.most.max(self.ready());
    }

    fn ready(&self) -> usize {
        self.shelf.counts().values().map(|count| count.ready).sum()
    }

    /// A class of thirty opens its lesson within ten seconds; how many found one ready.
    fn class_opens(&mut self, at: Duration) -> usize {
        let mut hits = 0;
        for learner in 0..30 {
            self.until(at + Duration::from_secs(10) * learner / 30);
            self.shelf.ask(self.now, &shape("python"));
            hits += usize::from(self.shelf.claim(&shape("python")).is_some());
        }
        hits
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_class_that_nobody_announced_is_followed_and_forgotten_again() {
    let mut host = Host::new(&[]);
    host.until(MINUTE);
    assert_eq!(host.ready(), 4, "two of each");
    let hits = host.class_opens(10 * MINUTE);
    assert!((15..30).contains(&hits), "{hits}: what was there, and what was started meanwhile");
    host.until(11 * MINUTE);
    let after = host.ready();
    assert!((5..=10).contains(&after), "{after}: some more of the class may come");
    host.until(16 * MINUTE);
    assert_eq!(host.ready(), 4, "nobody came, and memory is given back");
    assert!(host.busy < MINUTE / 4, "{:?} of starting", host.busy);
}

#[test]
fn a_class_of_the_timetable_finds_everything_ready() {
    let mut host = Host::new(&["python=30@00:10-00:30"]);
    host.until(7 * MINUTE);
    assert_eq!(host.ready(), 4);
    assert_eq!(host.class_opens(10 * MINUTE), 30);
    // 128 MiB hold 32 of 4 MiB: two of the other image, thirty of this one.
    assert_eq!(host.most, 32);
    host.until(40 * MINUTE);
    assert_eq!(host.ready(), 4, "the hour is over");
}

#[test]
fn steady_use_starts_one_for_each_claim_and_throws_none_away() {
    let mut host = Host::new(&[]);
    host.until(MINUTE);
    let (before, mut hits) = (host.busy, 0);
    for claim in 0..120 {
        host.until(MINUTE + Duration::from_secs(5) * claim);
        host.shelf.ask(host.now, &shape("python"));
        hits += u32::from(host.shelf.claim(&shape("python")).is_some());
    }
    let starts = (host.busy - before).as_millis() / START.as_millis();
    assert_eq!(hits, 120);
    assert!((118..=124).contains(&starts), "{starts}");
}

#[test]
fn a_refill_never_takes_more_than_its_share() {
    let mut host = Host::new(&["python=30"]);
    host.until(Duration::from_secs(10));
    let share = host.busy.as_secs_f64() / 10.0;
    assert!((0.4..=0.5).contains(&share), "{share}");
}
