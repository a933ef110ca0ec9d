//! Questions to the guest, asked one thing after another: laying files out, starting services, running a command.
//!
//! For preparing containers and for grading. A live session asks many things at once and drives the link itself.

use std::collections::HashSet;
use std::time::Duration;

use ide_protocol::files::WorkspaceFile;
use ide_protocol::guest::{FromGuest, GuestError, Program, RequestId, RunId, RunLimits, RunStream, ToGuest};
use ide_protocol::results::Ending;

use super::{GuestFrame, GuestLink, LinkError};

/// For an answer from a container that is healthy but has no processor to itself.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);
/// Beyond a run's own limit: for killing everything and reading what is left in pipes.
const RUN_GRACE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("{doing}: {source}")]
    Refused {
        doing: String,
        #[source]
        source: GuestError,
    },
    #[error("{doing}: the guest did not answer within {} s", deadline.as_secs())]
    TooSlow { doing: String, deadline: Duration },
}

/// What is heard while a command runs.
#[derive(Debug)]
pub struct Heard {
    pub stream: RunStream,
    pub bytes: Vec<u8>,
}

/// A run under way.
#[derive(Debug)]
pub(super) struct Running {
    request: RequestId,
    run: RunId,
    doing: String,
    wall: Duration,
}

impl Running {
    /// What is said of it goes to `hear`; answers its end.
    pub(super) fn take(
        &self,
        said: FromGuest,
        hear: &mut impl FnMut(Heard),
    ) -> Option<Result<Ending, CallError>> {
        match said {
            FromGuest::RequestFailed { request, error } if request == self.request => {
                Some(Err(CallError::Refused { doing: self.doing.clone(), source: error }))
            }
            FromGuest::RunOutput { run, stream, bytes } if run == self.run => {
                hear(Heard { stream, bytes: bytes.0 });
                None
            }
            FromGuest::RunFinished { run, ending, .. } if run == self.run => Some(Ok(ending)),
            _ => None,
        }
    }

    /// By when a healthy guest has told of its end.
    pub(super) fn deadline(&self) -> Duration {
        self.wall + RUN_GRACE
    }

    pub(super) fn too_slow(&self) -> CallError {
        CallError::TooSlow { doing: self.doing.clone(), deadline: self.deadline() }
    }
}

/// A guest that does one thing at a time.
#[derive(Debug)]
pub struct Guest {
    pub(super) link: GuestLink,
    next_request: RequestId,
    next_run: RunId,
}

impl Guest {
    #[must_use]
    pub fn new(link: GuestLink) -> Self {
        Self { link, next_request: 1, next_run: 1 }
    }

    /// Whether the guest has not hung up, as far as we know.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link.is_connected()
    }

    /// The bare wire, with the first request number that was never used.
    #[must_use]
    pub fn into_link(self) -> (GuestLink, RequestId) {
        (self.link, self.next_request)
    }

    /// Writes files, all on their way at once.
    ///
    /// # Errors
    /// [`CallError::Refused`] names the first file that could not be written.
    pub async fn lay(&mut self, files: &[WorkspaceFile]) -> Result<(), CallError> {
        let first = self.next_request;
        let mut open = HashSet::new();
        for file in files {
            let request = self.number();
            open.insert(request);
            let message = ToGuest::WriteFile {
                request,
                path: file.path.clone(),
                content: file.content.clone(),
                executable: file.executable,
            };
            self.link.send(&message).await?;
        }
        let name = |request: RequestId| {
            let index = request.wrapping_sub(first) as usize;
            files.get(index).map_or_else(|| "a file".to_owned(), |file| format!("writing {}", file.path))
        };
        while !open.is_empty() {
            match self.said("writing files").await? {
                FromGuest::Done { request } => drop(open.remove(&request)),
                FromGuest::RequestFailed { request, error } if open.contains(&request) => {
                    return Err(CallError::Refused { doing: name(request), source: error });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Starts a program in the background.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn start_service(&mut self, program: Program) -> Result<(), CallError> {
        let doing = format!("starting {}", program.argv.first().map_or("a service", String::as_str));
        self.done(&doing, |request| ToGuest::StartService { request, program }).await
    }

    /// The container is not wanted for longer: it ends by itself then, whatever became of us.
    ///
    /// # Errors
    /// [`CallError::Link`]
    pub async fn end_within(&mut self, time: Duration) -> Result<(), CallError> {
        let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Ok(self.link.send(&ToGuest::EndWithin { seconds }).await?)
    }

    /// Has so many wait to become runs of `program`; done when they wait, or the image has none.
    ///
    /// # Errors
    /// [`CallError`]: runs do without.
    pub async fn warm_up(&mut self, program: &str, count: u8) -> Result<(), CallError> {
        let program = program.to_owned();
        self.done("warming up", |request| ToGuest::WarmUp { request, program, count }).await
    }

    /// What waits need not wait any longer.
    ///
    /// # Errors
    /// [`CallError::Link`]
    pub async fn give_up_zygotes(&mut self) -> Result<(), CallError> {
        let request = self.number();
        Ok(self.link.send(&ToGuest::WarmUp { request, program: String::new(), count: 0 }).await?)
    }

    /// Resolves when the guest hangs up.
    pub async fn gone(&mut self) {
        while self.next_said().await.is_ok() {}
    }

    /// From now on changes in the workspace are reported.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn watch(&mut self) -> Result<(), CallError> {
        self.done("watching the workspace", |request| ToGuest::WatchWorkspace { request }).await
    }

    /// Runs a command to its end; `hear` gets what it puts out, as it comes.
    ///
    /// # Errors
    /// [`CallError`]: the run did not happen, or the container died under it.
    pub async fn run(
        &mut self,
        program: Program,
        limits: RunLimits,
        mut hear: impl FnMut(Heard),
    ) -> Result<Ending, CallError> {
        let running = self.start_run(program, limits).await?;
        let finished = async {
            loop {
                if let Some(ended) = running.take(self.next_said().await?, &mut hear) {
                    return ended;
                }
            }
        };
        tokio::time::timeout(running.deadline(), finished).await.map_err(|_| running.too_slow())?
    }

    /// Asks for a run; what is said of it is the caller's to hear.
    pub(super) async fn start_run(
        &mut self,
        program: Program,
        limits: RunLimits,
    ) -> Result<Running, CallError> {
        let (request, run) = (self.number(), self.next_run);
        self.next_run = self.next_run.wrapping_add(1);
        let doing = format!("running {}", program.argv.first().map_or("a command", String::as_str));
        self.link.send(&ToGuest::RunCommand { request, run, program, limits }).await?;
        Ok(Running { request, run, doing, wall: Duration::from_millis(u64::from(limits.wall_ms)) })
    }

    /// From now on programs in the container may make calls.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn accept_calls(&mut self) -> Result<(), CallError> {
        self.done("taking calls", |request| ToGuest::AcceptCalls { request }).await
    }

    /// Ends every process of the learner's, and every channel.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn kill_all(&mut self) -> Result<(), CallError> {
        self.done("ending all programs", |request| ToGuest::KillAll { request }).await
    }

    async fn done(&mut self, doing: &str, ask: impl FnOnce(RequestId) -> ToGuest) -> Result<(), CallError> {
        let request = self.number();
        self.link.send(&ask(request)).await?;
        loop {
            match self.said(doing).await? {
                FromGuest::Done { request: done } if done == request => return Ok(()),
                FromGuest::RequestFailed { request: failed, error } if failed == request => {
                    return Err(CallError::Refused { doing: doing.to_owned(), source: error });
                }
                _ => {}
            }
        }
    }

    async fn said(&mut self, doing: &str) -> Result<FromGuest, CallError> {
        let too_slow = |_| CallError::TooSlow { doing: doing.to_owned(), deadline: ANSWER_DEADLINE };
        Ok(tokio::time::timeout(ANSWER_DEADLINE, self.next_said()).await.map_err(too_slow)??)
    }

    /// Skips terminal output: nobody opened a terminal.
    async fn next_said(&mut self) -> Result<FromGuest, LinkError> {
        loop {
            match self.link.next().await {
                GuestFrame::Said(message) => return Ok(message),
                GuestFrame::Terminal(_) => {}
                GuestFrame::Lost(why) => return Err(why),
            }
        }
    }

    fn number(&mut self) -> RequestId {
        let number = self.next_request;
        self.next_request = self.next_request.wrapping_add(1);
        number
    }
}
