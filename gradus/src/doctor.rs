//! `gradus doctor`: what this machine lacks, and the command that mends it.

mod queue;
mod sandbox;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use clap::Args;

use crate::lessons;
use crate::queue::QueueArgs;
use crate::settings::{DataArgs, HostArgs, ServeArgs};

#[derive(Args)]
pub struct Doctor {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    queue: QueueArgs,
    #[command(flatten)]
    serve: ServeArgs,
    #[command(flatten)]
    host: HostArgs,
    /// Try every control of the sandbox on this host, in a container with the agent's own settings.
    #[arg(long)]
    sandbox: bool,
}

/// Free space below which images and databases run into trouble.
const LEAST_FREE_MIB: u64 = 2_048;

/// One thing looked at.
struct Check {
    what: String,
    result: Result<String, Lack>,
    /// Not good, and for the operator to decide: counts as there.
    is_warning: bool,
}

/// What is wrong, and what to type.
struct Lack {
    problem: String,
    remedy: String,
}

fn lack<T>(problem: impl Into<String>, remedy: impl Into<String>) -> Result<T, Lack> {
    Err(Lack { problem: problem.into(), remedy: remedy.into() })
}

impl Doctor {
    /// # Errors
    /// When the data folder cannot be made.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let data = self.data.prepare()?;
        let agent = self.host.config(&data);
        if self.sandbox {
            return Ok(report(&self.sandbox_checks(&agent).await));
        }
        let mut checks = vec![
            check("rights", rights()),
            check("Docker Engine", engine()),
            check("control groups", control_groups()),
            check("guest", guest(&agent.guest_binary)),
            check("host check", host_check(&agent.run_dir)),
            check("browser IDE", ide(&self.serve.ide)),
            check("free space", free_space(&data.database())),
            check("address", address(&self.serve).await),
            check("queue", queue::answers(&self.queue, &data).await),
        ];
        checks.extend(images(&self.serve.lessons));
        Ok(report(&checks))
    }

    async fn sandbox_checks(&self, agent: &eval_agent::Config) -> Vec<Check> {
        let before = [check("rights", rights()), check("guest", guest(&agent.guest_binary))];
        if before.iter().any(|check| check.result.is_err()) {
            return before.into();
        }
        match sandbox::image_to_try(&self.serve.lessons) {
            Some(image) => sandbox::checks(agent, &image).await,
            None => vec![check("image", lack("no lesson image is on this machine", "make images"))],
        }
    }
}

/// Prints what was found; the exit status says whether anything is lacking.
fn report(checks: &[Check]) -> ExitCode {
    for Check { what, result, is_warning } in checks {
        match result {
            Ok(found) if *is_warning => println!("WARNING  {what}: {found}"),
            Ok(found) => println!("ok       {what}: {found}"),
            Err(lack) => println!("LACKING  {what}: {}\n         → {}", lack.problem, lack.remedy),
        }
    }
    match checks.iter().filter(|check| check.result.is_err()).count() {
        0 => {
            println!("Nothing is lacking.");
            ExitCode::SUCCESS
        }
        lacking => {
            println!("{lacking} things are lacking.");
            ExitCode::FAILURE
        }
    }
}

/// What `up` and `agent` ask before they start, so that the first learner does not find out.
///
/// # Errors
/// The first thing that is lacking, with its remedy.
pub fn ready_for_agent(config: &eval_agent::Config) -> anyhow::Result<()> {
    for result in [rights(), guest(&config.guest_binary)] {
        if let Err(lack) = result {
            anyhow::bail!("{} → {}", lack.problem, lack.remedy);
        }
    }
    Ok(())
}

fn check(what: impl Into<String>, result: Result<String, Lack>) -> Check {
    Check { what: what.into(), result, is_warning: false }
}

fn rights() -> Result<String, Lack> {
    match rustix::process::geteuid().is_root() {
        true => Ok("root".to_owned()),
        false => lack(
            "the agent hands files to containers under uids of their own, which takes root",
            "run it with sudo, or as a system service",
        ),
    }
}

fn engine() -> Result<String, Lack> {
    let output = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output();
    match output {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        _ => lack("no Docker Engine answers", "scripts/setup docker"),
    }
}

fn control_groups() -> Result<String, Lack> {
    let root = Path::new("/sys/fs/cgroup");
    if root.join("cgroup.controllers").is_file() {
        Ok("version 2".to_owned())
    } else if root.join("memory").is_dir() {
        Ok("version 1".to_owned())
    } else {
        lack("there is no memory controller", "mount cgroup2 on /sys/fs/cgroup")
    }
}

fn guest(binary: &Path) -> Result<String, Lack> {
    // Built together, and taken together.
    let call = binary.with_file_name(eval_agent::CALL_FILE);
    for needed in [binary, &call] {
        if !needed.is_file() {
            return lack(format!("{} is not there", needed.display()), "make guest");
        }
    }
    Ok(binary.display().to_string())
}

/// What the agent that works here found when it last graded the lesson that it knows the answer to.
fn host_check(run_dir: &Path) -> Result<String, Lack> {
    match eval_agent::read_notice(run_dir) {
        None => Ok("no agent has worked here yet".to_owned()),
        Some(notice) if notice.fit => Ok("the host graded right when its agent last looked".to_owned()),
        Some(notice) => lack(
            format!("the agent takes no jobs: {}", notice.why),
            "mend what it says; the agent looks again by itself within five minutes",
        ),
    }
}

fn ide(folder: &Path) -> Result<String, Lack> {
    match folder.join("index.html").is_file() {
        true => Ok(folder.display().to_string()),
        false => lack(format!("{} is not built", folder.display()), "make ide"),
    }
}

fn free_space(database: &Path) -> Result<String, Lack> {
    let place = database.parent().unwrap_or(database);
    match rustix::fs::statvfs(place) {
        Ok(space) => {
            let free_mib = space.f_bavail.saturating_mul(space.f_frsize) / (1024 * 1024);
            if free_mib >= LEAST_FREE_MIB {
                return Ok(format!("{free_mib} MiB at {}", place.display()));
            }
            lack(format!("only {free_mib} MiB are free at {}", place.display()), "docker system prune")
        }
        Err(why) => lack(format!("{}: {why}", place.display()), "choose another folder with --data"),
    }
}

async fn address(serve: &ServeArgs) -> Result<String, Lack> {
    match tokio::net::TcpListener::bind(serve.listen).await {
        Ok(_) => Ok(format!("{} is free", serve.listen)),
        Err(why) => lack(
            format!("{}: {why} (fine if that is Gradus itself)", serve.listen),
            "choose another with --listen",
        ),
    }
}

/// One check per image that the lessons ask for.
fn images(lesson_folder: &Path) -> Vec<Check> {
    match image_names(lesson_folder) {
        Ok(names) => names.iter().map(|name| check(format!("image {name}"), image(name))).collect(),
        Err(why) => vec![check("lessons", lack(format!("{why:#}"), "say where they are with --lessons"))],
    }
}

fn image_names(lesson_folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names: Vec<_> = lessons::find(lesson_folder)?
        .iter()
        .filter_map(|folder| lesson::Lesson::from_dir(folder).ok())
        .map(|lesson| lesson.manifest.image)
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn image(name: &str) -> Result<String, Lack> {
    let tag = format!("gradus/{name}:latest");
    let found = Command::new("docker")
        .args(["image", "inspect", "--format", "{{.Id}}", &tag])
        .stderr(Stdio::null())
        .output();
    match found {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        _ => lack(format!("{tag} is not on this machine"), format!("lesson-images/build {name}")),
    }
}
