//! Tries the sandbox out: lays the probe into a container, lets it look and misbehave, and notes what can be seen of it
//! from outside meanwhile. Finds facts; judges none.

use std::path::Path;
use std::time::{Duration, Instant};

use bollard::models::HostConfig;
use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use ide_protocol::guest::{Program, RunLimits};
use ide_protocol::limits::MAX_FILE_BYTES;
use ide_protocol::results::Ending;

use super::{Facts, ProofError};
use crate::cgroup::{Bounds, Cgroup};
use crate::container::{Container, Shape};
use crate::docker::Docker;
use crate::guest_link::Guest;
use crate::sandbox::{ContainerLimits, MASKED};

/// For each thing the probe does; the longest takes a second.
const STEP_MS: u32 = 8_000;
/// More than all lines of a sweep.
const OUTPUT_BYTES: u32 = 512 * 1024;
/// A life of two seconds, started at once with everything else, has ended by then.
const ENDED_WITHIN: Duration = Duration::from_secs(6);
const PROBE: &str = "eval-probe";

/// What came of it, as far as the probe itself cannot say.
#[derive(Debug)]
pub struct Trial {
    pub limits: ContainerLimits,
    /// Programs are root of a namespace of their own.
    pub root_inside: bool,
    /// What the engine says it made the container with.
    pub settings: HostConfig,
    pub bounds: Option<Bounds>,
    /// Guest's and learner's, of both containers.
    pub uids: [(u32, u32); 2],
    /// The uids of PID 1, as the host sees them.
    pub guest_uid: Option<u32>,
    /// Namespaces of PID 1 that are the agent's own.
    pub shared_namespaces: Vec<String>,
    /// Files mounted into it that do not read the same within as without.
    pub changed_files: Vec<String>,
    /// How the eater of memory ended, what the kernel counted, and whether the guest lived on.
    pub eaten: Eaten,
    /// How long the container with a short life lived; `None`: it still does.
    pub lived: Option<Duration>,
    /// From the order to kill a container in uproar until it was gone; `None`: it outlasted the removal's deadline.
    pub removal: Option<Duration>,
    /// Processes that the uproar came to.
    pub uproar: String,
}

#[derive(Debug)]
pub struct Eaten {
    pub ending: Ending,
    pub kills: u64,
    pub guest_lives: bool,
}

/// Namespaces that must be a container's own.
const NAMESPACES: [&str; 6] = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];

pub async fn look(
    docker: &Docker,
    mut main: Container,
    mut brief: Container,
    shape: &Shape,
    probe: &Path,
) -> Result<(Trial, Facts), ProofError> {
    let born = Instant::now();
    let uids = [main.uids().unwrap_or_default(), brief.uids().unwrap_or_default()];
    let (Some(mut guest), Some(mut short)) = (main.take_guest(), brief.take_guest()) else {
        return Err(ProofError::NotRun("a container has no guest".to_owned()));
    };
    let ended = tokio::spawn(async move {
        tokio::time::timeout(ENDED_WITHIN, short.gone()).await.is_ok().then(|| born.elapsed())
    });
    let settings = main.settings(docker).await?;
    lay(&mut guest, probe).await?;
    let mut words = vec!["sweep".to_owned()];
    words.extend(MASKED.iter().map(|path| (*path).to_owned()));
    let mut said = run(&mut guest, words).await?.0;
    said +=
        &run(&mut guest, ["fill", "/home/learner", "/tmp", "/dev/shm"].map(str::to_owned).to_vec()).await?.0;
    let eaten = eat(&mut guest, main.cgroup()).await?;
    let pid = main.pid();
    let changed_files = changed_files(&settings, pid);
    let trial = |removal, uproar, lived| Trial {
        limits: shape.limits,
        root_inside: shape.needs.root,
        changed_files,
        settings,
        bounds: main.cgroup().map(Cgroup::bounds),
        uids,
        guest_uid: guest_uid(pid),
        shared_namespaces: shared_namespaces(pid),
        eaten,
        lived,
        removal,
        uproar,
    };
    // What is read of the living has to be read before the end.
    let trial = {
        let bare = trial(None, String::new(), None);
        let uproar = uproar(&mut guest).await?;
        let clock = Instant::now();
        let removed = main.remove().await;
        Trial {
            removal: removed.is_ok().then(|| clock.elapsed()),
            uproar,
            lived: ended.await.ok().flatten(),
            ..bare
        }
    };
    Ok((trial, Facts::read(&said)))
}

/// In pieces, because a file of a workspace is smaller than a static program.
async fn lay(guest: &mut Guest, probe: &Path) -> Result<(), ProofError> {
    let failed = |source| ProofError::Probe { path: probe.to_owned(), source };
    let bytes = tokio::fs::read(probe).await.map_err(failed)?;
    let pieces: Vec<_> = bytes.chunks(MAX_FILE_BYTES).enumerate().filter_map(piece).collect();
    guest.lay(&pieces).await?;
    let join = format!("cat {PROBE}.* > {PROBE} && chmod +x {PROBE} && rm {PROBE}.*");
    let joined = program(&["sh", "-c", &join]);
    match guest.run(joined, bounds(), drop).await? {
        Ending::Exited { code: 0 } => Ok(()),
        ending => Err(ProofError::NotRun(format!("laying it out ended with {ending:?}"))),
    }
}

fn piece((number, bytes): (usize, &[u8])) -> Option<WorkspaceFile> {
    let path = WorkspacePath::new(format!("{PROBE}.{number:02}")).ok()?;
    let content = FileContent::from_bytes(bytes.to_vec());
    Some(WorkspaceFile { path, revision: 1, content, executable: false })
}

async fn run(guest: &mut Guest, words: Vec<String>) -> Result<(String, Ending), ProofError> {
    let mut said = Vec::new();
    let mut argv = vec![format!("./{PROBE}")];
    argv.extend(words);
    let program = Program { argv, environment: Vec::new() };
    let ending = guest.run(program, bounds(), |heard| said.extend(heard.bytes)).await?;
    let said = String::from_utf8_lossy(&said).into_owned();
    if said.is_empty() && ending != (Ending::Signaled { signal: KILLED }) {
        return Err(ProofError::NotRun(format!("it said nothing and ended with {ending:?}")));
    }
    Ok((said, ending))
}

const KILLED: i32 = 9;

async fn eat(guest: &mut Guest, cgroup: Option<&Cgroup>) -> Result<Eaten, ProofError> {
    let kills = || cgroup.and_then(Cgroup::kills).unwrap_or(0);
    let before = kills();
    let (_, ending) = run(guest, vec!["eat".to_owned()]).await?;
    let kills = kills().saturating_sub(before);
    let still_here = guest.run(program(&["true"]), bounds(), drop).await;
    let guest_lives = matches!(still_here, Ok(Ending::Exited { code: 0 }));
    Ok(Eaten { ending, kills, guest_lives })
}

/// Lets it run riot and leaves it doing so.
async fn uproar(guest: &mut Guest) -> Result<String, ProofError> {
    let (told, heard) = tokio::sync::oneshot::channel();
    let (mut told, mut said) = (Some(told), String::new());
    let storm = program(&[&format!("./{PROBE}"), "storm"]);
    let riot = guest.run(storm, RunLimits { output_bytes: u32::MAX, ..bounds() }, |heard| {
        if let Ok(text) = std::str::from_utf8(&heard.bytes)
            && let Some(line) = text.lines().find(|line| line.starts_with("storm "))
            && let Some(told) = told.take()
        {
            said = line.to_owned();
            let _ = told.send(());
        }
    });
    tokio::select! {
        ended = riot => return Err(ProofError::NotRun(format!("its uproar ended: {ended:?}"))),
        _ = heard => {}
    }
    Ok(said)
}

fn program(argv: &[&str]) -> Program {
    Program { argv: argv.iter().map(|word| (*word).to_owned()).collect(), environment: Vec::new() }
}

fn bounds() -> RunLimits {
    RunLimits { wall_ms: STEP_MS, output_bytes: OUTPUT_BYTES, report_bytes: 1_024 }
}

fn guest_uid(pid: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn shared_namespaces(pid: u32) -> Vec<String> {
    let namespace = |of: &str, name: &str| std::fs::read_link(format!("/proc/{of}/ns/{name}")).ok();
    let of = pid.to_string();
    let shared = NAMESPACES.iter().filter(|name| namespace(&of, name) == namespace("self", name));
    shared.map(|name| (*name).to_owned()).collect()
}

/// Of what the agent mounts – the guest, the account files – each has to be the very file.
fn changed_files(settings: &HostConfig, pid: u32) -> Vec<String> {
    let mounts = settings.mounts.iter().flatten();
    let pairs = mounts.filter_map(|mount| Some((mount.source.as_ref()?, mount.target.as_ref()?)));
    let files = pairs.filter(|(source, _)| Path::new(source).is_file());
    let differ = files.filter(|(source, target)| {
        let inside = std::fs::read(format!("/proc/{pid}/root{target}")).ok();
        inside.is_none() || inside != std::fs::read(source).ok()
    });
    differ.map(|(_, target)| target.clone()).collect()
}
