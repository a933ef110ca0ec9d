//! Channels on the real thing: the test is the relay, a learner's server listens in the container.

use std::time::{Duration, Instant};

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem, ChannelTarget};
use ide_protocol::credit::Window;
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::session::{AgentToRelay, RelayToAgent, SessionMessage, ViewerMessage};
use uuid::Uuid;

use crate::world::{Agent, Line, PATIENCE, Said, Screen, World, file, shell_lesson_with};

const PORT: u16 = 8000;

/// What a learner might write: answers each line with itself, and `flood` with bytes for ever.
const SERVER: &str = r#"
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 8000, Listen => 8, ReuseAddr => 1) or die;
$SIG{CHLD} = "IGNORE"; $SIG{PIPE} = "IGNORE"; $| = 1;
print "listening\n";
while (my $peer = $server->accept) {
  next if fork;
  $peer->autoflush(1);
  while (my $line = <$peer>) {
    if ($line eq "flood\n") { 1 while syswrite $peer, "x" x 65536; last }
    print $peer $line;
  }
  print "somebody left\n";
  exit;
}
"#;

/// A session on a lesson that declares the port, with a viewer and its terminal.
struct Live {
    world: World,
    agent: Agent,
    job: Uuid,
    line: Line,
    screen: Screen,
}

async fn live() -> Live {
    let world = World::new().await;
    let agent = world.agent();
    let lesson = shell_lesson_with("wall_seconds = 10\n[[preview]]\nport = 8000\ntitle = \"Your page\"");
    let mut files = lesson.starter();
    files.push(file("server.pl", SERVER));
    let job = world.open_session_with(&lesson, files, 3_600, 3_600).await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    line.join(1, Uuid::new_v4()).await;
    let screen = line.open_terminal(1).await;
    Live { world, agent, job, line, screen }
}

impl Live {
    async fn serve(&mut self) {
        self.screen.type_text(&self.line, "perl server.pl &\r").await;
        self.screen.until(&mut self.line, "listening\r\n").await;
    }
}

impl Line {
    async fn channel(&self, message: ChannelMessage) {
        self.tell(RelayToAgent::Channel { message }).await;
    }

    async fn open_port(&mut self, channel: ChannelId, port: u16) -> Result<(), Option<ChannelProblem>> {
        self.channel(ChannelMessage::Open { channel, target: ChannelTarget::Port { port } }).await;
        self.until("an answer", |message| match message {
            AgentToRelay::Channel { message: ChannelMessage::Opened { .. } } => Some(Ok(())),
            AgentToRelay::Channel { message: ChannelMessage::Closed { reason, .. } } => {
                Some(Err(reason.clone()))
            }
            _ => None,
        })
        .await
    }

    async fn put(&self, channel: ChannelId, offset: u64, payload: &[u8]) {
        let (stream, flow) = (Stream::Channel(channel), Flow::Input);
        self.send_frame(&StreamFrame { stream, flow, viewer: 0, offset, payload }).await;
    }

    /// The next bytes of a channel.
    async fn bytes(&mut self, wanted: ChannelId) -> (u64, Vec<u8>) {
        loop {
            if let Said::Output { viewer: 0, stream: Stream::Channel(channel), offset, bytes } =
                self.next().await
                && channel == wanted
            {
                return (offset, bytes);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_port_is_reached_and_no_other() {
    let mut live = live().await;
    let nobody = Err(Some(ChannelProblem::NothingListens { port: PORT }));
    assert_eq!(live.line.open_port(1, PORT).await, nobody);
    assert_eq!(live.line.open_port(2, 22).await, Err(Some(ChannelProblem::NotAllowed)));
    live.serve().await;
    assert_eq!(live.line.open_port(3, PORT).await, Ok(()));
    live.line.put(3, 0, b"hello\n").await;
    assert_eq!(live.line.bytes(3).await, (0, b"hello\n".to_vec()));
    live.line.channel(ChannelMessage::Finished { channel: 3 }).await;
    live.screen.until(&mut live.line, "somebody left").await;
    live.agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_end_with_the_line_and_the_server_notices() {
    let mut live = live().await;
    live.serve().await;
    live.line.open_port(1, PORT).await.unwrap();
    drop(live.line);
    live.line = live.world.api.line(live.job).await;
    live.line.until_ready().await;
    live.line.join(1, Uuid::new_v4()).await;
    let attach = ViewerMessage::AttachTerminal { terminal: live.screen.terminal, from_offset: 0 };
    live.line.say(1, attach).await;
    let mut screen = Screen { viewer: 1, text: Vec::new(), from: 0, typed: 0, ..live.screen };
    screen.until(&mut live.line, "somebody left").await;
    live.line.put(1, 0, b"void\n").await;
    assert_eq!(live.line.open_port(1, PORT).await, Ok(()), "the number is free again");
    live.agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_without_a_language_server_says_so() {
    let mut live = live().await;
    let target = ChannelTarget::LanguageServer { language: "cobol".to_owned() };
    let message = ChannelMessage::Open { channel: 1, target };
    live.line.say(1, ViewerMessage::Channel { message }).await;
    let reason = live
        .line
        .until_told("the channel's end", |message| match message {
            SessionMessage::Channel { message: ChannelMessage::Closed { reason, .. } } => reason.clone(),
            _ => None,
        })
        .await;
    assert!(matches!(reason, ChannelProblem::CannotStart { .. }), "{reason}");
    live.agent.stop().await;
}

/// Prints figures; what it asserts is loose, because machines differ.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_fast_and_a_flood_beside_it_slows_no_terminal() {
    const ROUNDS: usize = 200;
    const FLOOD_BYTES: u64 = 64 << 20;
    let mut live = live().await;
    live.serve().await;
    let line = &mut live.line;
    line.open_port(1, PORT).await.unwrap();
    let mut rounds = Vec::new();
    for round in 0..ROUNDS as u64 {
        let clock = Instant::now();
        line.put(1, round * 2, b"x\n").await;
        assert_eq!(line.bytes(1).await.0, round * 2);
        rounds.push(clock.elapsed());
    }
    let quiet = live.screen.echo(line).await;

    line.open_port(2, PORT).await.unwrap();
    line.put(2, 0, b"flood\n").await;
    let (clock, mut window, mut taken) = (Instant::now(), Window::default(), 0);
    while taken < FLOOD_BYTES {
        let (offset, bytes) = line.bytes(2).await;
        window.accept(offset, bytes.len()).unwrap();
        taken += bytes.len() as u64;
        if let Some(up_to) = window.take(bytes.len()) {
            line.channel(ChannelMessage::Granted { channel: 2, up_to }).await;
        }
    }
    let seconds = clock.elapsed().as_secs_f64();
    // Not read any more: a window's worth comes at most, and the terminal is as quick as before.
    let stalled = live.screen.echo(line).await;
    let mut beside = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        live.screen.type_text(line, "y").await;
        beside.push(live.screen.echoed_beside(line, &mut window, 2, began).await);
    }
    println!(
        "one channel: {:.0} MiB/s, round trip {:?} (median of {ROUNDS}); terminal echo {quiet:?} alone, {stalled:?} beside \
         a stalled flood, {:?} beside a flood at full speed (median), {:?} at worst of 50",
        FLOOD_BYTES as f64 / seconds / 1_048_576.0,
        median(rounds),
        median(beside.clone()),
        beside.iter().max().unwrap(),
    );
    assert!(median(beside) < Duration::from_millis(500));
    live.agent.stop().await;
}

impl Screen {
    /// Median time of a key stroke's echo.
    async fn echo(&mut self, line: &mut Line) -> Duration {
        let mut echoes = Vec::new();
        for _ in 0..50 {
            self.type_text(line, "x").await;
            echoes.push(self.until(line, "x").await);
        }
        median(echoes)
    }

    /// Until the next output of this terminal, reading the flood meanwhile.
    async fn echoed_beside(
        &mut self,
        line: &mut Line,
        window: &mut Window,
        flood: ChannelId,
        began: Instant,
    ) -> Duration {
        while began.elapsed() < PATIENCE {
            let Said::Output { stream, offset, bytes, .. } = line.next().await else { continue };
            if stream == Stream::Channel(flood) {
                window.accept(offset, bytes.len()).unwrap();
                if let Some(up_to) = window.take(bytes.len()) {
                    line.channel(ChannelMessage::Granted { channel: flood, up_to }).await;
                }
            } else {
                self.text.extend(bytes);
                let acknowledge =
                    ViewerMessage::AcknowledgeOutput { terminal: self.terminal, offset: self.end() };
                line.say(self.viewer, acknowledge).await;
                return began.elapsed();
            }
        }
        panic!("no echo")
    }
}

fn median(mut figures: Vec<Duration>) -> Duration {
    figures.sort();
    figures[figures.len() / 2]
}
