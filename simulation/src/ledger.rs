//! What must always be so, checked as things happen. It hears of effects – what the store and the queue did, what agents
//! hold – and keeps its own account of them; it decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::books::{End, Outcome, Receipt, State, Subject, Token};

/// Calls of one agent in [`WINDOW`]; working at its busiest it makes a third of that.
const CALLS_IN_WINDOW: u32 = 100;
const WINDOW: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
struct Account {
    over: Option<End>,
    /// Attempts begun; the newest is the one that counts.
    attempts: u32,
    /// Which token counts.
    token: Token,
    /// Messages with each token in the queue, and in the outbox.
    in_queue: BTreeMap<Token, u32>,
    in_outbox: BTreeMap<Token, u32>,
}

impl Account {
    fn messages(&self, token: Token) -> u32 {
        let of = |messages: &BTreeMap<Token, u32>| messages.get(&token).copied().unwrap_or_default();
        of(&self.in_queue) + of(&self.in_outbox)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    accounts: BTreeMap<Subject, Account>,
    /// Which submission each learner's key stands for.
    keys: BTreeMap<(usize, u32), Subject>,
    /// When leases end by the true time, should nobody extend them.
    leases: BTreeMap<Receipt, ((Subject, Token), Duration)>,
    calls: BTreeMap<usize, (Duration, u32)>,
    found: Option<String>,
}

impl Ledger {
    pub(crate) fn find(&mut self, what: String) {
        self.found.get_or_insert(what);
    }

    pub(crate) fn found(&mut self) -> Option<String> {
        self.found.take()
    }

    /// A submission is in the store, with its message in the outbox.
    pub(crate) fn stored(&mut self, learner: usize, key: u32, subject: Subject, in_outbox: bool) {
        self.answered(learner, key, subject);
        let in_outbox = BTreeMap::from([(1, u32::from(in_outbox))]);
        let account = Account { token: 1, in_outbox, ..Account::default() };
        self.accounts.insert(subject, account);
        self.has_a_message(subject);
    }

    /// A hand-in was answered, now or again.
    pub(crate) fn answered(&mut self, learner: usize, key: u32, subject: Subject) {
        let known = *self.keys.entry((learner, key)).or_insert(subject);
        if known != subject {
            self.find(format!("one hand-in of learner {learner} is two submissions, {known} and {subject}"));
        }
    }

    /// A lost job goes out anew: another token counts.
    pub(crate) fn sent_again(&mut self, subject: Subject) {
        let account = self.account(subject);
        account.token += 1;
        account.in_outbox.insert(account.token, 1);
    }

    pub(crate) fn sent(&mut self, (subject, token): (Subject, Token)) {
        *self.account(subject).in_queue.entry(token).or_default() += 1;
    }

    pub(crate) fn crossed_off(&mut self, (subject, token): (Subject, Token)) {
        self.account(subject).in_outbox.remove(&token);
        self.has_a_message(subject);
    }

    pub(crate) fn leased(&mut self, receipt: Receipt, job: (Subject, Token), ends: Duration) {
        self.leases.insert(receipt, (job, ends));
    }

    pub(crate) fn extended(&mut self, receipt: Receipt, ends: Duration) {
        if let Some(lease) = self.leases.get_mut(&receipt) {
            lease.1 = ends;
        }
    }

    /// Later receipts of the same submission.
    pub(crate) fn newer(&self, receipt: Receipt) -> Vec<Receipt> {
        let of = |receipt: &Receipt| self.leases.get(receipt).map(|(subject, _)| *subject);
        let later = self.leases.range(receipt + 1..).map(|(receipt, _)| *receipt);
        later.filter(|newer| of(newer) == of(&receipt)).collect()
    }

    pub(crate) fn completed(&mut self, receipt: Receipt) {
        let Some(((subject, token), _)) = self.leases.remove(&receipt) else { return };
        let left = self.account(subject).in_queue.entry(token).or_default();
        *left = left.saturating_sub(1);
        self.has_a_message(subject);
    }

    /// Whoever waits for a verdict has a message on its way to somebody who grades.
    fn has_a_message(&mut self, subject: Subject) {
        let account = self.account(subject);
        if account.over.is_none() && account.messages(account.token) == 0 {
            self.find(format!(
                "submission {subject} has no result, and no message is left that would bring one"
            ));
        }
    }

    pub(crate) fn began(&mut self, subject: Subject, attempt: u32) {
        let account = self.account(subject);
        account.attempts = account.attempts.max(attempt);
        if let Some(end) = account.over {
            self.find(format!(
                "attempt {attempt} of submission {subject} begins, which has its result: {end:?}"
            ));
        }
    }

    /// How many were begun.
    pub(crate) fn attempts(&self, subject: Subject) -> u32 {
        self.accounts.get(&subject).map_or(0, |account| account.attempts)
    }

    /// A result was stored.
    pub(crate) fn recorded(&mut self, subject: Subject, attempt: u32, outcome: Outcome, truth: Outcome) {
        let newest = self.account(subject).attempts;
        if attempt != newest {
            self.find(format!(
                "attempt {attempt} of submission {subject} counts, though {newest} is the newest"
            ));
        }
        if outcome != Outcome::HostFault && outcome != truth {
            self.find(format!("submission {subject} is {truth:?} and was recorded as {outcome:?}"));
        }
    }

    /// What the store says of a submission after something happened to it.
    pub(crate) fn saw(&mut self, subject: Subject, state: State) {
        let account = self.account(subject);
        match (account.over, state) {
            (None, State::Over(end)) => account.over = Some(end),
            (Some(end), now) if now != State::Over(end) => {
                self.find(format!("submission {subject} was {end:?} and is {now:?}"));
            }
            _ => {}
        }
    }

    /// When the lease ends by the true time.
    pub(crate) fn lease_ends(&self, receipt: Receipt) -> Option<Duration> {
        self.leases.get(&receipt).map(|(_, ends)| *ends)
    }

    pub(crate) fn called(&mut self, agent: usize, now: Duration) {
        let (since, calls) = self.calls.entry(agent).or_insert((now, 0));
        if now > *since + WINDOW {
            (*since, *calls) = (now, 0);
        }
        *calls += 1;
        if *calls > CALLS_IN_WINDOW {
            self.find(format!("agent {agent} made more than {CALLS_IN_WINDOW} calls in {WINDOW:?}"));
        }
    }

    pub(crate) fn subjects(&self) -> impl Iterator<Item = (Subject, Option<End>)> {
        self.accounts.iter().map(|(subject, account)| (*subject, account.over))
    }

    pub(crate) fn all_over(&self) -> bool {
        self.accounts.values().all(|account| account.over.is_some())
    }

    /// Messages that are still somewhere.
    pub(crate) fn messages(&self) -> u32 {
        self.accounts
            .values()
            .flat_map(|account| (1..=account.token).map(|token| account.messages(token)))
            .sum()
    }

    /// The submissions that wait.
    pub(crate) fn waiting(&self) -> BTreeSet<Subject> {
        self.subjects().filter(|(_, over)| over.is_none()).map(|(subject, _)| subject).collect()
    }

    fn account(&mut self, subject: Subject) -> &mut Account {
        self.accounts.entry(subject).or_default()
    }
}
