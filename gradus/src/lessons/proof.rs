//! What has to be true of a lesson before anybody is graded by it, tried out in real containers by the code that grades.

use ide_protocol::files::WorkspaceFile;
use ide_protocol::results::{Ending, GradingOutcome, Outcome, TestStatus, Verdict};
use lesson::Lesson;

use super::probes::{self, Probe};
use eval_agent::local::Local;

/// Wall clock a probe that never ends is given: nothing honest has to come of it, so it need not be the lesson's.
const PROBE_WALL_SECONDS: u32 = 3;
/// Beyond its wall clock, for a busy machine: a run that takes longer was not ended by its limit.
const PROBE_GRACE_MS: u64 = 10_000;

/// What came of it.
#[derive(Debug, Default)]
pub struct Proof {
    /// One clause.
    pub summary: String,
    pub findings: Vec<String>,
    /// The ids in the manifest are not those that the solution reports.
    pub pins_are_wrong: bool,
}

/// Tries a lesson out: its solution `times` times, its starter, and one probe of each kind.
pub async fn of(local: &Local, lesson: &Lesson, times: u32) -> Proof {
    let digest = match lesson::pack(lesson) {
        Ok(bundle) => bundle.digest,
        Err(why) => return Proof { findings: vec![why.to_string()], ..Proof::default() },
    };
    let mut proof = Proof::default();
    for time in 1..=times.max(1) {
        let (tried, _) = local.grade(lesson, &digest, &lesson.solution_files()).await;
        if !proof.solution(&tried.outcome, time) {
            break;
        }
    }
    let (tried, _) = local.grade(lesson, &digest, &lesson.starter()).await;
    proof.starter(&tried.outcome, lesson.manifest.tests.starter_passes);
    for probe in [Probe::EarlyExit, Probe::EndlessLoop] {
        let Some(files) = probes::planted(lesson, probe) else {
            proof.summary.push_str(&format!(", no {probe} to try in this language"));
            continue;
        };
        proof.probe(local, lesson, &digest, probe, &files).await;
    }
    proof
}

impl Proof {
    /// Whether the solution passed, for the `time`th time.
    fn solution(&mut self, outcome: &GradingOutcome, time: u32) -> bool {
        let verdict = match outcome {
            GradingOutcome::Verdict { verdict } => verdict,
            other => {
                self.findings.push(format!("the solution could not be graded: {}", fault(other)));
                return false;
            }
        };
        let (passed, all) = verdict.score();
        self.summary = format!("{passed} of {all} tests pass with the solution");
        if verdict.outcome == Outcome::Passed {
            return true;
        }
        let flaky = if time > 1 { format!(", at try {time}: it passed before") } else { String::new() };
        self.findings.push(format!("the solution does not pass{flaky}. {}", lesson::sentence(verdict)));
        self.tests(verdict);
        false
    }

    /// What the tests of a solution that does not pass say.
    fn tests(&mut self, verdict: &Verdict) {
        for test in verdict.tests.iter().filter(|test| test.status != TestStatus::Passed) {
            let why = test.message.as_deref().unwrap_or_default();
            let said = match test.status {
                TestStatus::Missing => format!("`{}` is pinned and not reported", test.id),
                TestStatus::Skipped => format!("`{}` is skipped, which is not passing", test.id),
                _ => format!("`{}` does not pass. {why}", test.id),
            };
            self.pins_are_wrong |= test.status == TestStatus::Missing || why.contains("knows no test");
            self.findings.push(said);
        }
        if !verdict.output.is_empty() {
            self.findings.push(format!("it printed:\n{}", verdict.output.trim_end()));
        }
    }

    fn starter(&mut self, outcome: &GradingOutcome, may_pass: bool) {
        match outcome {
            GradingOutcome::Verdict { verdict } => {
                let passes = verdict.outcome == Outcome::Passed;
                if passes && !may_pass {
                    self.findings.push(
                        "the starter passes: nothing is left to do. If that is meant, say so: \
                         `starter_passes = true` in [tests]"
                            .to_owned(),
                    );
                } else if may_pass && !passes {
                    self.findings.push(
                        "[tests] says `starter_passes = true`, and the starter does not: take it out"
                            .to_owned(),
                    );
                }
            }
            other => self.findings.push(format!("the starter could not be graded: {}", fault(other))),
        }
    }

    async fn probe(
        &mut self,
        local: &Local,
        lesson: &Lesson,
        digest: &str,
        probe: Probe,
        files: &[WorkspaceFile],
    ) {
        let mut hurried = lesson.clone();
        let wall = &mut hurried.manifest.limits.wall_seconds;
        if probe == Probe::EndlessLoop {
            *wall = PROBE_WALL_SECONDS.min(*wall);
        }
        let wall_ms = u64::from(*wall) * 1_000;
        let (tried, _) = local.grade(&hurried, digest, files).await;
        match &tried.outcome {
            GradingOutcome::Verdict { verdict } if verdict.outcome == Outcome::Passed => {
                self.findings.push(format!(
                    "a program with an {probe} passes: the tests do not notice that it never did its work"
                ));
            }
            GradingOutcome::Verdict { verdict } => {
                // Two runs, where tests are hidden.
                if probe == Probe::EndlessLoop && tried.timings.run_ms > 2 * wall_ms + PROBE_GRACE_MS {
                    self.findings.push(format!(
                        "a program with an {probe} was stopped after {} ms only (ending {:?})",
                        tried.timings.run_ms, verdict.ending
                    ));
                }
                if probe == Probe::EarlyExit && matches!(verdict.ending, Ending::TimedOut { .. }) {
                    self.findings.push(format!(
                        "with a program with an {probe} the tests do not end: learners wait for the time limit"
                    ));
                }
            }
            other => self.findings.push(format!(
                "a program with an {probe} is not graded as the learner's mistake: {}",
                fault(other)
            )),
        }
    }
}

fn fault(outcome: &GradingOutcome) -> String {
    match outcome {
        GradingOutcome::LessonFault { fault } => fault.to_string(),
        GradingOutcome::HostFault { fault } => format!("{fault} (this machine's fault, not the lesson's)"),
        GradingOutcome::Verdict { .. } => String::new(),
    }
}
