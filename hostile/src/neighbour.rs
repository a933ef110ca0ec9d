//! The neighbour: another learner with a live session on the same host, who types all the time and whose files must stay as
//! they are.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::files::WorkspacePath;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::case::{Language, Mode};
use crate::ground::{Ground, Learner, LiveSession};

/// Between one echo and the next key.
const PAUSE: Duration = Duration::from_millis(100);

/// An echo that takes longer is counted as this long.
const ECHO_PATIENCE: Duration = Duration::from_secs(10);

/// Echoes of a quiet machine that the baseline is taken from.
const BASELINE_ECHOES: usize = 40;

/// What the neighbour keeps.
const NOTES: &str = "solution.sh";
const TEXT: &str = "#!/bin/bash\n# mine, and nobody else's\necho 0\n";

pub struct Neighbour {
    pub learner: Learner,
    pub workspace: Uuid,
    pub session: Uuid,
    pub baseline: Duration,
    echoes: Arc<Mutex<Vec<(Instant, Duration)>>>,
    /// To the typist: "read your files"; answered with their checksum.
    ask: tokio::sync::mpsc::Sender<oneshot::Sender<anyhow::Result<String>>>,
    checksum: String,
}

impl Neighbour {
    /// Takes a session, and the measure of the machine while nothing else is done.
    ///
    /// # Errors
    /// When there is no session to be had.
    pub async fn settle(ground: &Ground) -> anyhow::Result<Self> {
        let learner = ground.learner("neighbour").await?;
        let workspace = learner.open(&Ground::slug(Language::Shell, Mode::Inside)).await?.id;
        learner.save_text(workspace, NOTES, TEXT).await?;
        let (session, mut live) = learner.settle(workspace).await.context("the neighbour's session")?;
        let mut quiet = Vec::new();
        for number in 0..BASELINE_ECHOES {
            quiet.push(echo(&mut live, number).await?);
        }
        let checksum = checksum(&mut live).await?;
        let echoes = Arc::new(Mutex::new(Vec::new()));
        let (ask, asked) = tokio::sync::mpsc::channel(1);
        tokio::spawn(type_on(live, Arc::clone(&echoes), asked));
        let baseline = percentile_95(quiet);
        Ok(Self { learner, workspace, session, baseline, echoes, ask, checksum })
    }

    /// How long 95 of 100 echoes took at most since `then`, and how many there were.
    #[must_use]
    pub fn echo_since(&self, then: Instant) -> (Duration, usize) {
        let echoes = self.echoes.lock().unwrap_or_else(PoisonError::into_inner);
        let since: Vec<_> = echoes.iter().filter(|(at, _)| *at >= then).map(|(_, took)| *took).collect();
        let count = since.len();
        (percentile_95(since), count)
    }

    /// What has changed in the neighbour's files, in the container or in the store.
    ///
    /// # Errors
    /// When the neighbour is no longer there.
    pub async fn files_changed(&self) -> anyhow::Result<Option<String>> {
        let (answer, answered) = oneshot::channel();
        self.ask.send(answer).await.context("the neighbour's session is gone")?;
        let now = answered.await.context("the neighbour's session is gone")??;
        if now != self.checksum {
            return Ok(Some(format!("the neighbour's container: {:?}, before {now:?}", self.checksum)));
        }
        let path: WorkspacePath = NOTES.parse()?;
        let stored = self.learner.read(self.workspace, &path).await?;
        if stored.content.as_bytes() != TEXT.as_bytes() {
            return Ok(Some("the neighbour's stored file is another".to_owned()));
        }
        Ok(None)
    }
}

/// Types until the session ends or nobody asks any more.
async fn type_on(
    mut live: LiveSession,
    echoes: Arc<Mutex<Vec<(Instant, Duration)>>>,
    mut asked: tokio::sync::mpsc::Receiver<oneshot::Sender<anyhow::Result<String>>>,
) {
    for number in BASELINE_ECHOES.. {
        match tokio::time::timeout(PAUSE, asked.recv()).await {
            Ok(Some(answer)) => {
                let _ = answer.send(checksum(&mut live).await);
            }
            Ok(None) => return,
            Err(_) => {}
        }
        let began = Instant::now();
        let Ok(took) = echo(&mut live, number).await else { return };
        echoes.lock().unwrap_or_else(PoisonError::into_inner).push((began, took));
    }
}

async fn echo(live: &mut LiveSession, number: usize) -> anyhow::Result<Duration> {
    // What is typed differs from what it prints, so only the answer counts.
    live.type_text(&format!("echo n$(({number}))\r")).await?;
    Ok(live.until(&format!("n{number}\r\n"), ECHO_PATIENCE).await?.unwrap_or(ECHO_PATIENCE))
}

/// Of everything in the workspace, as the neighbour's own shell sees it.
async fn checksum(live: &mut LiveSession) -> anyhow::Result<String> {
    let command = "find ~/work -type f | sort | xargs sha256sum | sha256sum | cut -c1-64 | sed s/^/sum:/";
    let text = live.run(command, ECHO_PATIENCE).await?.context("the neighbour's shell does not answer")?;
    let sum = text.split("\nsum:").nth(1).and_then(|rest| rest.get(..64));
    Ok(sum.with_context(|| format!("no checksum in {text:?}"))?.to_owned())
}

/// Zero when there are none.
fn percentile_95(mut values: Vec<Duration>) -> Duration {
    values.sort_unstable();
    let last = values.len().saturating_sub(1);
    values.get(last * 95 / 100).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_95th_percentile_leaves_out_the_slowest_few() {
        let values: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile_95(values), Duration::from_millis(95));
        assert_eq!(percentile_95(vec![Duration::from_secs(1)]), Duration::from_secs(1));
        assert_eq!(percentile_95(vec![]), Duration::ZERO);
    }
}
