//! Which programs wait in warm containers to become runs. Nobody knows what a container will be claimed for, so those wait
//! that the last hand-in on its image ran; a guess that was wrong costs time and nothing else.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lesson::Lesson;

use crate::container::Shape;
use crate::grading::causes;
use crate::guest_link::Guest;

/// Images remembered at once: more than one host has.
const MAX_IMAGES: usize = 64;

#[derive(Debug, Default)]
pub struct Zygotes {
    /// By image.
    wanted: Mutex<BTreeMap<String, Wanted>>,
}

#[derive(Debug, Clone)]
struct Wanted {
    program: String,
    count: u8,
}

impl Zygotes {
    /// Notes what a hand-in of this lesson runs, and how often.
    pub fn expect(&self, lesson: &Lesson) {
        let Some(program) = lesson.manifest.tests.command.first() else { return };
        let wanted = Wanted { program: program.clone(), count: if lesson.has_hidden() { 2 } else { 1 } };
        let mut known = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_IMAGES {
            known.clear();
        }
        known.insert(Shape::of(&lesson.manifest).image, wanted);
    }

    /// Has them wait in a container that nobody has claimed. Done when they are ready: then it may be frozen.
    pub async fn warm_up(&self, guest: &mut Guest, image: &str) {
        let wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner).get(image).cloned();
        let Some(Wanted { program, count }) = wanted else { return };
        if let Err(why) = guest.warm_up(&program, count).await {
            tracing::warn!(image, program, error = %causes(&why), "runs start cold");
        }
    }
}
