//! A part of an installation as a process: started, measured from `/proc`, stopped. Does not outlive the runner.

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
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Its log is called by it.
    pub name: String,
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub directory: PathBuf,
    pub environment: Vec<(String, String)>,
    /// Whether what it prints is for [`Process::until_line`]. Otherwise it goes to the log: a pipe that nobody reads fills up.
    pub read: bool,
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
    pub fn start(recipe: Recipe, logs: &Path) -> anyhow::Result<Self> {
        let log = logs.join(format!("{}.log", recipe.name));
        Self::spawn(recipe, log)
    }

    fn spawn(recipe: Recipe, log: PathBuf) -> anyhow::Result<Self> {
        let file = std::fs::File::options().create(true).append(true).open(&log)?;
        let printed = if recipe.read { Stdio::piped() } else { file.try_clone()?.into() };
        let mut child = Command::new(&recipe.program)
            .args(&recipe.arguments)
            .envs(recipe.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&recipe.directory)
            .stdin(Stdio::null())
            .stdout(printed)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {}", recipe.program.display()))?;
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

    /// Starts another in its place, which has ended.
    ///
    /// # Errors
    /// When the program is not there any more.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        *self = Self::spawn(self.recipe.clone(), self.log.clone())?;
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub async fn ends(&self) {
        let stat = format!("/proc/{}/stat", self.pid());
        // The state stands behind the name, which is in brackets; one that nobody has waited for is a zombie.
        let alive = || std::fs::read_to_string(&stat).is_ok_and(|line| !line.contains(") Z "));
        while alive() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether it has ended well.
    pub fn succeeded(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(status)) if status.success())
    }

    /// Whether it has not ended yet.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
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
        self.stop_by("TERM").await;
    }

    /// The same by another signal: what is a wish to some is an order to others.
    pub async fn stop_by(&mut self, signal: &str) {
        if !self.is_alive() {
            return;
        }
        let asked = Command::new("kill").args(["-s", signal, &self.pid().to_string()]).status();
        let began = Instant::now();
        while asked.is_ok() && began.elapsed() < STOP_PATIENCE {
            if !self.is_alive() {
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
