//! The commands of a lesson as the guest runs them: build step, tests, terminals, language servers. Knows the manifest, not who asks.

use std::time::Duration;

use ide_protocol::guest::{Program, RunLimits};
use ide_protocol::limits::MAX_REPORT_BYTES;
use ide_protocol::results::Ending;
use lesson::Manifest;
use lesson::stand_ins::EVAL_CALL;

/// Shell of a terminal. Interactive, not a login shell: the image's prompt comes from `/etc/bash.bashrc`, while
/// `/etc/profile` would only set `PATH` again and cost two forks.
const SHELL: &str = "bash";

/// Which an image ships that has a language server: it is told the language and speaks the protocol on its standard
/// streams.
const LANGUAGE_SERVER: &str = "gradus-language-server";

/// Tells programs (and the prompt) which lesson they are in.
const LESSON_VARIABLE: &str = "GRADUS_LESSON";

/// What is run first, if anything.
#[must_use]
pub fn build(lesson: &Manifest) -> Option<Program> {
    lesson.tests.build.as_ref().map(|argv| program(lesson, argv.clone()))
}

#[must_use]
pub fn tests(lesson: &Manifest) -> Program {
    program(lesson, lesson.tests.command.clone())
}

/// What answers a call of the tests', beside the learner's program.
#[must_use]
pub fn worker(lesson: &Manifest) -> Program {
    program(lesson, vec![EVAL_CALL.to_owned(), "worker".to_owned()])
}

#[must_use]
pub fn shell(slug: &str) -> Program {
    with_lesson(slug, vec![SHELL.to_owned()])
}

#[must_use]
pub fn language_server(slug: &str, language: &str) -> Program {
    with_lesson(slug, vec![LANGUAGE_SERVER.to_owned(), language.to_owned()])
}

/// Wall clock of build step and tests together.
#[must_use]
pub fn wall(lesson: &Manifest) -> Duration {
    Duration::from_secs(lesson.limits.wall_seconds.into())
}

/// Bounds of a step that starts when `spent` of the lesson's time is gone. At least a millisecond, so that a step that
/// has no time left is told so by its ending.
#[must_use]
pub fn limits(lesson: &Manifest, spent: Duration) -> RunLimits {
    let left = wall(lesson).saturating_sub(spent).as_millis();
    RunLimits {
        wall_ms: u32::try_from(left).unwrap_or(u32::MAX).max(1),
        output_bytes: lesson.limits.output_kib.saturating_mul(1024),
        report_bytes: MAX_REPORT_BYTES as u32,
    }
}

/// The limit a person reads is the lesson's, not what was left of it for the last step.
#[must_use]
pub fn with_whole_wall(ending: Ending, lesson: &Manifest) -> Ending {
    match ending {
        Ending::TimedOut { .. } => Ending::TimedOut { limit_ms: limits(lesson, Duration::ZERO).wall_ms },
        other => other,
    }
}

fn program(lesson: &Manifest, argv: Vec<String>) -> Program {
    with_lesson(&lesson.slug, argv)
}

fn with_lesson(slug: &str, argv: Vec<String>) -> Program {
    Program { argv, environment: vec![(LESSON_VARIABLE.to_owned(), slug.to_owned())] }
}
