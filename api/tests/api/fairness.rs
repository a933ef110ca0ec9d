//! One institution's thousand hand-ins beside another's thirty.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use api::setup::{self, FirstAccount};
use api::store::{HandIn, HandedIn, NewJob, Store};
use ide_protocol::job::JobKind;
use ide_protocol::rest::{Role, SubmissionState};
use job_queue::{JobQueue as _, Lane};
use uuid::Uuid;

use crate::support::World;
use crate::support::agent::passed;
use crate::support::world::{PATIENCE, lesson};

/// Jobs that may be in the queue whatever comes after them: `stretch::MIN`.
const IN_QUEUE: usize = 4;

/// As `store::places` has it.
const COUNTED_FOR: Duration = Duration::from_millis(500);

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// Hands in so many times for somebody of this institution.
async fn hand_in(world: &World, store: &Store, institution: &str, count: usize) -> Vec<Uuid> {
    let account = FirstAccount { name: institution.into(), role: Role::Learner, password: "secret".into() };
    setup::create_account_of(store, &account, institution).await.unwrap();
    let account = store.account_by_name(institution).await.unwrap().unwrap();
    let lesson = lesson("double");
    let digest = lesson::pack(&lesson).unwrap().digest;
    let workspace = store.open_workspace(account.id, "double", &digest, &[], now()).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..count {
        let key = Uuid::new_v4().to_string();
        let given = HandIn {
            workspace: &workspace,
            lesson_digest: &digest,
            may_submit: |_: &_| true,
            idempotency_key: &key,
            request_hash: "",
            limit: u32::MAX,
            job: NewJob::new(JobKind::Grading, &lesson.manifest, &world.base),
        };
        match store.hand_in(given, now()).await.unwrap() {
            HandedIn::Stored(submission) => ids.push(submission.id),
            other => panic!("{other:?}"),
        }
    }
    ids
}

/// One agent grades until it has graded these; answers how many others and theirs were begun on before each.
async fn waits(world: &World, store: &Store, ids: &[Uuid]) -> Vec<usize> {
    let mut left: BTreeSet<Uuid> = ids.iter().copied().collect();
    let mut waits = Vec::new();
    for begun in 0.. {
        if left.is_empty() {
            return waits;
        }
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        job.finish(attempt, passed()).await.expect(200);
        job.lease.complete().await.unwrap();
        for id in left.clone() {
            let row = store.submission(id).await.unwrap().unwrap();
            if matches!(row.submission.state, SubmissionState::Graded { .. }) {
                left.remove(&id);
                waits.push(begun);
            }
        }
    }
    waits
}

fn p95(waits: &[usize]) -> usize {
    waits[waits.len() * 95 / 100]
}

async fn until_the_queue_is_full(world: &World) {
    let begun = Instant::now();
    while world.queue.depth(Lane::Grading).await.unwrap().waiting < IN_QUEUE as u64 {
        assert!(begun.elapsed() < PATIENCE, "nothing is sent");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

story! {
    async fn a_quiet_institution_waits_twice_as_long_beside_a_noisy_one_at_most(world: World) {
        let store = world.store().await;
        let quiet = hand_in(&world, &store, "quiet", 30).await;
        let alone = p95(&waits(&world, &store, &quiet).await);

        hand_in(&world, &store, "noisy", 1_000).await;
        until_the_queue_is_full(&world).await;
        let quiet = hand_in(&world, &store, "quiet", 30).await;
        // They are told so, too: behind what is in the queue, every other one is theirs.
        let SubmissionState::Queued { ahead: last, .. } =
            store.submission(quiet[29]).await.unwrap().unwrap().submission.state
        else {
            panic!("the last of thirty waits");
        };
        let beside = waits(&world, &store, &quiet).await;
        println!("begun on before the quiet one's p95 job: {alone} alone, {} beside 1000", p95(&beside));
        assert!(p95(&beside) <= 2 * alone + IN_QUEUE, "{alone} alone, {beside:?}");
        let last = usize::try_from(last).unwrap();
        assert!(last.abs_diff(beside[29]) <= IN_QUEUE, "was told {last}, and waited for {}", beside[29]);
        world.end().await;
    }
}

story! {
    async fn a_place_in_the_queue_only_gets_better(world: World) {
        let store = world.store().await;
        hand_in(&world, &store, "noisy", 60).await;
        until_the_queue_is_full(&world).await;
        let mine = hand_in(&world, &store, "quiet", 6).await[5];
        // Everybody was counted while the noisy ones came, and a count is used for so long.
        tokio::time::sleep(COUNTED_FOR).await;
        let mut told = Vec::new();
        loop {
            match store.submission(mine).await.unwrap().unwrap().submission.state {
                SubmissionState::Queued { ahead, .. } => told.push(ahead),
                _ => break,
            }
            let job = world.agent().take(Lane::Grading).await;
            let (attempt, _) = job.start_grading().await;
            job.finish(attempt, passed()).await.expect(200);
            job.lease.complete().await.unwrap();
        }
        // By one more at most, and for a moment: a job is in the queue before that is noted.
        assert!(told.is_sorted_by(|earlier, later| *later <= *earlier + 1), "{told:?}");
        assert!(told[0] <= 16 && told.last().is_some_and(|last| *last <= 1), "{told:?}");
        world.end().await;
    }
}
