//! The model is the real thing: on the same days, with the same troubles, real store and real queue give the same
//! answer to every question.

use std::fmt::Debug;
use std::time::Duration;

use simulation::books::{
    Books, Delivery, Finish, HandedIn, Lost, Outcome, Receipt, Rest, Row, Start, State, Subject, Token,
    Unfinished, Wall,
};
use simulation::day;
use simulation::model::Model;
use simulation::plan::{Plan, Trouble};

use crate::real::Real;

/// Days of a test run; each takes the real ones a second or two.
const DAYS: u64 = 8;

struct Both {
    seed: u64,
    model: Model,
    real: Real,
    questions: u64,
}

/// Asks both and answers what both say.
macro_rules! ask {
    ($self:ident . $question:ident ( $($given:expr),* )) => {{
        let (model, real) = ($self.model.$question($($given),*), $self.real.$question($($given),*));
        let asked = format_args!("{}{:?}", stringify!($question), ($(&$given,)*)).to_string();
        $self.same(&asked, model, real)
    }};
}

impl Both {
    fn same<T: PartialEq + Debug>(&mut self, asked: &str, model: T, real: T) -> T {
        self.questions += 1;
        assert_eq!(model, real, "seed {}: {asked}: the model (left) is not what is real (right)", self.seed);
        real
    }
}

impl Books for Both {
    fn hand_in(&mut self, learner: usize, key: u32, now: Wall) -> HandedIn {
        ask!(self.hand_in(learner, key, now))
    }

    fn outbox(&mut self) -> Option<(Row, Subject, Token)> {
        ask!(self.outbox())
    }

    fn outbox_sent(&mut self, row: Row) {
        ask!(self.outbox_sent(row))
    }

    fn start(&mut self, job: (Subject, Token), delivery: u32, now: Wall) -> Start {
        ask!(self.start(job, delivery, now))
    }

    fn finish(&mut self, job: (Subject, Token), attempt: u32, outcome: Outcome, now: Wall) -> Finish {
        ask!(self.finish(job, attempt, outcome, now))
    }

    fn lay_to_rest(&mut self, job: (Subject, Token), now: Wall) -> Rest {
        ask!(self.lay_to_rest(job, now))
    }

    fn give_up(&mut self, subject: Subject, now: Wall) -> bool {
        ask!(self.give_up(subject, now))
    }

    fn unfinished(&mut self) -> Vec<Unfinished> {
        ask!(self.unfinished())
    }

    fn newest_started(&mut self) -> Row {
        ask!(self.newest_started())
    }

    fn send_again(&mut self, lost: &Unfinished, now: Wall) -> bool {
        ask!(self.send_again(lost, now))
    }

    fn state(&mut self, subject: Subject) -> State {
        ask!(self.state(subject))
    }

    fn send(&mut self, job: (Subject, Token), now: Wall) {
        ask!(self.send(job, now))
    }

    fn lease(&mut self, visibility: Duration, now: Wall) -> Option<Delivery> {
        ask!(self.lease(visibility, now))
    }

    fn lease_dead(&mut self, visibility: Duration, now: Wall) -> Option<Delivery> {
        ask!(self.lease_dead(visibility, now))
    }

    fn extend(&mut self, receipt: Receipt, visibility: Duration, now: Wall) -> Result<(), Lost> {
        ask!(self.extend(receipt, visibility, now))
    }

    fn complete(&mut self, receipt: Receipt) -> Result<(), Lost> {
        ask!(self.complete(receipt))
    }

    fn release(&mut self, receipt: Receipt, delay: Duration, now: Wall) -> Result<(), Lost> {
        ask!(self.release(receipt, delay, now))
    }

    fn reclaim(&mut self) {
        ask!(self.reclaim())
    }

    fn messages(&mut self, now: Wall) -> (u64, u64) {
        ask!(self.messages(now))
    }
}

#[test]
fn model_and_reality_give_the_same_answers() {
    let days = std::env::var("DAYS").map_or(DAYS, |text| text.parse().expect("DAYS is a number"));
    let mut questions = 0;
    // The most troubled of the first days: they ask the most different questions.
    // Nothing is late, though: a lease that was settled is used up, and what came for it afterwards could not be asked.
    let plans = (1..=days * 4).map(|seed| Plan::new(seed).without(&[Trouble::Late]));
    let mut plans: Vec<Plan> = plans.collect();
    plans.sort_by_key(|plan| (std::cmp::Reverse(plan.troubles.len()), plan.seed));
    for plan in plans.into_iter().take(usize::try_from(days).unwrap()) {
        let mut both = Both { seed: plan.seed, model: Model::default(), real: Real::new(), questions: 0 };
        let found = day(&plan, None, &mut both, None);
        assert!(found.is_ok(), "seed {}: {found:?}", plan.seed);
        questions += both.questions;
    }
    println!("{questions} questions on {days} days");
}
