//! One direction of a channel, as whoever stands in between sees it: how far it may go, and whether it has ended.

use ide_protocol::credit::Credit;
use ide_protocol::frame::StreamFrame;
use ide_protocol::limits::CHANNEL_WINDOW_BYTES;

#[derive(Debug)]
pub struct Flowing {
    credit: Credit,
    finished: bool,
}

impl Default for Flowing {
    fn default() -> Self {
        Self { credit: Credit::new(CHANNEL_WINDOW_BYTES), finished: false }
    }
}

impl Flowing {
    /// What a grant is worth; `None` when nothing.
    pub fn grant(&mut self, up_to: u64) -> Option<u64> {
        let before = self.credit.granted();
        self.credit.grant_window(up_to);
        (self.credit.granted() > before).then_some(self.credit.granted())
    }

    /// Whether these bytes were granted, join on, and were still to come.
    pub fn pass(&mut self, frame: &StreamFrame<'_>) -> bool {
        !self.finished && self.credit.accept(frame.offset, frame.payload.len()).is_ok()
    }

    /// No more bytes come. Answers whether that is news.
    pub fn finish(&mut self) -> bool {
        !std::mem::replace(&mut self.finished, true)
    }
}
