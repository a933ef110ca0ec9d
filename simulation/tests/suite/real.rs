//! The real store and the real queue, each in a SQLite file of its own, asked one question after another.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use api::setup;
use api::store::{self, Actor, Begun, HandIn, NewAccount, NewJob, Stage, Store, WorkspaceRow};
use ide_protocol::job::{FinishGrading, GradingTimings, JobMessage, Room};
use ide_protocol::rest::{Role, SubmissionState};
use ide_protocol::results::{self, Ending, GradingOutcome, HostFault, LessonFault, Trust, Verdict};
use job_queue::{Clock, EmbeddedQueue, JobQueue, Lane, Lease, MAX_DELIVERIES, QueueError};
use lesson::Lesson;
use sha2::{Digest as _, Sha256};
use simulation::books::{
    Books, Delivery, End, Finish, HandedIn, Lost, Outcome, Receipt, Rest, Row, Start, State, Subject, Token,
    Unfinished, Wall,
};
use simulation::model::MAX_WAITING;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

const LEARNERS: usize = 4;
const JOB: NewJob<'static> = NewJob {
    image: "image",
    needs: Room { memory_mib: 256, cpu_percent: 100 },
    api_url: "http://127.0.0.1",
    trace: None,
};

#[derive(Clone, Default)]
struct SetClock(Arc<AtomicI64>);

impl Clock for SetClock {
    fn now_micros(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub struct Real {
    runtime: Runtime,
    store: Store,
    queue: EmbeddedQueue,
    clock: SetClock,
    lesson_digest: String,
    learners: Vec<WorkspaceRow>,
    /// Submissions in the order accepted.
    subjects: Vec<Uuid>,
    /// Every message ever sent out, by number of submission and token.
    messages: BTreeMap<(Subject, Token), JobMessage>,
    leases: BTreeMap<Receipt, Lease>,
    receipts: Receipt,
    _dir: TempDir,
}

impl Real {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let clock = SetClock::default();
        let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/tests/lessons");
        let lesson = Lesson::from_dir(&lessons.join("double")).unwrap();
        let lesson_digest = lesson::pack(&lesson).unwrap().digest;
        let (store, queue, learners) = runtime.block_on(async {
            let url = format!("sqlite://{}", dir.path().join("store.db").display());
            let store = Store::open(&url).await.unwrap();
            setup::publish(&store, &lesson).await.unwrap();
            let mut learners = Vec::new();
            for number in 0..LEARNERS {
                let name = format!("learner {number}");
                let new = NewAccount {
                    name: &name,
                    role: Role::Learner,
                    institution: "default",
                    password_hash: "",
                };
                let account = store.create_account(new, &Actor::System, 0).await.unwrap().unwrap();
                let opened = store.open_workspace(account, "double", &lesson_digest, &[], 0).await;
                learners.push(opened.unwrap());
            }
            let queue = EmbeddedQueue::open_with_clock(&dir.path().join("queue.db"), clock.clone()).await;
            (store, queue.unwrap(), learners)
        });
        let (subjects, messages, leases) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self {
            runtime,
            store,
            queue,
            clock,
            lesson_digest,
            learners,
            subjects,
            messages,
            leases,
            receipts: 0,
            _dir: dir,
        }
    }

    fn id(&self, subject: Subject) -> Uuid {
        self.subjects[subject as usize - 1]
    }

    fn number(&self, id: Uuid) -> Subject {
        Subject::try_from(self.subjects.iter().position(|known| *known == id).unwrap()).unwrap() + 1
    }

    /// The routes' own question before anything else: whose token is this, and is the job over?
    fn is_finished(&self, job: (Subject, Token)) -> Option<bool> {
        let message = &self.messages[&job];
        let hash: String = Sha256::digest(&message.token).iter().map(|byte| format!("{byte:02x}")).collect();
        let row = self.runtime.block_on(self.store.job_by_token(message.job, &hash)).unwrap();
        row.map(|row| row.finished)
    }

    /// Which submission and token a message is about; one not seen before carries the next token.
    fn job_of(&mut self, body: &str) -> (Subject, Token) {
        let message: JobMessage = serde_json::from_str(body).unwrap();
        if let Some((job, _)) = self.messages.iter().find(|(_, known)| **known == message) {
            return *job;
        }
        let same_job = self.messages.iter().filter(|(_, known)| known.job == message.job);
        let job = match same_job.map(|(job, _)| *job).max() {
            Some((subject, token)) => (subject, token + 1),
            None => {
                let newest = self.messages.keys().map(|(subject, _)| *subject).max();
                (newest.unwrap_or_default() + 1, 1)
            }
        };
        self.messages.insert(job, message);
        job
    }

    fn at(&self, now: Wall) {
        self.clock.0.store(now, Ordering::Relaxed);
    }

    fn keep(&mut self, lease: Option<Lease>) -> Option<Delivery> {
        let lease = lease?;
        let (subject, token) = self.job_of(lease.body());
        self.receipts += 1;
        let delivery = Delivery { receipt: self.receipts, subject, token, delivery: lease.delivery() };
        self.leases.insert(self.receipts, lease);
        Some(delivery)
    }
}

impl Books for Real {
    fn hand_in(&mut self, learner: usize, key: u32, now: Wall) -> HandedIn {
        let key = key.to_string();
        let given = HandIn {
            workspace: &self.learners[learner],
            lesson_digest: &self.lesson_digest,
            may_submit: |_: &_| true,
            idempotency_key: &key,
            request_hash: "",
            limit: u32::try_from(MAX_WAITING).unwrap(),
            job: JOB,
        };
        match self.runtime.block_on(self.store.hand_in(given, now)).unwrap() {
            store::HandedIn::Stored(submission) => {
                self.subjects.push(submission.id);
                HandedIn::Stored(self.number(submission.id))
            }
            store::HandedIn::Repeated(submission) => HandedIn::Repeated(self.number(submission.id)),
            store::HandedIn::TooMany => HandedIn::TooMany,
            store::HandedIn::KeyReused => unreachable!("keys are used for one request"),
        }
    }

    fn outbox(&mut self) -> Option<(Row, Subject, Token)> {
        let mut rows = self.runtime.block_on(self.store.outbox(50)).unwrap();
        // Messages are numbered as they were written, also those that nobody has sent yet.
        let jobs: Vec<_> = rows.iter().map(|row| self.job_of(&row.body)).collect();
        let (subject, token) = *jobs.first()?;
        Some((rows.remove(0).id, subject, token))
    }

    fn outbox_sent(&mut self, row: Row) {
        self.runtime.block_on(self.store.outbox_sent(&[row])).unwrap();
    }

    fn start(&mut self, job: (Subject, Token), delivery: u32, now: Wall) -> Start {
        match self.is_finished(job) {
            None => return Start::Refused,
            Some(true) => return Start::Over,
            Some(false) => {}
        }
        let begun = self.store.start_grading(self.id(job.0), "agent", delivery, now);
        match self.runtime.block_on(begun).unwrap() {
            Begun::Attempt(attempt, _) => Start::Attempt(attempt),
            Begun::Stale => Start::Stale,
            Begun::Over => Start::Over,
        }
    }

    fn finish(&mut self, job: (Subject, Token), attempt: u32, outcome: Outcome, now: Wall) -> Finish {
        if self.is_finished(job).is_none() {
            return Finish::Refused;
        }
        let finish = FinishGrading {
            attempt,
            outcome: outcome_of(outcome),
            timings: GradingTimings::default(),
            image_digest: String::new(),
            circumstances: ide_protocol::record::Circumstances::default(),
        };
        match self.runtime.block_on(self.store.finish_grading(self.id(job.0), &finish, now)).unwrap() {
            store::Finish::Recorded(_) => Finish::Recorded,
            store::Finish::Already => Finish::Already,
            store::Finish::Stale => Finish::Stale,
        }
    }

    fn lay_to_rest(&mut self, job: (Subject, Token), now: Wall) -> Rest {
        if self.is_finished(job).is_none() {
            return Rest::Nothing;
        }
        let died = self.store.message_died(self.id(job.0), MAX_DELIVERIES, "every try failed", now);
        match self.runtime.block_on(died).unwrap() {
            store::Died::GivenUp(_) => Rest::GivenUp,
            store::Died::UnderWay => Rest::UnderWay,
            store::Died::Over => Rest::Nothing,
        }
    }

    fn give_up(&mut self, subject: Subject, now: Wall) -> bool {
        let given_up = self.store.give_up_grading(self.id(subject), "every try failed", now);
        self.runtime.block_on(given_up).unwrap().is_some()
    }

    fn unfinished(&mut self) -> Vec<Unfinished> {
        let rows = self.runtime.block_on(self.store.unfinished_gradings("grading", 100)).unwrap();
        let told = rows.into_iter().map(|row| {
            let (running, attempt) = match row.stage {
                Stage::Waiting { attempt } => (false, attempt),
                Stage::Running { attempt } => (true, attempt),
            };
            let subject = self.number(row.subject);
            let store::Unfinished { message, sent, lost, .. } = row;
            Unfinished { subject, running, attempt, message, sent, lost }
        });
        let mut told: Vec<_> = told.collect();
        // Those handed in under a clock that was set back would come first.
        told.sort_by_key(|one| one.subject);
        told
    }

    fn newest_started(&mut self) -> Row {
        self.runtime.block_on(self.store.newest_started("grading")).unwrap()
    }

    fn send_again(&mut self, lost: &Unfinished, now: Wall) -> bool {
        let attempt = lost.attempt;
        let stage = if lost.running { Stage::Running { attempt } } else { Stage::Waiting { attempt } };
        let lost = store::Unfinished {
            subject: self.id(lost.subject),
            lesson_digest: self.lesson_digest.clone(),
            stage,
            message: lost.message,
            sent: lost.sent,
            lost: lost.lost,
        };
        self.runtime.block_on(self.store.send_grading_again(&lost, JOB, now)).unwrap().is_some()
    }

    fn state(&mut self, subject: Subject) -> State {
        let row = self.runtime.block_on(self.store.submission(self.id(subject))).unwrap().unwrap();
        match row.submission.state {
            SubmissionState::Queued { .. } => State::Queued,
            SubmissionState::Running { attempt } => State::Running { attempt },
            SubmissionState::Graded { verdict, .. } if verdict.outcome == results::Outcome::Passed => {
                State::Over(End::Passed)
            }
            SubmissionState::Graded { .. } => State::Over(End::Failed),
            SubmissionState::LessonFault { .. } => State::Over(End::LessonFault),
            SubmissionState::NotGraded { .. } => State::Over(End::NotGraded),
        }
    }

    fn send(&mut self, job: (Subject, Token), now: Wall) {
        self.at(now);
        let body = serde_json::to_string(&self.messages[&job]).unwrap();
        self.runtime.block_on(self.queue.send(Lane::Grading, &body)).unwrap();
    }

    fn lease(&mut self, visibility: Duration, now: Wall) -> Option<Delivery> {
        self.at(now);
        let leased = self.queue.lease(Lane::Grading, visibility, Duration::ZERO);
        let lease = self.runtime.block_on(leased).unwrap();
        self.keep(lease)
    }

    fn lease_dead(&mut self, visibility: Duration, now: Wall) -> Option<Delivery> {
        self.at(now);
        let leased = self.queue.lease_dead(Lane::Grading, visibility, Duration::ZERO);
        let lease = self.runtime.block_on(leased).unwrap();
        self.keep(lease)
    }

    fn extend(&mut self, receipt: Receipt, visibility: Duration, now: Wall) -> Result<(), Lost> {
        self.at(now);
        let Some(lease) = self.leases.get(&receipt) else { return Err(Lost) };
        lost(self.runtime.block_on(lease.extend(visibility)))
    }

    fn complete(&mut self, receipt: Receipt) -> Result<(), Lost> {
        let Some(lease) = self.leases.remove(&receipt) else { return Err(Lost) };
        lost(self.runtime.block_on(lease.complete()))
    }

    fn release(&mut self, receipt: Receipt, delay: Duration, now: Wall) -> Result<(), Lost> {
        self.at(now);
        let Some(lease) = self.leases.remove(&receipt) else { return Err(Lost) };
        lost(self.runtime.block_on(lease.release(delay)))
    }

    fn reclaim(&mut self) {
        self.runtime.block_on(self.queue.reclaim()).unwrap();
    }

    fn messages(&mut self, now: Wall) -> (u64, u64) {
        self.at(now);
        let depth = self.runtime.block_on(self.queue.depth(Lane::Grading)).unwrap();
        (depth.waiting + depth.in_flight + depth.dead, depth.waiting)
    }
}

fn lost(result: Result<(), QueueError>) -> Result<(), Lost> {
    match result {
        Ok(()) => Ok(()),
        Err(QueueError::Lost) => Err(Lost),
        Err(why) => panic!("{why}"),
    }
}

fn outcome_of(outcome: Outcome) -> GradingOutcome {
    let verdict = |outcome| GradingOutcome::Verdict {
        verdict: Verdict {
            outcome,
            ending: Ending::Exited { code: 0 },
            trust: Trust::InProcess,
            tests: Vec::new(),
            output: String::new(),
            output_dropped_bytes: 0,
            duration_ms: 1,
        },
    };
    let detail = "simulated".to_owned();
    match outcome {
        Outcome::Passed => verdict(results::Outcome::Passed),
        Outcome::Failed => verdict(results::Outcome::Failed),
        Outcome::LessonFault => GradingOutcome::LessonFault { fault: LessonFault::NoReport { detail } },
        Outcome::HostFault => {
            GradingOutcome::HostFault { fault: HostFault { doing: "grading".to_owned(), detail } }
        }
    }
}
