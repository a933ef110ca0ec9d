//! What is warm, what should be, and the difference. Pure: knows shapes, times and sizes, not containers.
//!
//! Of each shape that somebody wants there is a floor, and as many more as recent claims and the timetable make expect;
//! all together hold no more memory than the policy allows.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::demand::Demand;
use super::timetable::{MinuteOfDay, Timetable};
use crate::container::{POOL_AGE_LIMIT, Shape};

/// A shape stays warm for this long after someone asked for it.
const SHAPE_MEMORY: Duration = Duration::from_secs(30 * 60);
/// Shapes remembered at once: more lessons than one host warms up.
const MAX_SHAPES: usize = 64;
/// After a failed start, doubling up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// While one was claimed less long ago, none is thrown away for being one too many: the next claim is likely.
const LINGER: Duration = Duration::from_secs(60);
/// What one costs until one was measured: its guest, the kernel's share, the engine's shim.
const USUAL_COST_KIB: u64 = 4 * 1024;
/// How long a start takes until one was measured: 0.2 s idle.
const USUAL_START: Duration = Duration::from_millis(250);

/// How much to keep warm.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Of each shape that somebody wants.
    pub floor: usize,
    /// Of one shape at most, however many are expected.
    pub ceiling: usize,
    /// Of all shapes together.
    pub total: usize,
    /// Memory that all together may hold.
    pub budget_kib: u64,
    /// Shapes kept warm whether or not anyone asks.
    pub always: Vec<Shape>,
    /// What is known to come.
    pub timetable: Timetable,
}

/// What to do next.
#[derive(Debug)]
pub struct Plan<T> {
    pub start: Option<Shape>,
    pub discard: Vec<T>,
}

/// What a start came to.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub memory_kib: u64,
    pub start: Duration,
}

/// Of one shape, for people who look on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub ready: usize,
    pub wanted: usize,
    pub memory_kib: u64,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.ready += other.ready;
        self.wanted += other.wanted;
        self.memory_kib += other.memory_kib;
    }
}

#[derive(Debug)]
struct Stock<T> {
    /// Oldest first.
    ready: Vec<(Instant, T)>,
    demand: Demand,
    /// Of the last one.
    cost: Cost,
    /// How many there should be, as of the last plan.
    wanted: usize,
    /// Set while starts fail: not before when, and the pause after the next failure.
    resting: Option<(Instant, Duration)>,
    always: bool,
}

/// Warm things of several shapes.
#[derive(Debug)]
pub struct Shelf<T> {
    policy: Policy,
    stocks: BTreeMap<Shape, Stock<T>>,
    closed: bool,
}

impl<T> Shelf<T> {
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let always = policy.always.iter().map(|shape| (shape.clone(), Stock::new(true)));
        Self { stocks: always.collect(), policy, closed: false }
    }

    /// Notes that someone wants this shape.
    pub fn ask(&mut self, now: Instant, shape: &Shape) {
        self.stocks.entry(shape.clone()).or_insert_with(|| Stock::new(false)).demand.note(now);
    }

    /// The one that has waited longest.
    pub fn claim(&mut self, shape: &Shape) -> Option<T> {
        let ready = &mut self.stocks.get_mut(shape)?.ready;
        if ready.is_empty() { None } else { Some(ready.remove(0).1) }
    }

    /// Puts a started one on the shelf; gives it back when the shelf is closed.
    pub fn put(&mut self, now: Instant, shape: &Shape, item: T, cost: Cost) -> Option<T> {
        if self.closed {
            return Some(item);
        }
        let stock = self.stocks.entry(shape.clone()).or_insert_with(|| Stock::new(false));
        stock.resting = None;
        stock.cost = Cost { memory_kib: cost.memory_kib.max(1), ..cost };
        stock.ready.push((now, item));
        None
    }

    /// A start failed: this shape rests a while.
    pub fn failed(&mut self, now: Instant, shape: &Shape) {
        if let Some(stock) = self.stocks.get_mut(shape) {
            let pause = stock.resting.map_or(FIRST_PAUSE, |(_, pause)| pause);
            stock.resting = Some((now + pause, (pause * 2).min(LONGEST_PAUSE)));
        }
    }

    /// Takes everything off; nothing is put on again.
    pub fn close(&mut self) -> Vec<T> {
        self.closed = true;
        let stocks = std::mem::take(&mut self.stocks);
        stocks.into_values().flat_map(|stock| stock.ready).map(|(_, item)| item).collect()
    }

    /// The next start, if any, and all that has to go: what is too old, and what exceeds the policy.
    pub fn plan(&mut self, now: Instant, minute: MinuteOfDay) -> Plan<T> {
        let shapes = self.by_urgency(now, minute);
        self.set_targets(now, minute, &shapes);
        let mut discard = Vec::new();
        let mut start = None;
        for shape in shapes {
            let Some(stock) = self.stocks.get_mut(&shape) else { continue };
            discard.extend(stock.take_surplus(now));
            let is_short = stock.ready.len() < stock.wanted && !stock.is_resting(now);
            if start.is_none() && is_short && !self.closed {
                start = Some(shape);
            }
        }
        self.forget(now, minute);
        Plan { start, discard }
    }

    /// What there is and should be, by image.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&str, Count> {
        let mut counts = BTreeMap::<_, Count>::new();
        for (shape, stock) in &self.stocks {
            let ready = stock.ready.len();
            let memory_kib = ready as u64 * stock.cost.memory_kib;
            *counts.entry(shape.image.as_str()).or_default() +=
                Count { ready, wanted: stock.wanted, memory_kib };
        }
        counts
    }

    /// Hands the room out: the floor of each shape first, then what is expected, then what is there already and may be
    /// claimed yet.
    fn set_targets(&mut self, now: Instant, minute: MinuteOfDay, shapes: &[Shape]) {
        let mut room = Room { count: self.policy.total, kib: self.policy.budget_kib };
        let (floor, ceiling) = (self.policy.floor, self.policy.ceiling.max(self.policy.floor));
        let hints: Vec<_> = shapes.iter().map(|shape| self.hint(shape, shapes, minute)).collect();
        for step in [Step::Floor, Step::Expected, Step::Lingering] {
            for (shape, hint) in shapes.iter().zip(&hints) {
                let Some(stock) = self.stocks.get_mut(shape) else { continue };
                let wish = match step {
                    Step::Floor => {
                        stock.wanted = 0;
                        if stock.is_wanted(now) || *hint > 0 { floor } else { 0 }
                    }
                    Step::Expected => {
                        (floor + stock.demand.expected(now, stock.cost.start)).min(ceiling).max(*hint)
                    }
                    Step::Lingering if stock.lingers(now) => stock.ready.len(),
                    Step::Lingering => 0,
                };
                let more =
                    if stock.is_wanted(now) || *hint > 0 { wish.saturating_sub(stock.wanted) } else { 0 };
                stock.wanted += room.take(more, stock.cost.memory_kib);
            }
        }
    }

    /// A timetable names images. Of the shapes with that image it means the one that is most wanted.
    fn hint(&self, shape: &Shape, by_urgency: &[Shape], minute: MinuteOfDay) -> usize {
        let first = by_urgency.iter().find(|other| other.image == shape.image);
        if first == Some(shape) { self.policy.timetable.expects(&shape.image, minute) } else { 0 }
    }

    /// Asked for last, first; those that are always kept and were never asked for come last.
    fn by_urgency(&self, now: Instant, minute: MinuteOfDay) -> Vec<Shape> {
        let mut shapes: Vec<_> = self.stocks.iter().collect();
        let is_hinted = |shape: &Shape| self.policy.timetable.expects(&shape.image, minute) > 0;
        shapes.sort_by_key(|(shape, stock)| {
            (Reverse(stock.is_wanted(now)), Reverse(stock.demand.last()), Reverse(is_hinted(shape)))
        });
        shapes.into_iter().map(|(shape, _)| shape.clone()).collect()
    }

    /// Drops shapes nobody wants, and the least urgent beyond [`MAX_SHAPES`].
    fn forget(&mut self, now: Instant, minute: MinuteOfDay) {
        self.stocks.retain(|_, stock| stock.is_wanted(now) || !stock.ready.is_empty());
        let surplus = self.by_urgency(now, minute).split_off(MAX_SHAPES.min(self.stocks.len()));
        for shape in surplus {
            if self.stocks.get(&shape).is_some_and(|stock| stock.ready.is_empty() && !stock.always) {
                self.stocks.remove(&shape);
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Floor,
    Expected,
    Lingering,
}

/// What is left to hand out.
struct Room {
    count: usize,
    kib: u64,
}

impl Room {
    fn take(&mut self, wish: usize, cost_kib: u64) -> usize {
        let fits = usize::try_from(self.kib / cost_kib).unwrap_or(usize::MAX);
        let taken = wish.min(self.count).min(fits);
        self.count -= taken;
        self.kib -= taken as u64 * cost_kib;
        taken
    }
}

impl<T> Stock<T> {
    fn new(always: bool) -> Self {
        let cost = Cost { memory_kib: USUAL_COST_KIB, start: USUAL_START };
        Self { ready: Vec::new(), demand: Demand::default(), cost, wanted: 0, resting: None, always }
    }

    fn is_wanted(&self, now: Instant) -> bool {
        self.always || self.was_asked_within(now, SHAPE_MEMORY)
    }

    fn lingers(&self, now: Instant) -> bool {
        self.was_asked_within(now, LINGER)
    }

    fn was_asked_within(&self, now: Instant, time: Duration) -> bool {
        self.demand.last().is_some_and(|asked| now.saturating_duration_since(asked) < time)
    }

    fn is_resting(&self, now: Instant) -> bool {
        self.resting.is_some_and(|(until, _)| now < until)
    }

    fn take_surplus(&mut self, now: Instant) -> Vec<T> {
        let (old, fresh): (Vec<_>, Vec<_>) = std::mem::take(&mut self.ready)
            .into_iter()
            .partition(|(born, _)| now.saturating_duration_since(*born) >= POOL_AGE_LIMIT);
        self.ready = fresh;
        let surplus = self.ready.drain(..self.ready.len().saturating_sub(self.wanted));
        old.into_iter().chain(surplus).map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests;
