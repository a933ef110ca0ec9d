//! The watch over lost jobs: the real one (`api::lost_jobs`), and what `api::tasks::lost` does with what it finds.

use std::time::Duration;

use api::lost_jobs::{LOOK_EVERY, Lane, MAX_FINDS, Patience, Seen};
use api::store::Stage;
use job_queue::VISIBILITY;
use uuid::Uuid;

use super::agenda::Happening;
use super::wire::Process;
use super::{World, note};
use crate::books::Unfinished;
use crate::mutant::Mutant;

/// As `api::Patience` has it by itself.
pub(super) const PATIENCE: Patience =
    Patience { visibility: VISIBILITY, around_attempt: Duration::from_secs(240) };
/// What the simulated lesson allows an attempt.
const RUNS: Duration = Duration::from_secs(60);
/// From a look to what it leads to: others may be quicker.
const STEP: Duration = Duration::from_millis(4);

impl World<'_> {
    pub(super) fn lost_look(&mut self, life: u32) {
        if self.api.life != life || self.is(Mutant::NobodyWatches) {
            return;
        }
        self.plan_in(LOOK_EVERY, Happening::LostLook { life });
        if self.cut(Process::Api, Process::Queue).is_some() {
            return;
        }
        let unfinished = self.books.unfinished();
        let (_, to_be_had) = self.books.messages(self.wall(Process::Api));
        let lane = Lane { is_empty: to_be_had == 0, newest_started: self.books.newest_started() };
        let seen: Vec<Seen> = unfinished.iter().map(see).collect();
        let lost = self.api.watch.look(self.dawn + self.now, lane, &seen);
        for one in unfinished {
            if lost.contains(&Uuid::from_u128(one.subject.into())) {
                note!(self, "the API finds submission {} lost", one.subject);
                self.plan_in(STEP, Happening::Mend { life, lost: one });
            }
        }
    }

    pub(super) fn mend(&mut self, life: u32, lost: &Unfinished) {
        if self.api.life != life {
            return;
        }
        let wall = self.wall(Process::Api);
        if lost.lost >= MAX_FINDS {
            self.books.give_up(lost.subject, wall);
        } else if self.books.send_again(lost, wall) {
            self.ledger.sent_again(lost.subject);
            self.dispatch_in(STEP);
        }
        self.look_at(lost.subject);
    }
}

fn see(job: &Unfinished) -> Seen {
    let Unfinished { attempt, message, sent, .. } = *job;
    let stage = if job.running { Stage::Running { attempt } } else { Stage::Waiting { attempt } };
    let runs = if job.running { RUNS } else { Duration::ZERO };
    Seen { subject: Uuid::from_u128(job.subject.into()), stage, message, sent, runs }
}
