//! Which channels one browser tab has open, so that it can be told when the way to them is cut. Knows their numbers, not
//! what they carry.

use std::collections::BTreeSet;

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem};
use ide_protocol::limits::MAX_VIEWER_CHANNELS;

#[derive(Debug, Default)]
pub(super) struct ViewerChannels {
    open: BTreeSet<ChannelId>,
}

impl ViewerChannels {
    /// The tab says something. Answers it when that cannot be passed on.
    pub(super) fn said(&mut self, message: &ChannelMessage, has_agent: bool) -> Option<ChannelMessage> {
        let refusal = match message {
            ChannelMessage::Open { .. } if !has_agent => ChannelProblem::NoContainer,
            ChannelMessage::Open { .. } if self.open.len() >= MAX_VIEWER_CHANNELS => {
                ChannelProblem::TooMany { limit: MAX_VIEWER_CHANNELS as u32 }
            }
            ChannelMessage::Open { channel, .. } => {
                self.open.insert(*channel);
                return None;
            }
            ChannelMessage::Closed { channel, .. } => {
                self.open.remove(channel);
                return None;
            }
            _ => return None,
        };
        Some(closed(message.channel(), refusal))
    }

    /// The tab is told something.
    pub(super) fn told(&mut self, message: &ChannelMessage) {
        if let ChannelMessage::Closed { channel, .. } = message {
            self.open.remove(channel);
        }
    }

    /// The agent is gone, and every channel with it. Answers what the tab is to be told.
    pub(super) fn lost(&mut self) -> Vec<ChannelMessage> {
        let gone = std::mem::take(&mut self.open).into_iter();
        gone.map(|channel| closed(channel, ChannelProblem::NoContainer)).collect()
    }
}

fn closed(channel: ChannelId, problem: ChannelProblem) -> ChannelMessage {
    ChannelMessage::Closed { channel, reason: Some(problem) }
}
