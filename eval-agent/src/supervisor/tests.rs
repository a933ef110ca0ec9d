//! Each race is a script: events in, commands out.

mod any_load;

use std::sync::LazyLock;

use uuid::Uuid;

use super::*;

const S: Lane = Lane::Sessions;
const G: Lane = Lane::Grading;
/// What most lessons need.
const USUAL: Room = Room { memory_mib: 256, cpu_percent: 100 };

/// Second 0 of every script; every job was asked for then.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

struct Script {
    start: Instant,
    supervisor: Supervisor,
}

impl Script {
    /// An agent with one slot for sessions and two for gradings that has begun to look for jobs.
    fn new() -> Self {
        let mut script = Self { start: *START, supervisor: Supervisor::new(1, 2) };
        script.at(0, Event::Tick, &[Command::Poll { lane: S }, Command::Poll { lane: G }]);
        script
    }

    /// At that second, this happens; exactly those commands follow.
    fn at(&mut self, second: u64, event: Event, expected: &[Command]) -> &mut Self {
        let now = self.start + Duration::from_secs(second);
        assert_eq!(self.supervisor.handle(now, event), expected, "second {second}: {event:?}");
        self
    }

    fn extended(&self, lease: LeaseNumber, second: u64) -> Event {
        Event::Extended { lease, asked: self.start + Duration::from_secs(second) }
    }
}

fn job(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn leased(lane: Lane, lease: LeaseNumber) -> Event {
    Event::Leased {
        lane,
        lease,
        job: job(u128::from(lease)),
        sending: 1,
        needs: USUAL,
        delivery: 1,
        asked: *START,
    }
}

fn done(lease: LeaseNumber) -> Event {
    Event::JobEnded { lease, end: JobEnd::Done }
}

#[test]
fn it_looks_for_jobs_only_while_it_has_room() {
    Script::new()
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(0, leased(G, 2), &[Command::Begin { lease: 2 }, Command::Poll { lane: G }])
        .at(0, leased(G, 3), &[Command::Begin { lease: 3 }])
        .at(1, done(2), &[Command::Settle { lease: 2, end: JobEnd::Done }, Command::Poll { lane: G }])
        .at(1, done(1), &[Command::Settle { lease: 1, end: JobEnd::Done }, Command::Poll { lane: S }]);
}

#[test]
fn an_empty_lane_is_asked_again_and_a_broken_one_rests() {
    Script::new()
        .at(0, Event::LaneEmpty(S), &[Command::Poll { lane: S }])
        .at(0, Event::LaneFailed(S), &[])
        .at(0, Event::Tick, &[])
        .at(1, Event::Tick, &[Command::Poll { lane: S }]);
}

#[test]
fn leases_are_extended_while_the_job_lasts() {
    let mut script = Script::new();
    script.at(0, leased(S, 1), &[Command::Begin { lease: 1 }]);
    for beat in 1..100 {
        let second = beat * 20;
        let extended = script.extended(1, second);
        script.at(second - 1, Event::Tick, &[]).at(second, Event::Tick, &[Command::Extend { lease: 1 }]).at(
            second,
            extended,
            &[],
        );
    }
}

#[test]
fn a_grading_that_is_someone_elses_stops_and_nothing_is_settled() {
    Script::new()
        .at(0, leased(G, 1), &[Command::Begin { lease: 1 }, Command::Poll { lane: G }])
        .at(5, Event::LeaseLost { lease: 1 }, &[Command::Stop { lease: 1, reason: StopReason::LeaseLost }])
        .at(5, Event::LeaseLost { lease: 1 }, &[])
        .at(6, done(1), &[Command::Forget { lease: 1 }]);
}

#[test]
fn a_session_that_the_queue_gave_away_goes_on_and_the_message_is_left_alone() {
    Script::new()
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(90, Event::LeaseLost { lease: 1 }, &[])
        .at(200, Event::Tick, &[])
        .at(5_000, done(1), &[Command::Forget { lease: 1 }, Command::Poll { lane: S }]);
}

#[test]
fn while_the_queue_does_not_answer_everything_goes_on_and_it_is_asked_on() {
    let mut script = Script::new();
    script.at(0, leased(S, 1), &[Command::Begin { lease: 1 }]).at(
        0,
        leased(G, 2),
        &[Command::Begin { lease: 2 }, Command::Poll { lane: G }],
    );
    for beat in 1..10 {
        script.at(20 * beat, Event::Tick, &[1, 2].map(|lease| Command::Extend { lease }));
    }
    script.at(181, done(2), &[Command::Settle { lease: 2, end: JobEnd::Done }]);
}

#[test]
fn what_was_delivered_to_us_again_waits_for_the_end_of_what_is_under_way() {
    let again = |lease, delivery| Event::Leased {
        lane: S,
        lease,
        job: job(1),
        sending: 1,
        needs: USUAL,
        delivery,
        asked: *START + Duration::from_secs(100),
    };
    let mut script = Script { start: *START, supervisor: Supervisor::new(2, 0) };
    script
        .at(0, Event::Tick, &[Command::Poll { lane: S }])
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }, Command::Poll { lane: S }])
        .at(100, again(2, 2), &[Command::Poll { lane: S }])
        // Only the newer one is ours to keep.
        .at(120, Event::Tick, &[Command::Extend { lease: 2 }])
        .at(121, done(1), &[Command::Forget { lease: 1 }, Command::Begin { lease: 2 }])
        // The API says that nothing is left to do.
        .at(121, done(2), &[Command::Settle { lease: 2, end: JobEnd::Done }]);
}

#[test]
fn what_somebody_else_serves_is_kept_without_a_slot_and_asked_about_again() {
    let elsewhere = Event::JobEnded { lease: 1, end: JobEnd::Elsewhere };
    let mut script = Script::new();
    script
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(1, elsewhere, &[Command::Poll { lane: S }])
        .at(15, Event::Tick, &[])
        .at(16, Event::Tick, &[Command::Begin { lease: 1 }])
        .at(16, elsewhere, &[])
        .at(20, Event::Tick, &[Command::Extend { lease: 1 }])
        // Another one has the only slot meanwhile.
        .at(30, needing_at(30, S, 2), &[Command::Begin { lease: 2 }])
        .at(31, Event::Tick, &[])
        .at(32, done(2), &[Command::Settle { lease: 2, end: JobEnd::Done }, Command::Begin { lease: 1 }])
        .at(33, Event::Drain, &[Command::Stop { lease: 1, reason: StopReason::GoingAway }])
        .at(33, elsewhere, &[Command::Settle { lease: 1, end: JobEnd::HandedOn }]);
}

fn needing_at(second: u64, lane: Lane, lease: LeaseNumber) -> Event {
    let asked = *START + Duration::from_secs(second);
    Event::Leased { lane, lease, job: job(u128::from(lease)), sending: 1, needs: USUAL, delivery: 1, asked }
}

#[test]
fn a_job_that_we_hear_of_too_late_is_given_back() {
    let again = JobEnd::Again { delay: Duration::ZERO };
    Script::new().at(49, leased(S, 1), &[Command::Begin { lease: 1 }, Command::Extend { lease: 1 }]);
    Script::new().at(
        50,
        leased(S, 1),
        &[Command::Settle { lease: 1, end: again }, Command::Poll { lane: S }],
    );
}

#[test]
fn a_late_extension_counts_from_when_it_was_asked_for() {
    let mut script = small_host();
    let extended = script.extended(2, 20);
    script
        .at(0, needing(G, 1, 1_000), &[Command::Begin { lease: 1 }, Command::Poll { lane: G }])
        // Held: it would not be begun with a lease that may be someone else's.
        .at(1, needing(G, 2, 1_200), &[])
        .at(20, Event::Tick, &[Command::Extend { lease: 1 }, Command::Extend { lease: 2 }])
        .at(39, extended, &[])
        .at(40, Event::Tick, &[Command::Extend { lease: 1 }, Command::Extend { lease: 2 }])
        .at(60, Event::Tick, &[Command::Extend { lease: 1 }, Command::Extend { lease: 2 }])
        .at(69, Event::Tick, &[])
        .at(70, Event::Tick, &[Command::Forget { lease: 2 }, Command::Poll { lane: G }]);
}

#[test]
fn a_copy_of_a_job_is_done_with_and_the_one_under_way_goes_on() {
    let copy = |lease, delivery| Event::Leased {
        lane: G,
        lease,
        job: job(1),
        sending: 1,
        needs: USUAL,
        delivery,
        asked: *START,
    };
    let settled = |lease| Command::Settle { lease, end: JobEnd::Done };
    Script::new()
        .at(0, copy(1, 2), &[Command::Begin { lease: 1 }, Command::Poll { lane: G }])
        .at(1, copy(2, 1), &[settled(2), Command::Poll { lane: G }])
        .at(2, copy(3, 2), &[settled(3), Command::Poll { lane: G }])
        .at(3, done(1), &[settled(1)]);
}

#[test]
fn a_job_sent_out_anew_is_never_taken_for_a_copy() {
    let anew = Event::Leased {
        lane: G,
        lease: 2,
        job: job(1),
        sending: 2,
        needs: USUAL,
        delivery: 1,
        asked: *START,
    };
    let again = JobEnd::Again { delay: DUPLICATE_DELAY };
    Script::new().at(0, leased(G, 1), &[Command::Begin { lease: 1 }, Command::Poll { lane: G }]).at(
        1,
        anew,
        &[
            Command::Stop { lease: 1, reason: StopReason::LeaseLost },
            Command::Settle { lease: 2, end: again },
            Command::Poll { lane: G },
        ],
    );
}

#[test]
fn what_a_job_says_after_it_ended_is_ignored() {
    Script::new()
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(1, done(1), &[Command::Settle { lease: 1, end: JobEnd::Done }, Command::Poll { lane: S }])
        .at(1, done(1), &[])
        .at(1, Event::LeaseLost { lease: 1 }, &[]);
}

#[test]
fn slots_whose_containers_resist_removal_are_not_given_away() {
    Script::new()
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(1, Event::SlotsLost { lane: S, count: 1 }, &[])
        .at(1, done(1), &[Command::Settle { lease: 1, end: JobEnd::Done }])
        .at(9, Event::SlotsLost { lane: S, count: 0 }, &[Command::Poll { lane: S }]);
}

#[test]
fn draining_ends_sessions_and_lets_gradings_finish() {
    let going = |lease| Command::Stop { lease, reason: StopReason::GoingAway };
    let again = JobEnd::Again { delay: Duration::ZERO };
    let mut script = Script::new();
    script
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(0, leased(G, 2), &[Command::Begin { lease: 2 }, Command::Poll { lane: G }])
        .at(1, Event::Drain, &[going(1)])
        .at(1, Event::Drain, &[])
        .at(2, leased(G, 3), &[Command::Settle { lease: 3, end: again }])
        .at(2, leased(S, 4), &[Command::Settle { lease: 4, end: JobEnd::HandedOn }])
        .at(2, Event::JobEnded { lease: 1, end: again }, &[Command::Settle { lease: 1, end: again }]);
    assert!(!script.supervisor.is_finished());
    script.at(3, done(2), &[Command::Settle { lease: 2, end: JobEnd::Done }]);
    assert!(script.supervisor.is_finished());
}

#[test]
fn a_grading_that_does_not_finish_in_time_is_stopped_on_shutdown() {
    let mut script = Script::new();
    script
        .at(0, leased(G, 1), &[Command::Begin { lease: 1 }, Command::Poll { lane: G }])
        .at(0, Event::LaneEmpty(S), &[Command::Poll { lane: S }])
        .at(0, Event::Drain, &[])
        .at(0, Event::LaneEmpty(S), &[])
        .at(0, Event::LaneEmpty(G), &[])
        .at(19, Event::Tick, &[])
        .at(
            20,
            Event::Tick,
            &[Command::Extend { lease: 1 }, Command::Stop { lease: 1, reason: StopReason::GoingAway }],
        );
}

#[test]
fn losing_the_lease_of_a_job_that_is_going_away_makes_its_report_void() {
    Script::new()
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(1, Event::Drain, &[Command::Stop { lease: 1, reason: StopReason::GoingAway }])
        .at(2, Event::LeaseLost { lease: 1 }, &[])
        .at(3, done(1), &[Command::Forget { lease: 1 }]);
}

#[test]
fn a_host_that_is_to_be_empty_lets_everything_end_and_hands_sessions_over_when_it_is_time() {
    let going = |lease| Command::Stop { lease, reason: StopReason::GoingAway };
    let hand_over = Some(*START + Duration::from_secs(1_800));
    let mut script = Script::new();
    script
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(0, leased(G, 2), &[Command::Begin { lease: 2 }, Command::Poll { lane: G }])
        .at(1, Event::Empty { hand_over }, &[])
        .at(1, Event::LaneEmpty(G), &[])
        .at(19, done(2), &[Command::Settle { lease: 2, end: JobEnd::Done }])
        .at(1_799, Event::Tick, &[Command::Extend { lease: 1 }])
        .at(1_800, Event::Tick, &[going(1)]);
    assert!(!script.supervisor.is_finished());
    script.at(1_801, done(1), &[Command::Settle { lease: 1, end: JobEnd::Done }]);
    assert!(script.supervisor.is_finished());
}

#[test]
fn a_signal_is_more_urgent_than_a_wish_for_an_empty_host() {
    Script::new()
        .at(0, leased(S, 1), &[Command::Begin { lease: 1 }])
        .at(1, Event::Empty { hand_over: None }, &[])
        .at(10, Event::Tick, &[])
        .at(11, Event::Drain, &[Command::Stop { lease: 1, reason: StopReason::GoingAway }]);
}

/// An agent that has asked for the first check of its host.
fn unchecked() -> Script {
    let supervisor = Supervisor::new(1, 1).with_host_check();
    let mut script = Script { start: *START, supervisor };
    script.at(0, Event::Tick, &[Command::CheckHost]).at(1, Event::Tick, &[]);
    script
}

fn checked(check: HostCheck) -> Event {
    Event::HostChecked(check)
}

/// The same, found fit, with a grading under way.
fn fit_and_grading() -> Script {
    let mut script = unchecked();
    script.at(2, checked(HostCheck::Fit), &[Command::Poll { lane: S }, Command::Poll { lane: G }]).at(
        2,
        leased(G, 1),
        &[Command::Begin { lease: 1 }],
    );
    script
}

#[test]
fn nothing_is_taken_before_the_host_is_found_fit() {
    unchecked()
        .at(2, checked(HostCheck::Unable), &[])
        .at(6, Event::Tick, &[])
        .at(7, Event::Tick, &[Command::CheckHost])
        .at(8, checked(HostCheck::Fit), &[Command::Poll { lane: S }, Command::Poll { lane: G }]);
}

#[test]
fn a_suspicion_is_followed_up_while_work_goes_on_and_not_too_often() {
    fit_and_grading()
        .at(3, Event::Suspected, &[])
        .at(19, Event::Suspected, &[])
        .at(20, Event::Tick, &[Command::Extend { lease: 1 }, Command::CheckHost])
        .at(20, Event::Suspected, &[])
        .at(21, checked(HostCheck::Fit), &[])
        .at(21, done(1), &[Command::Settle { lease: 1, end: JobEnd::Done }, Command::Poll { lane: G }])
        .at(39, Event::Tick, &[])
        .at(40, Event::Tick, &[Command::CheckHost]);
}

#[test]
fn a_container_that_resists_removal_is_a_suspicion_and_its_going_is_none() {
    let mut script = unchecked();
    script
        .at(2, checked(HostCheck::Fit), &[Command::Poll { lane: S }, Command::Poll { lane: G }])
        .at(70, Event::SlotsLost { lane: S, count: 1 }, &[Command::CheckHost])
        .at(71, checked(HostCheck::Fit), &[])
        .at(200, Event::SlotsLost { lane: S, count: 0 }, &[]);
}

#[test]
fn a_host_that_grades_wrongly_gives_its_gradings_back_and_takes_its_verdicts_back() {
    let again = JobEnd::Again { delay: Duration::ZERO };
    let stop = Command::Stop { lease: 1, reason: StopReason::GoingAway };
    fit_and_grading()
        .at(15, Event::Suspected, &[])
        .at(20, Event::Tick, &[Command::Extend { lease: 1 }, Command::CheckHost])
        .at(21, checked(HostCheck::Wrong), &[stop, Command::DisownVerdicts])
        .at(21, Event::JobEnded { lease: 1, end: again }, &[Command::Settle { lease: 1, end: again }])
        // What a look under way brings is given back.
        .at(21, leased(S, 2), &[Command::Settle { lease: 2, end: JobEnd::HandedOn }])
        .at(26, Event::Tick, &[Command::CheckHost])
        .at(27, checked(HostCheck::Wrong), &[Command::DisownVerdicts])
        .at(36, Event::Tick, &[])
        .at(37, Event::Tick, &[Command::CheckHost])
        .at(38, checked(HostCheck::Fit), &[Command::Poll { lane: S }, Command::Poll { lane: G }]);
}

#[test]
fn one_that_cannot_grade_takes_its_verdicts_back_the_second_time() {
    let stop = Command::Stop { lease: 1, reason: StopReason::GoingAway };
    fit_and_grading()
        .at(3, Event::Suspected, &[])
        .at(20, Event::Tick, &[Command::Extend { lease: 1 }, Command::CheckHost])
        .at(21, checked(HostCheck::Unable), &[stop])
        .at(26, Event::Tick, &[Command::CheckHost])
        .at(27, checked(HostCheck::Unable), &[Command::DisownVerdicts]);
}

#[test]
fn a_host_that_grades_is_checked_now_and_then_and_one_that_does_not_is_left_alone() {
    let mut idle = unchecked();
    idle.at(2, checked(HostCheck::Fit), &[Command::Poll { lane: S }, Command::Poll { lane: G }]);
    idle.at(10_000, Event::Tick, &[]);
    let mut busy = fit_and_grading();
    busy.at(3, done(1), &[Command::Settle { lease: 1, end: JobEnd::Done }, Command::Poll { lane: G }])
        .at(599, Event::Tick, &[])
        .at(600, Event::Tick, &[Command::CheckHost]);
}

#[test]
fn a_drain_waits_for_no_check() {
    let mut script = unchecked();
    script.at(2, Event::Drain, &[]);
    assert!(script.supervisor.is_finished());
}

/// An agent on two processors with 2 GiB for jobs, half a GiB of them each kind's own, that has asked for both kinds.
fn small_host() -> Script {
    let supervisor = Supervisor::new(16, 4).with_room(HostRoom { memory_mib: 2_048, cpu_percent: 400 });
    let mut script = Script { start: *START, supervisor };
    script.at(0, Event::Tick, &[Command::Poll { lane: S }, Command::Poll { lane: G }]);
    script
}

fn needing(lane: Lane, lease: LeaseNumber, memory_mib: u32) -> Event {
    let needs = Room { memory_mib, cpu_percent: 100 };
    Event::Leased { lane, lease, job: job(u128::from(lease)), sending: 1, needs, delivery: 1, asked: *START }
}

#[test]
fn a_big_job_is_held_until_it_fits_and_not_overtaken() {
    small_host()
        .at(0, needing(G, 1, 1_000), &[Command::Begin { lease: 1 }, Command::Poll { lane: G }])
        // There is no room for it, so nothing more is asked for.
        .at(1, needing(G, 2, 1_200), &[])
        // Sessions have what is theirs, and nothing beyond it.
        .at(2, needing(S, 3, 1_024), &[Command::Begin { lease: 3 }])
        // Meanwhile it stays ours.
        .at(20, Event::Tick, &[1, 2, 3].map(|lease| Command::Extend { lease }))
        .at(
            21,
            done(1),
            &[
                Command::Settle { lease: 1, end: JobEnd::Done },
                Command::Begin { lease: 2 },
                Command::Poll { lane: S },
                Command::Poll { lane: G },
            ],
        );
}

#[test]
fn a_job_that_never_fits_is_passed_on_and_takes_no_room() {
    let why = room::TooBig::Memory { needs: 1_600, has: 1_536 };
    small_host()
        .at(0, needing(G, 1, 1_600), &[Command::PassOn { lease: 1, why }, Command::Poll { lane: G }])
        .at(0, needing(G, 2, 1_500), &[Command::Begin { lease: 2 }])
        .at(1, done(1), &[Command::Settle { lease: 1, end: JobEnd::Done }]);
}

#[test]
fn a_held_job_goes_back_when_the_agent_stops_and_is_forgotten_when_its_lease_is_lost() {
    let held = || {
        let mut script = small_host();
        script.at(0, needing(G, 1, 1_000), &[Command::Begin { lease: 1 }, Command::Poll { lane: G }]).at(
            1,
            needing(G, 2, 1_200),
            &[],
        );
        script
    };
    held().at(2, Event::Drain, &[Command::Settle { lease: 2, end: JobEnd::Again { delay: Duration::ZERO } }]);
    held().at(2, Event::LeaseLost { lease: 2 }, &[Command::Forget { lease: 2 }, Command::Poll { lane: G }]);
}
