//! `eval-call`: both ends of a call from a lesson's tests, in one container, to the learner's program, in another.
//!
//! ```text
//!  judge's container                                          program's container
//!  test ─▶ stand-in ──▶ guest ──▶ agent (passes bytes) ──▶ guest ──▶ worker ─▶ learner's program
//! ```
//!
//! Nothing here is secret and nothing is trusted that comes from the right: the worst a learner's program can do is to
//! print something and to end, which is what the test looks at.

mod arguments;
mod calls;
mod ending;
mod files;
mod packet;
mod ports;
mod request;
mod roots;
mod stand_in;
mod worker;

use std::process::ExitCode;

use arguments::Mode;

/// A command line nobody can follow.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    match arguments::parse(std::env::args().skip(1)) {
        Some(Mode::StandIn(wanted)) => stand_in::main(wanted),
        Some(Mode::Worker) => ExitCode::from(worker::main()),
        None => {
            eprintln!("{}", arguments::USAGE);
            ExitCode::from(USAGE_ERROR)
        }
    }
}

/// An error with what lies behind it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
