use proptest::prelude::*;

use super::*;

/// A job: its group's name, how many of that group came before, what it costs.
type Job = (String, u32, u64);

/// A group, how many of its jobs wait, and what each costs.
type Groups<'a> = &'a [(&'a str, u32, u64)];

/// Groups that hand in: `institution/course`, and what each of their jobs costs.
#[derive(Default)]
struct Waiting {
    heads: Heads<Job>,
    handed_in: BTreeMap<String, u32>,
}

impl Waiting {
    fn with(groups: Groups<'_>) -> Self {
        let mut waiting = Self::default();
        for (group, count, cost) in groups {
            waiting.hand_in(group, *count, *cost);
        }
        waiting
    }

    fn hand_in(&mut self, group: &str, count: u32, cost: u64) {
        let (institution, course) = group.split_once('/').unwrap();
        let before = self.handed_in.entry(group.to_owned()).or_default();
        let courses = self.heads.entry(institution.to_owned()).or_default();
        let jobs = courses.entry(course.to_owned()).or_default();
        for _ in 0..count {
            jobs.push_back(Head { job: (group.to_owned(), *before, cost), cost });
            *before += 1;
        }
    }

    /// What is left, as the store would tell it: groups of which nothing waits are not there.
    fn tidy(&mut self) {
        for courses in self.heads.values_mut() {
            courses.retain(|_, jobs| !jobs.is_empty());
        }
        self.heads.retain(|_, courses| !courses.is_empty());
    }

    fn len(&self) -> usize {
        self.heads.values().flat_map(BTreeMap::values).map(VecDeque::len).sum()
    }
}

/// Whose jobs go, one letter each.
fn order(turns: &mut Turns, waiting: &mut Waiting, room: usize) -> String {
    let taken = turns.take(&mut waiting.heads, room);
    waiting.tidy();
    taken.iter().map(|(group, ..)| group.split_once('/').unwrap().1).collect()
}

#[test]
fn who_goes_when() {
    let rows: &[(&str, Groups<'_>, &str)] = &[
        ("alone, in the order handed in", &[("a/x", 4, 256)], "xxxx"),
        ("a thousand beside three", &[("noisy/n", 1_000, 256), ("quiet/q", 3, 256)], "nqnqnqnnnn"),
        ("many courses are one share", &[("a/u", 9, 256), ("a/v", 9, 256), ("b/w", 9, 256)], "uwvwuwvwuw"),
        (
            "a job of four times the memory is four jobs",
            &[("a/g", 3, 1_024), ("b/s", 12, 256)],
            "sssgssssgssss",
        ),
        ("small ones go several to a turn", &[("a/s", 8, 64), ("b/g", 3, 256)], "ssssgssssgg"),
    ];
    for (story, groups, expected) in rows {
        let mut waiting = Waiting::with(groups);
        let all = order(&mut Turns::default(), &mut waiting, expected.len());
        assert_eq!(all, *expected, "{story}");
        // Asked one by one, it is the same order: where the rounds stand is kept.
        let (mut waiting, mut turns) = (Waiting::with(groups), Turns::default());
        let one_by_one: String = (0..expected.len()).map(|_| order(&mut turns, &mut waiting, 1)).collect();
        assert_eq!(one_by_one, *expected, "{story}, one by one");
    }
}

#[test]
fn who_comes_late_has_not_saved_up_and_owes_nothing() {
    let mut turns = Turns::default();
    let mut waiting = Waiting::with(&[("noisy/n", 1_000, 256)]);
    order(&mut turns, &mut waiting, 500);
    waiting.hand_in("quiet/q", 3, 256);
    assert_eq!(order(&mut turns, &mut waiting, 8), "qnqnqnnn");
    waiting.hand_in("quiet/q", 1, 256);
    assert_eq!(order(&mut turns, &mut waiting, 3), "qnn");
}

#[test]
fn what_costs_too_much_or_nothing_goes_all_the_same() {
    let mut waiting = Waiting::with(&[("a/g", 2, u64::MAX), ("b/s", 2, 0)]);
    assert_eq!(order(&mut Turns::default(), &mut waiting, 9), "ssgg");
}

fn groups() -> impl Strategy<Value = Vec<(String, u32, u64)>> {
    let group = (0..4u8, 0..3u8).prop_map(|(institution, course)| format!("i{institution}/c{course}"));
    prop::collection::vec((group, 1..40u32, 16..2_048u64), 1..9)
}

fn begin(groups: &[(String, u32, u64)]) -> Waiting {
    let mut waiting = Waiting::default();
    for (group, count, cost) in groups {
        waiting.hand_in(group, *count, *cost);
    }
    waiting
}

proptest! {
    /// Nothing stays behind while there is room, nothing goes twice, and each group's jobs go in their order.
    #[test]
    fn everything_goes_in_the_order_of_its_group(groups in groups(), room in 1..20usize) {
        let mut waiting = begin(&groups);
        let (all, mut turns) = (waiting.len(), Turns::default());
        let mut next: BTreeMap<String, u32> = BTreeMap::new();
        let mut gone = 0;
        while waiting.len() > 0 {
            let expected = room.min(waiting.len());
            let taken = turns.take(&mut waiting.heads, room);
            prop_assert_eq!(taken.len(), expected);
            gone += taken.len();
            for (group, number, _) in taken {
                let next = next.entry(group).or_default();
                prop_assert_eq!(number, *next);
                *next += 1;
            }
            waiting.tidy();
        }
        prop_assert_eq!(gone, all);
    }

    /// Over any stretch of time in which two institutions both wait, what they were served differs by no more than a
    /// quantum and the dearest job each. So nobody starves, whoever else comes.
    #[test]
    fn who_waits_is_served_as_much_as_anybody(groups in groups(), seed in any::<u64>()) {
        let mut waiting = begin(&groups);
        let mut turns = Turns::default();
        // Served since both have been waiting without a break.
        let mut between: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
        let mut dice = seed;
        let bound = 2 * (QUANTUM + 2_048);
        while waiting.len() > 0 {
            // Somebody else comes now and then.
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if waiting.len() < 60 && dice >> 62 == 0 && waiting.handed_in.len() < 12 {
                waiting.hand_in(&format!("late{}/c", dice >> 60), 3, 16 + (dice >> 53));
            }
            let present: Vec<String> = waiting.heads.keys().cloned().collect();
            between.retain(|(a, b), _| present.contains(a) && present.contains(b));
            let taken = turns.take(&mut waiting.heads, 1);
            waiting.tidy();
            for (group, _, cost) in taken {
                let served = group.split_once('/').unwrap().0;
                for (at, one) in present.iter().enumerate() {
                    for other in &present[at + 1..] {
                        let (a, b) = between.entry((one.clone(), other.clone())).or_default();
                        *a += if served == one { cost } else { 0 };
                        *b += if served == other { cost } else { 0 };
                        prop_assert!(a.abs_diff(*b) <= bound, "{one} had {a}, {other} had {b}");
                    }
                }
            }
        }
    }
}
