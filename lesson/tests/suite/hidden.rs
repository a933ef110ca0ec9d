//! What learners see of hidden tests: the author's rule, whoever made the verdict.

use ide_protocol::results::{Ending, Outcome, TestResult, TestStatus, Trust, Verdict};
use lesson::{Expected, HiddenShows, JudgePlace, ReportFormat, Tests, conceal};
use proptest::prelude::*;

use TestStatus::{Failed, Missing, Passed};

fn tests(hidden_shows: HiddenShows, judge: JudgePlace) -> Tests {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Tests {
        build: None,
        command: vec!["run".to_owned()],
        report: ReportFormat::Tap,
        judge,
        hidden_shows,
        starter_passes: false,
        expected: Expected { visible: ids(&["a"]), hidden: ids(&["h1", "h2", "h3"]) },
    }
}

fn result(id: &str, status: TestStatus, hidden: bool) -> TestResult {
    TestResult {
        id: id.to_owned(),
        name: id.to_owned(),
        status,
        message: Some(format!("message of {id}")),
        output: Some(format!("output of {id}")),
        duration_ms: Some(7),
        hidden,
    }
}

/// As a careless or a hostile agent would post it: nothing kept back, nothing marked.
fn careless() -> Verdict {
    let told = [("a", Failed), ("h1", Failed), ("h2", Passed), ("h3", Missing), ("hidden file says", Failed)];
    Verdict {
        outcome: Outcome::Failed,
        ending: Ending::Exited { code: 1 },
        trust: Trust::InProcess,
        tests: told.into_iter().map(|(id, status)| result(id, status, false)).collect(),
        output: String::new(),
        output_dropped_bytes: 0,
        duration_ms: 1,
    }
}

#[test]
fn the_authors_rule_is_applied_to_whatever_was_posted() {
    use HiddenShows::{Message, Name, Nothing};
    let which =
        [("a", Failed), ("h1", Failed), ("h2", Passed), ("h3", Missing), ("unexpected test 1", Failed)];
    let count = [
        ("a", Failed),
        ("hidden test 1", Passed),
        ("hidden test 2", Failed),
        ("hidden test 3", Failed),
        ("unexpected test 1", Failed),
    ];
    let rows = [
        (Nothing, JudgePlace::Inside, count, false),
        (Name, JudgePlace::Inside, which, false),
        (Message, JudgePlace::Inside, which, false),
        (Nothing, JudgePlace::Outside, count, false),
        (Name, JudgePlace::Outside, which, false),
        (Message, JudgePlace::Outside, which, true),
    ];
    for (shows, judge, wanted, speaks) in rows {
        let tests = tests(shows, judge);
        let mut verdict = careless();
        conceal(&mut verdict, &tests);
        let told: Vec<_> = verdict.tests.iter().map(|test| (test.id.as_str(), test.status)).collect();
        assert_eq!(told, wanted, "{shows:?} {judge:?}");
        assert!(verdict.tests.iter().all(|test| test.name == test.id));
        assert_eq!(verdict.tests[0], result("a", Failed, false), "what is visible stays");
        for test in &verdict.tests[1..4] {
            assert!(test.hidden && test.output.is_none(), "{test:?}");
            assert_eq!(test.message.is_some(), speaks, "{shows:?} {judge:?} {test:?}");
        }
        assert_eq!((&verdict.tests[4].message, &verdict.tests[4].output), (&None, &None));
        let once = verdict.clone();
        conceal(&mut verdict, &tests);
        assert_eq!(verdict, once, "twice is once");
        let ids: Vec<_> = verdict.tests[1..4].iter().map(|test| test.id.clone()).collect();
        assert_eq!(tests.told_hidden_ids(), ids, "and the API knows them by these names");
    }
}

proptest! {
    #[test]
    fn counting_tells_nothing_but_the_count(statuses in prop::collection::vec(prop::bool::ANY, 3)) {
        let tests = tests(HiddenShows::Nothing, JudgePlace::Inside);
        let told = |order: [usize; 3]| {
            let mut verdict = careless();
            verdict.tests.truncate(1);
            for (place, id) in order.into_iter().zip(["h1", "h2", "h3"]) {
                let status = if statuses[place] { Passed } else { Failed };
                verdict.tests.push(result(id, status, true));
            }
            conceal(&mut verdict, &tests);
            verdict
        };
        prop_assert_eq!(told([0, 1, 2]), told([2, 0, 1]), "whichever passed, the same is shown");
    }
}
