//! What the agent asks, and who answers it.

use std::time::{Duration, Instant};

use ide_protocol::files::{FileContent, WorkspacePath};
use ide_protocol::frame::{Flow, Frame, Stream, StreamFrame};
use ide_protocol::guest::{FromGuest, GuestError, RequestId, ToGuest};
use ide_protocol::trace::{self, Hop};

use crate::calls::Calls;
use crate::exit::Exit;
use crate::guest::Guest;
use crate::watcher::Watcher;

/// Requests answered before programs have their turn again.
const REQUESTS_PER_TURN: usize = 32;

impl Guest {
    /// Answers what has arrived while there is room for answers. Answers itself whether more is left.
    pub(crate) fn answer_requests(&mut self) -> Result<bool, Exit> {
        for _ in 0..REQUESTS_PER_TURN {
            if !self.connection.has_room() {
                return Ok(false);
            }
            match self.connection.next_frame()? {
                Some(Frame::Text(text)) => {
                    self.answer(serde_json::from_str(&text).map_err(|why| Exit::Protocol(why.to_string()))?);
                }
                Some(Frame::Binary(mut bytes)) => {
                    trace::stamp(&mut bytes, Hop::GuestIn);
                    self.put_in(&bytes)?;
                }
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn put_in(&mut self, bytes: &[u8]) -> Result<(), Exit> {
        let frame = StreamFrame::decode(bytes).map_err(|why| Exit::Protocol(why.to_string()))?;
        if frame.flow != Flow::Input {
            return Err(Exit::Protocol("output came from the agent".to_owned()));
        }
        match frame.stream {
            Stream::Terminal(id) => {
                if let Some(terminal) = self.terminals.find(id) {
                    terminal.type_in(frame.payload);
                }
            }
            Stream::Trace(id) => {
                if let (Some(terminal), Some((stamps, keys))) =
                    (self.terminals.find(id), trace::split(frame.payload))
                {
                    terminal.trace(frame.viewer, *stamps);
                    terminal.type_in(keys);
                }
            }
            Stream::Channel(id) => {
                let taken = self.channels.put_in(id, frame.offset, frame.payload);
                taken.map_err(|why| Exit::Protocol(why.to_string()))?;
            }
        }
        Ok(())
    }

    fn answer(&mut self, message: ToGuest) {
        let now = Instant::now();
        match message {
            ToGuest::WatchWorkspace { request } => {
                let watching = self.watch();
                self.done(request, watching);
            }
            ToGuest::ListFiles { request } => self.list(request),
            ToGuest::ReadFile { request, path } => self.read(request, &path),
            ToGuest::WriteFile { request, path, content, executable } => {
                let written = self.write(&path, &content, executable);
                self.done(request, written);
            }
            ToGuest::CreateFolder { request, path } => {
                let made = self.workspace.make_folder(&path);
                self.done(request, made);
            }
            ToGuest::Rename { request, from, to } => {
                let renamed = self.rename(&from, &to);
                self.done(request, renamed);
            }
            ToGuest::Delete { request, path } => {
                let deleted = self.workspace.delete(&path);
                self.done(request, deleted);
            }
            ToGuest::OpenTerminal { request, terminal, program, size } => {
                let opened = self.terminals.open(terminal, &program, size, &self.launcher, &self.poller);
                self.reply(request, opened.map(|()| FromGuest::TerminalOpened { request, terminal }));
            }
            ToGuest::GrantOutput { terminal, up_to } => {
                if let Some(terminal) = self.terminals.find(terminal) {
                    terminal.grant(up_to);
                }
            }
            ToGuest::ResizeTerminal { terminal, size } => {
                if let Some(terminal) = self.terminals.find(terminal) {
                    terminal.resize(size);
                }
            }
            ToGuest::CloseTerminal { terminal } => {
                if let Some(terminal) = self.terminals.find(terminal) {
                    terminal.hang_up(now);
                }
            }
            ToGuest::RunCommand { request, run, program, limits } => {
                let (launcher, zygotes, poller) = (&self.launcher, &mut self.zygotes, &self.poller);
                let started = self.runs.start(run, &program, limits, launcher, zygotes, poller);
                self.reply(request, started.map(|zygote| FromGuest::RunStarted { request, run, zygote }));
            }
            ToGuest::WarmUp { request, program, count } => {
                self.zygotes.warm_up(request, program, count, now, &self.launcher, &self.poller);
            }
            ToGuest::StopRun { run } => self.runs.stop(run, now),
            ToGuest::StartService { request, program } => {
                let started = self.services.start(&program, &self.launcher);
                self.done(request, started);
            }
            ToGuest::EndWithin { seconds } => self.end_within(Duration::from_secs(seconds.into()), now),
            ToGuest::KillAll { request } => self.kill_all(request, now),
            ToGuest::AcceptCalls { request } => {
                let listening = self.accept_calls();
                self.done(request, listening);
            }
            ToGuest::Channel { message } => {
                self.channels.heard(message, &self.launcher, &self.poller, &mut self.connection);
            }
        }
    }

    fn watch(&mut self) -> Result<(), GuestError> {
        if self.watcher.is_none() {
            self.watcher = Some(Watcher::start(&self.workspace, self.ignore.clone(), &self.poller)?);
        }
        Ok(())
    }

    fn accept_calls(&mut self) -> Result<(), GuestError> {
        if self.calls.is_none() {
            self.calls = Some(Calls::listen(&self.poller)?);
        }
        Ok(())
    }

    fn list(&mut self, request: RequestId) {
        let listing = self.workspace.list(&self.ignore);
        self.reply(
            request,
            listing.map(|list| FromGuest::FilesListed {
                request,
                entries: list.entries,
                omitted: list.omitted,
            }),
        );
    }

    fn read(&mut self, request: RequestId, path: &WorkspacePath) {
        let read = self.workspace.read(path);
        self.reply(
            request,
            read.map(|file| FromGuest::FileRead {
                request,
                content: file.content,
                executable: file.executable,
            }),
        );
    }

    /// New folders come under watch before anything of ours is in them, or it would be told as a program's.
    fn write(
        &mut self,
        path: &WorkspacePath,
        content: &FileContent,
        executable: bool,
    ) -> Result<(), GuestError> {
        self.workspace.make_parents(path)?;
        self.look_at_changes();
        self.workspace.write(path, content.as_bytes(), executable)
    }

    fn rename(&mut self, from: &WorkspacePath, to: &WorkspacePath) -> Result<(), GuestError> {
        self.workspace.make_parents(to)?;
        self.look_at_changes();
        self.workspace.rename(from, to)?;
        if let Some(watcher) = &mut self.watcher {
            watcher.announce_rename(from, to);
        }
        Ok(())
    }

    fn done(&mut self, request: RequestId, result: Result<(), GuestError>) {
        self.reply(request, result.map(|()| FromGuest::Done { request }));
    }

    fn reply(&mut self, request: RequestId, answer: Result<FromGuest, GuestError>) {
        self.connection.say(&answer.unwrap_or_else(|error| FromGuest::RequestFailed { request, error }));
    }
}
