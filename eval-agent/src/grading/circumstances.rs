//! What is stated with a result so that the work can be run again and compared: which work, which lesson, which limits,
//! which host.

use std::path::Path;

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::files::WorkspaceFile;
use ide_protocol::record::{Circumstances, Host, LimitsInForce, MemoryUse};
use lesson::Manifest;

use crate::container::{Container, Shape};
use crate::host::HostFacts;
use crate::steps;

/// What is told of a part of the host that says nothing about itself.
const UNKNOWN: &str = "unknown";

/// The circumstances of grading `files` by the lesson of this manifest and digest.
#[must_use]
pub fn circumstances(
    lesson: &Manifest,
    lesson_digest: &str,
    files: &[WorkspaceFile],
    memory: MemoryUse,
    host: &Host,
) -> Circumstances {
    Circumstances {
        lesson_digest: lesson_digest.to_owned(),
        submission_digest: lesson::work_digest(files),
        image: Shape::of(lesson).image,
        limits: limits(lesson),
        memory,
        host: host.clone(),
        protocol: PROTOCOL_VERSION,
    }
}

/// This host, asked once: nothing of it changes while the agent runs.
pub(crate) fn host(facts: &HostFacts, guest_binary: &Path) -> Host {
    // An agent without its guest does not come far; that is said where it matters.
    let guest = std::fs::read(guest_binary);
    Host {
        agent: env!("CARGO_PKG_VERSION").to_owned(),
        guest_digest: guest.map_or_else(|_| UNKNOWN.to_owned(), |bytes| lesson::digest_of(&bytes)),
        engine: facts.engine.clone(),
        runtime: format!("{} {}", facts.runtime, facts.runtime_version),
        kernel: facts.kernel.clone(),
    }
}

fn limits(lesson: &Manifest) -> LimitsInForce {
    let whole = steps::limits(lesson, std::time::Duration::ZERO);
    let limits = &lesson.limits;
    LimitsInForce {
        wall_ms: whole.wall_ms,
        memory_mib: limits.memory_mib,
        cpu_percent: limits.cpu_percent,
        processes: limits.processes,
        disk_mib: limits.disk_mib,
        output_bytes: whole.output_bytes,
    }
}

/// What the kernel counted for a container until now.
pub(super) fn memory_use(container: &Container) -> MemoryUse {
    let cgroup = container.cgroup();
    MemoryUse {
        peak_bytes: cgroup.and_then(crate::cgroup::Cgroup::peak_bytes),
        kills: cgroup.and_then(crate::cgroup::Cgroup::kills),
    }
}
