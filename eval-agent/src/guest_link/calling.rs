//! A run in one container whose programs call into another: drives both guests at once until the run is over.

use std::collections::VecDeque;

use ide_protocol::frame::Frame;
use ide_protocol::guest::{FromGuest, Program, RunLimits};
use ide_protocol::results::Ending;
use tokio::sync::mpsc::{Sender, error::SendError};

use super::bridge::{Bridge, RuleBroken};
use super::calls::{CallError, Guest, Heard};
use super::{GuestFrame, LinkError};

/// Frames for the judge that wait to be sent before the program's container is heard again. The judge is always heard: its
/// guest reads on only while what it says is taken, so waiting on both sides at once could wait for ever.
const PATIENCE_FRAMES: usize = 1_024;

/// A run that is over.
#[derive(Debug)]
pub struct Called {
    pub ending: Ending,
    /// The program's container was lost on the way; calls failed from then on.
    pub program_lost: Option<LinkError>,
}

/// Runs `tests` in the judge's container; calls that programs there make are answered by a `worker` each in the other.
///
/// # Errors
/// [`CallError`]: the run did not happen, or the judge's container died under it.
pub async fn run_with_calls(
    judge: &mut Guest,
    program: &mut Guest,
    worker: Program,
    tests: Program,
    limits: RunLimits,
    mut hear: impl FnMut(Heard),
) -> Result<Called, CallError> {
    let running = judge.start_run(tests, limits).await?;
    let mut bridge = Bridge::new(worker);
    let (judge_outbox, program_outbox) = (judge.link.outbox(), program.link.outbox());
    let mut program_lost = None;
    let finished = async {
        loop {
            let listens = program_lost.is_none() && bridge.to_judge.len() < PATIENCE_FRAMES;
            tokio::select! {
                frame = judge.link.next() => match frame {
                    GuestFrame::Said(FromGuest::Channel { message }) => bridge.judge_said(message)?,
                    GuestFrame::Said(said) => {
                        if let Some(ended) = running.take(said, &mut hear) {
                            return ended;
                        }
                    }
                    GuestFrame::Terminal(bytes) => bridge.judge_sent(&bytes)?,
                    GuestFrame::Lost(why) => return Err(why.into()),
                },
                frame = program.link.next(), if listens => match frame {
                    GuestFrame::Said(FromGuest::Channel { message }) => bridge.program_said(message)?,
                    GuestFrame::Said(_) => {}
                    GuestFrame::Terminal(bytes) => bridge.program_sent(&bytes)?,
                    GuestFrame::Lost(why) => {
                        bridge.program_lost();
                        program_lost = Some(why);
                    }
                },
                // A guest that is gone is told by its own link, above.
                _ = send_first(&judge_outbox, &mut bridge.to_judge), if !bridge.to_judge.is_empty() => {}
                sent = send_first(&program_outbox, &mut bridge.to_program), if !bridge.to_program.is_empty() => {
                    if sent.is_err() {
                        bridge.to_program.clear();
                    }
                }
            }
        }
    };
    let limit = running.deadline();
    let ended = tokio::time::timeout(limit, finished).await.map_err(|_| running.too_slow());
    Ok(Called { ending: ended??, program_lost })
}

/// The first of what waits, once there is room for it. Broken off, it still waits.
async fn send_first(outbox: &Sender<Frame>, waiting: &mut VecDeque<Frame>) -> Result<(), SendError<()>> {
    let room = outbox.reserve().await?;
    if let Some(frame) = waiting.pop_front() {
        room.send(frame);
    }
    Ok(())
}

impl From<RuleBroken> for CallError {
    fn from(RuleBroken: RuleBroken) -> Self {
        Self::Link(LinkError::Rule)
    }
}
