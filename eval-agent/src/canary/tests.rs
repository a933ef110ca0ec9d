use ide_protocol::record::{GradingTimings, MemoryUse};
use ide_protocol::results::{Ending, HostFault, LessonFault, TestResult, TestStatus, Trust};

use super::*;

fn tried(outcome: GradingOutcome) -> Tried {
    Tried {
        outcome,
        timings: GradingTimings::default(),
        image_digest: String::new(),
        memory: MemoryUse::default(),
    }
}

fn verdict(outcome: Outcome, passed: [bool; 2]) -> Tried {
    let test = |passed| TestResult {
        id: String::new(),
        name: String::new(),
        status: if passed { TestStatus::Passed } else { TestStatus::Failed },
        message: None,
        output: None,
        duration_ms: None,
        hidden: false,
    };
    let verdict = Verdict {
        outcome,
        ending: Ending::Exited { code: 0 },
        trust: Trust::InProcess,
        tests: passed.map(test).to_vec(),
        output: String::new(),
        output_dropped_bytes: 0,
        duration_ms: 1,
    };
    tried(GradingOutcome::Verdict { verdict })
}

#[test]
fn a_host_is_fit_when_right_is_right_and_wrong_is_wrong() {
    let right = || verdict(Outcome::Passed, [true, true]);
    let wrong = || verdict(Outcome::Failed, [true, false]);
    let fault = HostFault { doing: "starting the container".into(), detail: "no space".into() };
    let unable = || tried(GradingOutcome::HostFault { fault: fault.clone() });
    let broken = LessonFault::NoReport { detail: String::new() };
    let no_report = || tried(GradingOutcome::LessonFault { fault: broken.clone() });
    let rows = [
        (right(), wrong(), HostCheck::Fit),
        (unable(), wrong(), HostCheck::Unable),
        (right(), unable(), HostCheck::Unable),
        (wrong(), wrong(), HostCheck::Wrong),
        (right(), right(), HostCheck::Wrong),
        (right(), verdict(Outcome::Failed, [false, false]), HostCheck::Wrong),
        (right(), verdict(Outcome::TimedOut, [true, false]), HostCheck::Wrong),
        (no_report(), wrong(), HostCheck::Wrong),
    ];
    for (right, wrong, expected) in rows {
        let found = compare(&right, &wrong);
        assert_eq!(found.check, expected, "{}", found.why);
        assert_eq!(found.why.is_empty(), expected == HostCheck::Fit);
    }
}

#[test]
fn the_lesson_is_one() {
    let lesson = Lesson::from_memory(&PARTS).unwrap();
    assert!(lesson.has_hidden());
    assert_ne!(lesson.solution_files(), lesson.starter());
}
