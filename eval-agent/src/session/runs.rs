//! *Run tests* in a live session: build step, tests, feedback – one run at a time.

use std::sync::Arc;
use std::time::Instant;

use ide_protocol::frame::ViewerId;
use ide_protocol::guest::{GuestError, RequestId, RunId, RunStream, ToGuest};
use ide_protocol::results::{Ending, GradingOutcome};
use ide_protocol::session::SessionMessage;
use lesson::{Lesson, Scope};

use super::out::Out;
use super::text::TextStream;
use crate::recorder::{Recorder, judge_with_memory};
use crate::steps;

/// A run that has not come to its end.
#[derive(Debug)]
struct Run {
    /// What viewers call it: the guest's number of its first step.
    name: RunId,
    /// The guest's number of the step under way.
    step: RunId,
    request: RequestId,
    building: bool,
    started: Instant,
    recorder: Recorder,
    stdout: TextStream,
    stderr: TextStream,
    /// The container's count of memory kills when the run began.
    kills_before: u64,
}

#[derive(Debug)]
pub(super) struct Runs {
    lesson: Arc<Lesson>,
    next: RunId,
    current: Option<Run>,
    /// Ended while nobody could be told; for whoever comes next.
    unheard: Option<SessionMessage>,
    /// The container's count of memory kills, as last read.
    kills: u64,
}

impl Runs {
    pub(super) fn new(lesson: Arc<Lesson>) -> Self {
        Self { lesson, next: 1, current: None, unheard: None, kills: 0 }
    }

    /// The run in flight, as viewers call it.
    pub(super) fn in_flight(&self) -> Option<RunId> {
        self.current.as_ref().map(|run| run.name)
    }

    /// What happened while nobody was there.
    pub(super) fn take_unheard(&mut self) -> Option<SessionMessage> {
        self.unheard.take()
    }

    /// Has to be told before a step's start and end.
    pub(super) fn set_kills(&mut self, kills: u64) {
        self.kills = kills;
    }

    pub(super) fn start(&mut self, now: Instant, viewer: ViewerId, out: &mut Out) {
        if self.current.is_some() {
            return out.refuse(viewer, "The tests are running already.");
        }
        let name = self.next;
        let mut run = Run {
            name,
            step: 0,
            request: 0,
            building: true,
            started: now,
            recorder: Recorder::new(self.lesson.manifest.tests.report),
            stdout: TextStream::default(),
            stderr: TextStream::default(),
            kills_before: self.kills,
        };
        self.step(now, &mut run, out);
        self.current = Some(run);
        self.unheard = None;
        out.all(SessionMessage::RunStarted { run: name });
    }

    pub(super) fn stop(&self, name: RunId, out: &mut Out) {
        if let Some(run) = self.current.as_ref().filter(|run| run.name == name) {
            out.guest(ToGuest::StopRun { run: run.step });
        }
    }

    pub(super) fn started(&mut self, step: RunId) {
        // The first step's start: what was killed before is not this run's.
        if let Some(run) = self.current.as_mut().filter(|run| run.step == step && run.name == step) {
            run.kills_before = self.kills;
        }
    }

    pub(super) fn output(&mut self, step: RunId, stream: RunStream, bytes: &[u8], out: &mut Out) {
        let Some(run) = self.current.as_mut().filter(|run| run.step == step) else { return };
        for result in run.recorder.hear(stream, bytes) {
            out.all(SessionMessage::TestFinished { run: run.name, result });
        }
        let text = match stream {
            RunStream::Stdout => run.stdout.push(bytes),
            RunStream::Stderr => run.stderr.push(bytes),
            RunStream::Report => return,
        };
        if !text.is_empty() {
            out.all(SessionMessage::RunOutput { run: run.name, stream, text });
        }
    }

    /// A step is over: tests follow a build that worked; anything else ends the run.
    pub(super) fn finished(&mut self, now: Instant, step: RunId, ending: Ending, out: &mut Out) {
        let Some(mut run) = self.current.take_if(|run| run.step == step) else { return };
        let manifest = &self.lesson.manifest;
        let ending = steps::with_whole_wall(ending, manifest);
        if run.building && ending == (Ending::Exited { code: 0 }) {
            run.building = false;
            run.recorder = Recorder::new(manifest.tests.report);
            self.step(now, &mut run, out);
            self.current = Some(run);
            return;
        }
        let build = run.building.then_some(ending);
        let record = run.recorder.finish(build, ending, now.saturating_duration_since(run.started));
        let killed = self.kills.saturating_sub(run.kills_before);
        let message = match judge_with_memory(manifest, Scope::Visible, record, killed) {
            GradingOutcome::Verdict { verdict } => SessionMessage::RunFinished { run: run.name, verdict },
            GradingOutcome::LessonFault { fault } => failed(run.name, &fault),
            GradingOutcome::HostFault { fault } => failed(run.name, &fault),
        };
        self.tell(message, out);
    }

    /// The guest could not start a step; true when the request was ours.
    pub(super) fn failed(&mut self, request: RequestId, error: &GuestError, out: &mut Out) -> bool {
        let Some(run) = self.current.take_if(|run| run.request == request) else { return false };
        self.tell(failed(run.name, error), out);
        true
    }

    fn tell(&mut self, message: SessionMessage, out: &mut Out) {
        if out.relay_is_up() {
            out.all(message);
        } else {
            self.unheard = Some(message);
        }
        // Who ran the tests once runs them again.
        if let Some(program) = self.lesson.manifest.tests.command.first() {
            let request = out.request();
            out.guest(ToGuest::WarmUp { request, program: program.clone(), count: 1 });
        }
    }

    /// Asks the guest for the next step of a run: the build, if there is one and it is its turn, else the tests.
    fn step(&mut self, now: Instant, run: &mut Run, out: &mut Out) {
        let manifest = &self.lesson.manifest;
        let build = steps::build(manifest).filter(|_| run.building);
        run.building = build.is_some();
        run.step = self.next;
        run.request = out.request();
        self.next = self.next.wrapping_add(1);
        let program = build.unwrap_or_else(|| steps::tests(manifest));
        let limits = steps::limits(manifest, now.saturating_duration_since(run.started));
        out.guest(ToGuest::RunCommand { request: run.request, run: run.step, program, limits });
    }
}

fn failed(run: RunId, why: &dyn std::error::Error) -> SessionMessage {
    SessionMessage::RunFailed { run: Some(run), message: why.to_string() }
}
