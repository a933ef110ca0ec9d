//! Live sessions on the real thing, with the test as relay and browser.

use std::time::{Duration, Instant};

use ide_protocol::close;
use ide_protocol::files::{FileChange, FileContent, WorkspacePath};
use ide_protocol::results::Outcome;
use ide_protocol::session::{AgentToRelay, EndReason, RelayToAgent, SessionMessage, ViewerMessage};
use ide_protocol::terminal::TerminalSize;
use job_queue::{Depth, JobQueue as _, Lane};
use uuid::Uuid;

use crate::world::{Agent, Line, Said, Screen, World, containers, containers_become, file, shell_lesson};

struct Live {
    world: World,
    agent: Agent,
    job: Uuid,
    line: Line,
    client: Uuid,
}

/// A session that is ready, with one viewer.
async fn live() -> Live {
    let world = World::new().await;
    let agent = world.agent();
    let job = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    let client = Uuid::new_v4();
    line.join(1, client).await;
    Live { world, agent, job, line, client }
}

fn path(text: &str) -> WorkspacePath {
    WorkspacePath::new(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_types_and_sees_and_the_size_is_known() {
    let Live { agent, mut line, .. } = live().await;
    let mut screen = line.open_terminal(1).await;
    assert!(
        String::from_utf8_lossy(&screen.text).contains("learner@greeting"),
        "the prompt names the lesson"
    );
    screen.type_text(&line, "id -un; pwd; ls\r").await;
    screen.until(&mut line, "learner\r\n/home/learner/work\r\nanswer.sh").await;
    let size = TerminalSize { columns: 101, rows: 37 };
    line.say(1, ViewerMessage::ResizeTerminal { terminal: screen.terminal, size }).await;
    screen.type_text(&line, "stty size\r").await;
    screen.until(&mut line, "37 101\r\n").await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_resumes_without_gap_or_repeat() {
    let Live { world, agent, job, mut line, client } = live().await;
    let mut screen = line.open_terminal(1).await;
    screen.type_text(&line, "for i in $(seq 1 2000); do echo line-$i; done; echo fin''ished\r").await;
    screen.until(&mut line, "line-100\r\n").await;
    drop(line);

    let mut line = world.api.line(job).await;
    line.until_ready().await;
    line.join(7, client).await;
    let listed = line
        .until_told("the terminals", |message| match message {
            SessionMessage::TerminalsListed { terminals, .. } => Some(terminals.clone()),
            _ => None,
        })
        .await;
    assert_eq!(listed[0].terminal, screen.terminal);
    let attach = ViewerMessage::AttachTerminal { terminal: screen.terminal, from_offset: screen.end() };
    line.say(7, attach).await;
    let (offset, input_offset) = line
        .until_told("the attachment", |message| match message {
            SessionMessage::TerminalAttached { offset, input_offset, .. } => Some((*offset, *input_offset)),
            _ => None,
        })
        .await;
    assert_eq!((offset, input_offset), (screen.end(), screen.typed));
    let mut screen = Screen { viewer: 7, ..screen };
    screen.until(&mut line, "finished\r\n").await;
    let text = String::from_utf8(screen.text.clone()).unwrap();
    // What was typed names "line-", too; only numbers are output.
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| Some(line.rsplit_once("line-")?.1))
        .filter(|rest| !rest.starts_with('$'))
        .collect();
    let expected: Vec<_> = (1..=2000).map(|number| number.to_string()).collect();
    assert_eq!(lines, expected);
    // What was typed before and is sent again is not typed again.
    let sent = screen.typed;
    line.keys(7, screen.terminal, 0, "exit\rexit\rexit\r").await;
    screen.type_text(&line, "echo still-$((40+2))\r").await;
    screen.until(&mut line, "still-42\r\n").await;
    assert!(screen.typed > sent);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_held_back_and_ctrl_c_answers_at_once() {
    let Live { agent, mut line, .. } = live().await;
    let mut screen = line.open_terminal(1).await;
    screen.type_text(&line, "yes\r").await;
    // Nobody acknowledges: only a window's worth comes.
    let mut received = 0;
    while let Ok(said) = tokio::time::timeout(Duration::from_millis(500), line.next()).await {
        if let Said::Output { bytes, .. } = said {
            received += bytes.len() as u64;
            screen.text.extend(bytes);
        }
    }
    assert!(received <= ide_protocol::limits::VIEWER_WINDOW_BYTES, "{received}");
    let acknowledge = ViewerMessage::AcknowledgeOutput { terminal: screen.terminal, offset: screen.end() };
    line.say(1, acknowledge).await;
    screen.type_text(&line, "\x03").await;
    let took = screen.until(&mut line, "^C").await;
    println!("Ctrl-C in a flood: {took:?}");
    assert!(took < Duration::from_secs(1));
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_travel_both_ways() {
    let Live { agent, mut line, .. } = live().await;
    let mut screen = line.open_terminal(1).await;
    // Browser → container.
    let content = FileContent::Text("from the browser\n".to_owned());
    let saved = RelayToAgent::FileSaved { path: path("notes.txt"), revision: 2, content, executable: false };
    line.tell(saved).await;
    screen.type_text(&line, "until grep -h --color=never browser notes.txt; do sleep 0.05; done\r").await;
    screen.until(&mut line, "from the browser\r\n").await;
    // Container → browser.
    screen.type_text(&line, "echo from the shell > notes.txt\r").await;
    let (base, change) = changed(&mut line, "notes.txt").await;
    let written = FileContent::Text("from the shell\n".to_owned());
    assert_eq!((base, change), (2, FileChange::Written { content: written, executable: false }));
    line.tell(RelayToAgent::ChangeStored { path: path("notes.txt"), revision: 3 }).await;
    screen.type_text(&line, "rm notes.txt\r").await;
    assert_eq!(changed(&mut line, "notes.txt").await, (3, FileChange::Removed));
    line.tell(RelayToAgent::ChangeStored { path: path("notes.txt"), revision: 4 }).await;
    screen.type_text(&line, "mkdir new; echo made > new/file\r").await;
    assert_eq!(changed(&mut line, "new/file").await.0, 0);
    agent.stop().await;
}

async fn changed(line: &mut Line, name: &str) -> (u64, FileChange) {
    line.until("a change", |message| match message {
        AgentToRelay::WorkspaceChanged { path, base_revision, change } if path.as_str() == name => {
            Some((*base_revision, change.clone()))
        }
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_saves_never_goes_through_a_planted_link() {
    let Live { agent, mut line, .. } = live().await;
    let mut screen = line.open_terminal(1).await;
    // To a file that the learner may write: nothing but the guest's care keeps it as it is.
    screen
        .type_text(&line, "echo mine > ~/victim; rm notes.txt; ln -s ~/victim notes.txt; echo pla''nted\r")
        .await;
    screen.until(&mut line, "planted\r\n").await;
    let content = FileContent::Text("from the browser\n".to_owned());
    let saved = RelayToAgent::FileSaved { path: path("notes.txt"), revision: 2, content, executable: false };
    line.tell(saved).await;
    let refusal = line
        .until_told("the refusal", |message| match message {
            SessionMessage::RequestRefused { message } => Some(message.clone()),
            _ => None,
        })
        .await;
    assert!(refusal.starts_with("notes.txt "), "{refusal}");
    let mut screen = line.open_terminal(1).await;
    screen.type_text(&line, "cat ~/victim; readlink notes.txt; wc -l < /etc/passwd\r").await;
    screen.until(&mut line, "mine\r\n/home/learner/victim\r\n4\r\n").await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_cut_connection_swallowed_is_told_again() {
    let Live { world, agent, job, mut line, .. } = live().await;
    let mut screen = line.open_terminal(1).await;
    screen.type_text(&line, "echo changed > notes.txt\r").await;
    let before = changed(&mut line, "notes.txt").await;
    drop(line);
    let mut line = world.api.line(job).await;
    assert_eq!(changed(&mut line, "notes.txt").await, before);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_files_are_laid_out_and_hidden_tests_are_not() {
    let world = World::new().await;
    let agent = world.agent();
    let saved =
        vec![file("answer.sh", "echo kept\n"), file("tests/check.sh", "forged"), file("extra.txt", "mine\n")];
    let job = world.open_session_with(&shell_lesson(), saved, 600, 600).await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    line.join(1, Uuid::new_v4()).await;
    let mut screen = line.open_terminal(1).await;
    screen.type_text(&line, "cat answer.sh extra.txt; grep -c forged tests/check.sh; ls -1 tests\r").await;
    screen.until(&mut line, "echo kept\r\nmine\r\n0\r\n1-visible.sh\r\ncheck.sh\r\n").await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visible_tests_run_beside_the_learner() {
    let Live { agent, mut line, .. } = live().await;
    let content = FileContent::Text("echo hello\n".to_owned());
    let saved = RelayToAgent::FileSaved { path: path("answer.sh"), revision: 2, content, executable: false };
    line.tell(saved).await;
    line.say(1, ViewerMessage::RunTests).await;
    line.say(1, ViewerMessage::RunTests).await;
    let mut told = Vec::new();
    let verdict = loop {
        let Said::Message(AgentToRelay::ToViewer { message, .. } | AgentToRelay::ToAllViewers { message }) =
            line.next().await
        else {
            continue;
        };
        match message {
            SessionMessage::RunStarted { .. } => told.push("started".to_owned()),
            SessionMessage::TestFinished { result, .. } => {
                told.push(format!("{} {:?}", result.id, result.status))
            }
            SessionMessage::RequestRefused { message } => told.push(message),
            SessionMessage::RunFinished { verdict, .. } => break verdict,
            other => assert!(matches!(other, SessionMessage::TerminalsListed { .. }), "{other:?}"),
        }
    };
    assert_eq!(told, ["started", "The tests are running already.", "greets Passed"]);
    assert_eq!((verdict.outcome, verdict.score()), (Outcome::Passed, (1, 1)));
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_nobody_watches_ends() {
    let world = World::new().await;
    let agent = world.agent_with(|config| config.warm_total = 0);
    let job = world.open_session_with(&shell_lesson(), shell_lesson().starter(), 2, 600).await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    let reason = line.until("the end", ended).await;
    assert_eq!(reason, EndReason::Idle);
    assert_eq!(line.until_closed().await, Some(close::NORMAL));
    containers_become(&agent.name, |count| count == 0).await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_ended_when_asked_and_its_container_goes() {
    let world = World::new().await;
    let agent = world.agent_with(|config| config.warm_total = 0);
    let job = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    line.tell(RelayToAgent::EndSession { reason: EndReason::Asked }).await;
    assert_eq!(line.until("the end", ended).await, EndReason::Asked);
    containers_become(&agent.name, |count| count == 0).await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_while_the_agent_was_away_is_done_with_at_once() {
    let Live { world, agent, job, line, .. } = live().await;
    world.api.end(job);
    let clock = Instant::now();
    drop(line);
    while world.queue.depth(Lane::Sessions).await.unwrap() != Depth::default() {
        // Less than a farewell that nobody hears.
        assert!(clock.elapsed() < Duration::from_secs(8), "the job is still under way");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(world.api.started(job, 1).await.len(), 1, "nor was it begun again");
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_read_is_a_reason_to_dial_anew() {
    let Live { world, agent, job, line, .. } = live().await;
    line.mumble().await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    line.join(1, Uuid::new_v4()).await;
    let mut screen = line.open_terminal(1).await;
    screen.type_text(&line, "echo he''re\r").await;
    screen.until(&mut line, "here\r\n").await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_dies_ends_its_session_with_the_reason() {
    let world = World::new().await;
    let agent = world.agent_with(|config| config.warm_total = 0);
    let job = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    let name = containers(&agent.name).await.remove(0);
    let killed = std::process::Command::new("docker").args(["kill", name.trim_start_matches('/')]).output();
    assert!(killed.unwrap().status.success());
    let reason = line.until("the end", ended).await;
    assert!(matches!(reason, EndReason::ContainerLost { .. }), "{reason:?}");
    containers_become(&agent.name, |count| count == 0).await;
    agent.stop().await;
}

fn ended(message: &AgentToRelay) -> Option<EndReason> {
    match message {
        AgentToRelay::SessionEnded { reason } => Some(reason.clone()),
        _ => None,
    }
}
