//! The embedded queue's rules: one lane of it.

use std::collections::BTreeMap;
use std::time::Duration;

use job_queue::{MAX_DELIVERIES, MAX_VISIBILITY};

use crate::books::{Delivery, Lost, Receipt, Subject, Token, Wall};

#[derive(Debug)]
struct Message {
    job: (Subject, Token),
    visible_at: Wall,
    deliveries: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Live,
    Dead,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// In the order sent.
    messages: BTreeMap<u64, Message>,
    sent: u64,
    /// Message and delivery of every receipt ever given.
    receipts: Vec<(u64, u32)>,
}

impl Queue {
    pub(super) fn send(&mut self, job: (Subject, Token)) {
        self.sent += 1;
        self.messages.insert(self.sent, Message { job, visible_at: 0, deliveries: 0 });
    }

    pub(super) fn lease(&mut self, kind: Kind, visibility: Duration, now: Wall) -> Option<Delivery> {
        let wanted = |message: &Message| {
            message.visible_at <= now && (message.deliveries >= MAX_DELIVERIES) == (kind == Kind::Dead)
        };
        let (&id, message) = self.messages.iter_mut().find(|(_, message)| wanted(message))?;
        message.visible_at = later(now, visibility);
        message.deliveries += 1;
        self.receipts.push((id, message.deliveries));
        let receipt = self.receipts.len() as Receipt;
        let (subject, token) = message.job;
        Some(Delivery { receipt, subject, token, delivery: message.deliveries })
    }

    pub(super) fn hide(&mut self, receipt: Receipt, until: Wall) -> Result<(), Lost> {
        let id = self.held(receipt)?;
        self.messages.get_mut(&id).ok_or(Lost)?.visible_at = until;
        Ok(())
    }

    pub(super) fn complete(&mut self, receipt: Receipt) -> Result<(), Lost> {
        let id = self.held(receipt)?;
        self.messages.remove(&id);
        Ok(())
    }

    pub(super) fn reclaim(&mut self) {
        for message in self.messages.values_mut() {
            if message.deliveries < MAX_DELIVERIES {
                message.visible_at = 0;
            }
        }
    }

    pub(super) fn count(&self, now: Wall) -> (u64, u64) {
        let is_had = |message: &&Message| message.visible_at <= now && message.deliveries < MAX_DELIVERIES;
        let had = self.messages.values().filter(is_had).count();
        (self.messages.len() as u64, had as u64)
    }

    /// The message of a receipt, if that is its newest delivery.
    fn held(&self, receipt: Receipt) -> Result<u64, Lost> {
        let at = usize::try_from(receipt).unwrap_or(usize::MAX).checked_sub(1).ok_or(Lost)?;
        let &(id, delivery) = self.receipts.get(at).ok_or(Lost)?;
        let current = self.messages.get(&id).ok_or(Lost)?;
        if current.deliveries == delivery { Ok(id) } else { Err(Lost) }
    }
}

pub(super) fn later(now: Wall, by: Duration) -> Wall {
    now.saturating_add(i64::try_from(by.min(MAX_VISIBILITY).as_micros()).unwrap_or(i64::MAX))
}
