//! What is warm, what should be, and the difference. Pure: knows shapes and times, not containers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::container::{POOL_AGE_LIMIT, Shape};

/// A shape stays warm for this long after someone asked for it.
const SHAPE_MEMORY: Duration = Duration::from_secs(30 * 60);
/// Shapes remembered at once: more lessons than one host warms up.
const MAX_SHAPES: usize = 64;
/// After a failed start, doubling up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How much to keep warm.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub per_shape: usize,
    pub total: usize,
    /// Shapes kept warm whether or not anyone asks.
    pub always: Vec<Shape>,
}

/// What to do next.
#[derive(Debug)]
pub struct Plan<T> {
    pub start: Option<Shape>,
    pub discard: Vec<T>,
}

#[derive(Debug)]
struct Stock<T> {
    /// Oldest first.
    ready: Vec<(Instant, T)>,
    asked: Option<Instant>,
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
        self.stocks.entry(shape.clone()).or_insert_with(|| Stock::new(false)).asked = Some(now);
    }

    /// The one that has waited longest.
    pub fn claim(&mut self, shape: &Shape) -> Option<T> {
        let ready = &mut self.stocks.get_mut(shape)?.ready;
        if ready.is_empty() { None } else { Some(ready.remove(0).1) }
    }

    /// Puts a started one on the shelf; gives it back when the shelf is closed.
    pub fn put(&mut self, now: Instant, shape: &Shape, item: T) -> Option<T> {
        if self.closed {
            return Some(item);
        }
        let stock = self.stocks.entry(shape.clone()).or_insert_with(|| Stock::new(false));
        stock.resting = None;
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
    pub fn plan(&mut self, now: Instant) -> Plan<T> {
        let mut discard = Vec::new();
        let mut start = None;
        let mut room = self.policy.total;
        for shape in self.by_urgency(now) {
            let Some(stock) = self.stocks.get_mut(&shape) else { continue };
            let target = if stock.is_wanted(now) { self.policy.per_shape.min(room) } else { 0 };
            room -= target;
            discard.extend(stock.take_surplus(now, target));
            if start.is_none() && stock.ready.len() < target && !stock.is_resting(now) && !self.closed {
                start = Some(shape);
            }
        }
        self.forget(now);
        Plan { start, discard }
    }

    /// Asked for last, first; those that are always kept and were never asked for come last.
    fn by_urgency(&self, now: Instant) -> Vec<Shape> {
        let mut shapes: Vec<_> = self.stocks.iter().collect();
        shapes.sort_by_key(|(_, stock)| (Reverse(stock.is_wanted(now)), Reverse(stock.asked)));
        shapes.into_iter().map(|(shape, _)| shape.clone()).collect()
    }

    /// Drops shapes nobody wants, and the least urgent beyond [`MAX_SHAPES`].
    fn forget(&mut self, now: Instant) {
        self.stocks.retain(|_, stock| stock.is_wanted(now) || !stock.ready.is_empty());
        let surplus = self.by_urgency(now).split_off(MAX_SHAPES.min(self.stocks.len()));
        for shape in surplus {
            if self.stocks.get(&shape).is_some_and(|stock| stock.ready.is_empty() && !stock.always) {
                self.stocks.remove(&shape);
            }
        }
    }
}

impl<T> Stock<T> {
    fn new(always: bool) -> Self {
        Self { ready: Vec::new(), asked: None, resting: None, always }
    }

    fn is_wanted(&self, now: Instant) -> bool {
        self.always || self.asked.is_some_and(|asked| now.saturating_duration_since(asked) < SHAPE_MEMORY)
    }

    fn is_resting(&self, now: Instant) -> bool {
        self.resting.is_some_and(|(until, _)| now < until)
    }

    fn take_surplus(&mut self, now: Instant, target: usize) -> Vec<T> {
        let (old, fresh): (Vec<_>, Vec<_>) = std::mem::take(&mut self.ready)
            .into_iter()
            .partition(|(born, _)| now.saturating_duration_since(*born) >= POOL_AGE_LIMIT);
        self.ready = fresh;
        let surplus = self.ready.drain(..self.ready.len().saturating_sub(target));
        old.into_iter().chain(surplus).map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lesson::Limits;

    fn shape(image: &str) -> Shape {
        Shape::new(image, &Limits::default(), &[])
    }

    fn shelf(per_shape: usize, total: usize, always: &[&str]) -> Shelf<u32> {
        let always = always.iter().map(|image| shape(image)).collect();
        Shelf::new(Policy { per_shape, total, always })
    }

    /// Follows plans until there is nothing left to start; says how many wait per image.
    fn settle(shelf: &mut Shelf<u32>, now: Instant) -> Vec<(String, usize)> {
        for item in 0..100 {
            let Some(shape) = shelf.plan(now).start else { break };
            shelf.put(now, &shape, item);
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
        assert!(shelf.plan(now + SHAPE_MEMORY - Duration::from_secs(1)).discard.is_empty());
        let plan = shelf.plan(now + SHAPE_MEMORY);
        assert_eq!((plan.discard.len(), plan.start), (1, None), "node goes");
        let plan = shelf.plan(now + POOL_AGE_LIMIT);
        assert_eq!((plan.discard.len(), plan.start), (1, Some(shape("python"))), "python is replaced");
    }

    #[test]
    fn a_shape_that_does_not_start_rests_longer_each_time() {
        let mut now = Instant::now();
        let mut shelf = shelf(1, 8, &["broken"]);
        for pause in [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4] {
            assert_eq!(shelf.plan(now).start, Some(shape("broken")));
            shelf.failed(now, &shape("broken"));
            assert_eq!(shelf.plan(now + pause - Duration::from_millis(1)).start, None);
            now += pause;
        }
        for _ in 0..20 {
            shelf.failed(now, &shape("broken"));
        }
        assert_eq!(shelf.plan(now + LONGEST_PAUSE).start, Some(shape("broken")));
    }

    #[test]
    fn asking_for_many_shapes_costs_bounded_memory() {
        let now = Instant::now();
        let mut shelf = shelf(1, 2, &[]);
        for number in 0..1_000 {
            shelf.ask(now + Duration::from_millis(number), &shape(&format!("image-{number}")));
            shelf.plan(now + Duration::from_millis(number));
        }
        assert!(shelf.stocks.len() <= MAX_SHAPES);
    }

    #[test]
    fn a_closed_shelf_gives_everything_back() {
        let now = Instant::now();
        let mut shelf = shelf(2, 8, &["python"]);
        settle(&mut shelf, now);
        assert_eq!(shelf.close().len(), 2);
        assert_eq!(shelf.put(now, &shape("python"), 7), Some(7));
        assert_eq!(shelf.plan(now).start, None);
    }
}
