//! One of the relay's own channels as data: what has arrived, what may be sent, who waits for either. Knows no socket and
//! no lock; holds a window of bytes at most.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read as _};
use std::task::{Context, Poll, Waker};

use ide_protocol::channel::{ChannelMessage, ChannelProblem};
use ide_protocol::credit::{Credit, CreditBroken, Window};
use ide_protocol::limits::CHANNEL_WINDOW_BYTES;

use super::OpenPortError;

#[derive(Debug)]
pub(super) struct Channel {
    stage: Stage,
    credit: Credit,
    window: Window,
    arrived: VecDeque<u8>,
    /// The container's side has finished.
    ended: bool,
    /// Ours has.
    finished: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Debug)]
enum Stage {
    Opening,
    Open,
    Closed(Option<ChannelProblem>),
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            stage: Stage::Opening,
            credit: Credit::new(CHANNEL_WINDOW_BYTES),
            window: Window::default(),
            arrived: VecDeque::new(),
            ended: false,
            finished: false,
            reader: None,
            writer: None,
        }
    }
}

impl Channel {
    pub(super) fn heard(&mut self, message: &ChannelMessage) {
        match message {
            ChannelMessage::Opened { .. } => self.stage = Stage::Open,
            ChannelMessage::Granted { up_to, .. } => self.credit.grant_window(*up_to),
            ChannelMessage::Finished { .. } => self.ended = true,
            ChannelMessage::Closed { reason, .. } => self.stage = Stage::Closed(reason.clone()),
            // Only we say so.
            ChannelMessage::Open { .. } => {}
        }
        self.wake();
    }

    pub(super) fn arrived(&mut self, offset: u64, payload: &[u8]) -> Result<(), CreditBroken> {
        if self.ended {
            return Err(CreditBroken);
        }
        self.window.accept(offset, payload.len())?;
        self.arrived.extend(payload);
        self.wake();
        Ok(())
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed(_))
    }

    /// Whether it is open by now.
    pub(super) fn poll_open(&mut self, context: &Context<'_>) -> Poll<Result<(), OpenPortError>> {
        match &self.stage {
            Stage::Opening => {
                self.reader = Some(context.waker().clone());
                Poll::Pending
            }
            Stage::Open => Poll::Ready(Ok(())),
            Stage::Closed(reason) => Poll::Ready(Err(reason.clone().into())),
        }
    }

    /// Takes what has arrived, as far as it fits; answers how much that was (0: nothing follows), and a grant that is to
    /// be told.
    pub(super) fn poll_read(
        &mut self,
        context: &Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<(usize, Option<u64>)>> {
        if !self.arrived.is_empty() || into.is_empty() {
            let count = self.arrived.read(into)?;
            if self.arrived.is_empty() {
                // An idle connection holds no memory.
                self.arrived = VecDeque::new();
            }
            return Poll::Ready(Ok((count, self.window.take(count))));
        }
        match &self.stage {
            _ if self.ended => Poll::Ready(Ok((0, None))),
            Stage::Closed(None) => Poll::Ready(Ok((0, None))),
            Stage::Closed(Some(problem)) => {
                Poll::Ready(Err(io::Error::new(ErrorKind::ConnectionReset, problem.clone())))
            }
            Stage::Opening | Stage::Open => {
                self.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// How many of `length` bytes may be sent now, and from which offset. Counts as sent.
    pub(super) fn poll_write(
        &mut self,
        context: &Context<'_>,
        length: usize,
    ) -> Poll<io::Result<(u64, usize)>> {
        if let Stage::Closed(reason) = &self.stage {
            let why = reason.clone().map_or(io::Error::from(ErrorKind::BrokenPipe), |problem| {
                io::Error::new(ErrorKind::BrokenPipe, problem)
            });
            return Poll::Ready(Err(why));
        }
        if self.finished {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        let count = self.credit.allowance().min(length);
        if count == 0 && length > 0 {
            self.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        let offset = self.credit.passed();
        self.credit.advance(count);
        Poll::Ready(Ok((offset, count)))
    }

    /// No more will be written. Answers whether that is to be told.
    pub(super) fn finish(&mut self) -> bool {
        !std::mem::replace(&mut self.finished, true) && !self.is_closed()
    }

    fn wake(&mut self) {
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }
}
