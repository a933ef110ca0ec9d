//! A part of Gradus as a process: started, measured from `/proc`, stopped. Does not outlive the runner.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// How long a part may take to end when asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

pub struct Process {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
    log: PathBuf,
    recipe: Recipe,
}

/// How it is started.
#[derive(Clone)]
struct Recipe {
    program: PathBuf,
    arguments: Vec<String>,
    directory: PathBuf,
    environment: Vec<(String, String)>,
}

/// What a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    pub pid: u32,
    pub rss_kib: u64,
    pub descriptors: u64,
}

impl Process {
    /// # Errors
    /// When the program is not there.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        directory: &Path,
        logs: &Path,
        environment: &[(String, String)],
    ) -> anyhow::Result<Self> {
        let part = arguments.first().copied().unwrap_or("gradus");
        let log = logs.join(format!("{part}.log"));
        let recipe = Recipe {
            program: program.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            directory: directory.to_owned(),
            environment: environment.to_vec(),
        };
        Self::spawn(recipe, log)
    }

    fn spawn(recipe: Recipe, log: PathBuf) -> anyhow::Result<Self> {
        let file = std::fs::File::options().create(true).append(true).open(&log)?;
        let mut child = Command::new(&recipe.program)
            .args(&recipe.arguments)
            .envs(recipe.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&recipe.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {} (scripts/prepare builds it)", recipe.program.display()))?;
        let lines = child.stdout.take().map(BufReader::new);
        Ok(Self { child, lines, log, recipe })
    }

    /// Kills it and starts another in its place, with the argument `from` said as `to`.
    ///
    /// # Errors
    /// When the program is not there any more.
    pub fn kill_and_start_again(&mut self, from: &str, to: &str) -> anyhow::Result<()> {
        self.kill();
        let mut recipe = self.recipe.clone();
        for argument in recipe.arguments.iter_mut().filter(|argument| *argument == from) {
            to.clone_into(argument);
        }
        *self = Self::spawn(recipe, self.log.clone())?;
        Ok(())
    }

    /// Reads its standard output up to the line that starts with `start`; gives the rest of that line.
    ///
    /// # Errors
    /// When it ends without having said so.
    pub fn until_line(&mut self, start: &str) -> anyhow::Result<String> {
        let lines = self.lines.as_mut().context("its output was read already")?;
        let mut line = String::new();
        while lines.read_line(&mut line)? > 0 {
            if let Some(rest) = line.strip_prefix(start) {
                return Ok(rest.trim().to_owned());
            }
            line.clear();
        }
        anyhow::bail!("it ended without saying {start:?}; its log:\n{}", self.log_text());
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    #[must_use]
    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    #[must_use]
    pub fn log_bytes(&self) -> u64 {
        self.log.metadata().map_or(0, |meta| meta.len())
    }

    /// What the kernel says of it; `None` when it is gone.
    #[must_use]
    pub fn figures(&self) -> Option<Figures> {
        let pid = self.pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let rss_kib = rss.trim().trim_end_matches("kB").trim().parse().ok()?;
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64;
        Some(Figures { pid, rss_kib, descriptors })
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM; SIGKILL when that does not help.
    pub async fn stop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let asked = Command::new("kill").arg(self.pid().to_string()).status();
        let began = Instant::now();
        while asked.is_ok() && began.elapsed() < STOP_PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
