//! Stories of containers, seen from the host.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::models::{ContainerInspectResponse, HostConfigCgroupnsModeEnum};

use crate::acts::{Acted, Scene};
use crate::case::{Language, Mode};
use crate::ground::Ground;

/// The longest a container may live by its own clock: the longest session with its extensions, with room.
const MAX_TTL_SECONDS: u64 = 24 * 3_600;

/// HOSTILE.md C08 allows the deadline inside and ten seconds; the guest ends when its agent's socket closes.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// What the guest is started with; whatever it starts has none, by the guest's own doing.
const GUESTS_CAPS: [&str; 4] = ["KILL", "SETGID", "SETPCAP", "SETUID"];

/// E07: of a live session's container, what the engine was told.
pub(super) async fn settings_as_asked(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let began = Instant::now();
    let containers = scene.ground.engine.containers().await?;
    let mut wrong = Vec::new();
    for container in &containers {
        let inspected = scene.ground.engine.inspect(&container.name).await?;
        wrong.extend(not_as_asked(&inspected).into_iter().map(str::to_owned));
    }
    anyhow::ensure!(!containers.is_empty(), "not even the neighbour has a container");
    Ok(Acted::held(began, wrong, format!("{} containers", containers.len())))
}

fn not_as_asked(container: &ContainerInspectResponse) -> Vec<&'static str> {
    let host = container.host_config.clone().unwrap_or_default();
    let command = container.config.as_ref().and_then(|config| config.cmd.clone()).unwrap_or_default();
    let ttl = command.iter().skip_while(|word| *word != "--ttl-seconds").nth(1);
    let ttl: Option<u64> = ttl.and_then(|text| text.parse().ok());
    let options = host.security_opt.clone().unwrap_or_default();
    let tmp = host.tmpfs.as_ref().and_then(|tmpfs| tmpfs.get("/tmp")).cloned().unwrap_or_default();
    let limits = host.ulimits.clone().unwrap_or_default();
    let no_core = limits.iter().any(|limit| limit.name.as_deref() == Some("core") && limit.hard == Some(0));
    let logging = host.log_config.and_then(|log| log.typ).unwrap_or_default();
    let rows = [
        (host.memory.is_some_and(|memory| memory > 0), "memory is not limited"),
        (host.memory.is_some() && host.memory == host.memory_swap, "swap adds to its memory"),
        (host.oom_score_adj.is_some_and(|score| score > 0), "the kernel may take our agent before it"),
        (host.nano_cpus.is_some_and(|cpus| cpus > 0), "processor time is not limited"),
        (
            options.iter().any(|option| option.starts_with("no-new-privileges")),
            "executing may gain privileges",
        ),
        (
            host.cap_drop.is_some_and(|dropped| dropped == ["ALL"])
                && host
                    .cap_add
                    .is_some_and(|added| added.iter().all(|cap| GUESTS_CAPS.contains(&cap.as_str()))),
            "it has more capabilities than its guest needs",
        ),
        (tmp.split(',').any(|option| option == "noexec"), "files in /tmp can be executed"),
        (no_core, "it may leave core files"),
        (logging == "none", "the engine keeps what it prints"),
        (host.ipc_mode.as_deref() == Some("private"), "shared memory is not its own"),
        (
            host.cgroupns_mode == Some(HostConfigCgroupnsModeEnum::PRIVATE),
            "it sees the host's control groups",
        ),
        (host.auto_remove == Some(true), "it stays when it has ended"),
        (ttl.is_some_and(|seconds| seconds <= MAX_TTL_SECONDS), "it has no deadline of its own"),
    ];
    rows.into_iter().filter(|(right, _)| !right).map(|(_, what)| what).collect()
}

/// C08: on a Gradus of its own, whose agent is killed under a live session and a grading.
pub(super) async fn agent_dies(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let mut ground = Ground::prepare(scene.ground.plan()).await.context("a second Gradus")?;
    let learner = ground.learner("mallory").await?;
    let workspace = learner.open(&Ground::slug(Language::Shell, Mode::Inside)).await?.id;
    let (_, live) = learner.settle(workspace).await?;
    drop(live);
    let began = Instant::now();
    ground.agent.kill();
    let mut wrong = Vec::new();
    loop {
        let left = ground.engine.everything().await?;
        if left.is_empty() {
            break;
        }
        if began.elapsed() > GONE_WITHIN {
            wrong.push(format!("{GONE_WITHIN:?} after its agent was killed there is still {left:?}"));
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let acted = Acted::held(began, wrong, String::new());
    ground.stop().await?;
    Ok(acted)
}
