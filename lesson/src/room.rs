//! How much of a host a job of this lesson takes: what its containers may use together.

use ide_protocol::job::Room;

use crate::{JudgePlace, Manifest};

impl Manifest {
    /// Of a session: its one container.
    #[must_use]
    pub fn session_room(&self) -> Room {
        Room { memory_mib: self.limits.memory_mib, cpu_percent: self.limits.cpu_percent }
    }

    /// Of a grading. Judged outside it has two containers, and the memory of both; of processors what one may use, because
    /// program and tests take turns: whoever calls waits for the answer.
    #[must_use]
    pub fn grading_room(&self) -> Room {
        let one = self.session_room();
        match self.tests.judge {
            JudgePlace::Inside => one,
            JudgePlace::Outside => Room { memory_mib: one.memory_mib.saturating_mul(2), ..one },
        }
    }
}
