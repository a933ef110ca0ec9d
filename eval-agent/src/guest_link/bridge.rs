//! Calls between two containers: each channel that the judge's guest opens leads to a worker in the program's container,
//! under the same number there. Decides what is passed on; looks at no byte of it and keeps none.
//!
//! Both guests are held to their credit, so what waits here is bounded by a window per call and direction.

use std::collections::{BTreeMap, VecDeque};

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem};
use ide_protocol::frame::{Flow, Frame, Stream, StreamFrame};
use ide_protocol::guest::{GuestTarget, Program, ToGuest};
use ide_protocol::limits::{FIRST_CALL, MAX_CALLS};

use crate::flowing::Flowing;

type Message = ChannelMessage<GuestTarget>;

/// A guest said or sent what is not its to say. Learners cannot make one do that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RuleBroken;

/// All calls of one run.
#[derive(Debug)]
pub(super) struct Bridge {
    /// What answers a call.
    worker: Program,
    open: BTreeMap<ChannelId, Call>,
    program_is_gone: bool,
    /// To be sent on, first come first.
    pub(super) to_judge: VecDeque<Frame>,
    pub(super) to_program: VecDeque<Frame>,
}

#[derive(Debug, Default)]
struct Call {
    to_program: Flowing,
    to_judge: Flowing,
}

impl Bridge {
    pub(super) fn new(worker: Program) -> Self {
        Self {
            worker,
            open: BTreeMap::new(),
            program_is_gone: false,
            to_judge: VecDeque::new(),
            to_program: VecDeque::new(),
        }
    }

    /// What concerns a call that is over crossed its last word.
    pub(super) fn judge_said(&mut self, message: Message) -> Result<(), RuleBroken> {
        let channel = message.channel();
        if let Message::Open { target, .. } = message {
            return self.begin(channel, &target);
        }
        let Some(call) = self.open.get_mut(&channel) else { return Ok(()) };
        match message {
            Message::Granted { up_to, .. } => {
                if let Some(up_to) = call.to_judge.grant(up_to) {
                    tell(&mut self.to_program, Message::Granted { channel, up_to });
                }
            }
            Message::Finished { .. } => {
                if call.to_program.finish() {
                    tell(&mut self.to_program, Message::Finished { channel });
                }
            }
            Message::Closed { .. } => {
                self.open.remove(&channel);
                tell(&mut self.to_program, Message::Closed { channel, reason: None });
            }
            Message::Open { .. } | Message::Opened { .. } => return Err(RuleBroken),
        }
        Ok(())
    }

    pub(super) fn program_said(&mut self, message: Message) -> Result<(), RuleBroken> {
        let channel = message.channel();
        let Some(call) = self.open.get_mut(&channel) else { return Ok(()) };
        match message {
            // The caller may talk from the start and has nothing to learn from this.
            Message::Opened { .. } => {}
            Message::Granted { up_to, .. } => {
                if let Some(up_to) = call.to_program.grant(up_to) {
                    tell(&mut self.to_judge, Message::Granted { channel, up_to });
                }
            }
            Message::Finished { .. } => {
                if call.to_judge.finish() {
                    tell(&mut self.to_judge, Message::Finished { channel });
                }
            }
            Message::Closed { reason, .. } => {
                self.open.remove(&channel);
                tell(&mut self.to_judge, Message::Closed { channel, reason });
            }
            Message::Open { .. } => return Err(RuleBroken),
        }
        Ok(())
    }

    /// Bytes of a caller's.
    pub(super) fn judge_sent(&mut self, bytes: &[u8]) -> Result<(), RuleBroken> {
        let (channel, frame) = output(bytes)?;
        let Some(call) = self.open.get_mut(&channel) else { return Ok(()) };
        pass(&mut call.to_program, &frame, &mut self.to_program)
    }

    /// Bytes of a worker's.
    pub(super) fn program_sent(&mut self, bytes: &[u8]) -> Result<(), RuleBroken> {
        let (channel, frame) = output(bytes)?;
        let Some(call) = self.open.get_mut(&channel) else { return Ok(()) };
        pass(&mut call.to_judge, &frame, &mut self.to_judge)
    }

    /// The program's container is gone: whoever calls learns so at once.
    pub(super) fn program_lost(&mut self) {
        self.program_is_gone = true;
        self.to_program.clear();
        for channel in std::mem::take(&mut self.open).into_keys() {
            self.refuse(channel, ChannelProblem::NoContainer);
        }
    }

    fn begin(&mut self, channel: ChannelId, target: &GuestTarget) -> Result<(), RuleBroken> {
        if *target != GuestTarget::Call || channel < FIRST_CALL || self.open.contains_key(&channel) {
            return Err(RuleBroken);
        }
        if self.program_is_gone {
            self.refuse(channel, ChannelProblem::NoContainer);
        } else if self.open.len() >= MAX_CALLS {
            self.refuse(channel, ChannelProblem::TooMany { limit: MAX_CALLS as u32 });
        } else {
            self.open.insert(channel, Call::default());
            let target = GuestTarget::Program { program: self.worker.clone() };
            tell(&mut self.to_program, Message::Open { channel, target });
        }
        Ok(())
    }

    fn refuse(&mut self, channel: ChannelId, problem: ChannelProblem) {
        tell(&mut self.to_judge, Message::Closed { channel, reason: Some(problem) });
    }
}

/// What came out of a container.
fn output(bytes: &[u8]) -> Result<(ChannelId, StreamFrame<'_>), RuleBroken> {
    let frame = StreamFrame::decode(bytes).map_err(|_| RuleBroken)?;
    match (frame.stream, frame.flow) {
        (Stream::Channel(channel), Flow::Output) => Ok((channel, frame)),
        _ => Err(RuleBroken),
    }
}

/// Goes into the other container under the same number and offset.
fn pass(flowing: &mut Flowing, frame: &StreamFrame<'_>, to: &mut VecDeque<Frame>) -> Result<(), RuleBroken> {
    if !flowing.pass(frame) {
        return Err(RuleBroken);
    }
    to.push_back(Frame::Binary(StreamFrame { flow: Flow::Input, viewer: 0, ..*frame }.encode()));
    Ok(())
}

fn tell(to: &mut VecDeque<Frame>, message: Message) {
    match serde_json::to_string(&ToGuest::Channel { message }) {
        Ok(text) => to.push_back(Frame::Text(text)),
        Err(why) => tracing::error!(error = %why, "a message to a guest cannot be written"),
    }
}

#[cfg(test)]
mod tests;
