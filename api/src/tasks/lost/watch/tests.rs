//! Each story is a script: looks at the lane, and what is found lost at each.

use super::*;

const PATIENCE: Patience =
    Patience { visibility: Duration::from_secs(60), around_attempt: Duration::from_secs(240) };
/// A lesson of ten seconds whose tests run twice.
const RUNS: Duration = Duration::from_secs(20);
const JOB: Uuid = Uuid::from_u128(1);

const EMPTY: Lane = Lane { is_empty: true, newest_started: 0 };

fn busy(newest_started: i64) -> Lane {
    Lane { is_empty: false, newest_started }
}

/// The job that was sent as the fifth.
fn waiting(attempt: u32) -> Seen {
    let stage = Stage::Waiting { attempt };
    Seen { subject: JOB, stage, message: 70, sent: 5, runs: RUNS }
}

fn running(attempt: u32) -> Seen {
    Seen { stage: Stage::Running { attempt }, ..waiting(0) }
}

/// A second, and what is seen then.
type Look = (u64, Lane, Seen);

/// Looks at these seconds; at which of them the job is found lost.
fn found(looks: &[Look]) -> Vec<u64> {
    let start = Instant::now();
    let mut watch = Watch::new(PATIENCE);
    let lost = |&(second, lane, seen): &Look| {
        let lost = watch.look(start + Duration::from_secs(second), lane, &[seen]);
        (lost == [JOB]).then_some(second)
    };
    looks.iter().filter_map(lost).collect()
}

#[test]
fn what_is_lost_and_what_only_waits() {
    let rows: &[(&str, &[Look], &[u64])] = &[
        (
            "lost on the way: nothing is in the queue, and nobody begins",
            &[(0, EMPTY, waiting(0)), (239, EMPTY, waiting(0)), (240, EMPTY, waiting(0))],
            &[240],
        ),
        (
            "a long queue that nobody serves is no loss, whatever the clock says",
            &[(0, busy(4), waiting(0)), (100_000, busy(4), waiting(0)), (200_000, busy(4), waiting(0))],
            &[],
        ),
        (
            "those before it are begun on: its turn comes",
            &[(0, busy(1), waiting(0)), (5_000, busy(2), waiting(0)), (10_000, busy(4), waiting(0))],
            &[],
        ),
        (
            "others are begun on that came after it, again and again",
            &[(0, busy(4), waiting(0)), (10, busy(6), waiting(0)), (250, busy(7), waiting(0))],
            &[250],
        ),
        (
            "it was passed over once: in the hands of an agent that died, whereupon nobody is left",
            &[(0, busy(4), waiting(0)), (10, busy(6), waiting(0)), (5_000, busy(6), waiting(0))],
            &[],
        ),
        (
            "that others had been begun on before we looked proves nothing",
            &[(0, busy(9), waiting(0)), (5_000, busy(9), waiting(0))],
            &[],
        ),
        (
            "a fault of ours, and it waits again: the count begins anew",
            &[
                (0, EMPTY, waiting(0)),
                (200, EMPTY, waiting(1)),
                (300, EMPTY, waiting(1)),
                (440, EMPTY, waiting(1)),
            ],
            &[440],
        ),
        (
            "an attempt takes its time, and nothing else is in the queue",
            &[(0, EMPTY, running(1)), (319, EMPTY, running(1)), (558, EMPTY, running(1))],
            &[],
        ),
        (
            "an agent that never finishes and keeps its lease",
            &[(0, EMPTY, running(1)), (320, EMPTY, running(1)), (560, EMPTY, running(1))],
            &[560],
        ),
        (
            "an agent died, and the others have gone home: its job waits in the queue",
            &[(0, busy(5), running(1)), (5_000, busy(5), running(1)), (9_000, busy(5), running(1))],
            &[],
        ),
        (
            "its agent died and the job never came back, while others go on",
            &[
                (0, busy(5), running(1)),
                (320, busy(20), running(1)),
                (360, busy(21), running(1)),
                (560, busy(22), running(1)),
            ],
            &[560],
        ),
        (
            "each new attempt has its time",
            &[
                (0, EMPTY, running(1)),
                (320, EMPTY, running(1)),
                (460, EMPTY, running(2)),
                (779, EMPTY, running(2)),
            ],
            &[],
        ),
        (
            "sent out anew, it is watched like a new one",
            &[
                (0, EMPTY, waiting(0)),
                (240, EMPTY, waiting(0)),
                (242, EMPTY, Seen { message: 90, sent: 9, ..waiting(0) }),
                (481, EMPTY, Seen { message: 90, sent: 9, ..waiting(0) }),
                (482, EMPTY, Seen { message: 90, sent: 9, ..waiting(0) }),
            ],
            &[240, 482],
        ),
    ];
    for (story, looks, expected) in rows {
        assert_eq!(found(looks), *expected, "{story}");
    }
}

#[test]
fn jobs_that_are_over_are_forgotten() {
    let mut watch = Watch::new(PATIENCE);
    watch.look(Instant::now(), EMPTY, &[waiting(0)]);
    watch.look(Instant::now(), EMPTY, &[]);
    assert!(watch.entries.is_empty());
}

/// The figures of ARCHITECTURE.md.
#[test]
fn the_bound_is_what_the_map_says() {
    assert_eq!(PATIENCE.settle(), Duration::from_secs(4 * 60));
    let minutes = |runs| PATIENCE.bound(Duration::from_secs(runs)).as_secs().div_ceil(60);
    assert_eq!(minutes(20), 61, "a lesson of ten seconds");
    assert_eq!(minutes(600), 148, "the longest a lesson may ask for");
}
