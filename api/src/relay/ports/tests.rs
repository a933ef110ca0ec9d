//! Streams into a container, with the agent played by the test.

use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::limits::{CHANNEL_WINDOW_BYTES, MAX_PAYLOAD_BYTES};
use ide_protocol::rest::SessionState;
use ide_protocol::session::RelayToAgent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;

use super::*;
use crate::relay::core::Link;
use crate::relay::hub::{Hub, Room};
use crate::relay::packet::Packet;
use crate::relay::peer::{self, Next, Outgoing};
use crate::store::SessionRow;

const SESSION: Uuid = Uuid::from_u128(1);
const WINDOW: usize = CHANNEL_WINDOW_BYTES as usize;

/// What the relay says to the agent.
#[derive(Debug, PartialEq)]
enum Told {
    Message(ChannelMessage),
    Bytes(ChannelId, u64, Vec<u8>),
    Closed(u16),
}

struct Agent {
    room: Arc<Room>,
    link: Link,
    outgoing: Outgoing,
}

impl Agent {
    fn join(hub: &Hub) -> Self {
        let (peer, outgoing) = peer::queue(8 << 20);
        let (link, room) = hub.agent_joined(&row(), peer);
        Self { room, link, outgoing }
    }

    async fn told(&mut self) -> Told {
        match self.outgoing.next().await {
            Next::Send(Packet::Text(text)) => match serde_json::from_str(&text).unwrap() {
                RelayToAgent::Channel { message } => Told::Message(message),
                other => panic!("{other:?}"),
            },
            Next::Send(Packet::Binary(bytes)) => {
                let frame = StreamFrame::decode(&bytes).unwrap();
                let Stream::Channel(channel) = frame.stream else { panic!("{frame:?}") };
                assert_eq!((frame.viewer, frame.flow), (0, Flow::Input));
                Told::Bytes(channel, frame.offset, frame.payload.to_vec())
            }
            Next::Close(close) => Told::Closed(close.code),
        }
    }

    fn says(&self, message: ChannelMessage) {
        self.room.with(|core| core.agent_said_to_ports(self.link, message));
    }

    fn gives(&self, channel: ChannelId, offset: u64, payload: &[u8]) {
        let stream = Stream::Channel(channel);
        let frame = StreamFrame { stream, flow: Flow::Output, viewer: 0, offset, payload };
        self.room.with(|core| core.agent_put_out(self.link, frame.encode().into()));
    }

    /// Somebody opens a port; this agent says yes.
    async fn opens(&mut self, hub: &Hub) -> (ChannelId, PortStream) {
        let accept = async {
            let Told::Message(ChannelMessage::Open { channel, .. }) = self.told().await else { panic!() };
            self.says(ChannelMessage::Opened { channel });
            channel
        };
        let (channel, stream) = tokio::join!(accept, hub.open_port(SESSION, 8000));
        (channel, stream.unwrap())
    }
}

fn row() -> SessionRow {
    SessionRow {
        id: SESSION,
        workspace: Uuid::from_u128(2),
        account: Uuid::from_u128(3),
        state: SessionState::Starting,
        state_since: 0,
        until: None,
        idle_seconds: 600,
        extensions: 0,
        files_seen: 0,
    }
}

async fn refused_with(reason: Option<ChannelProblem>) -> OpenPortError {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    let refuse = async {
        let Told::Message(ChannelMessage::Open { channel, .. }) = agent.told().await else { panic!() };
        agent.says(ChannelMessage::Closed { channel, reason });
    };
    tokio::join!(refuse, hub.open_port(SESSION, 8000)).1.err().unwrap()
}

#[tokio::test]
async fn what_is_written_goes_to_the_container_and_what_comes_is_read() {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    let (channel, mut stream) = agent.opens(&hub).await;
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(agent.told().await, Told::Bytes(channel, 0, b"GET / HTTP/1.1\r\n\r\n".to_vec()));
    stream.shutdown().await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(agent.told().await, Told::Message(ChannelMessage::Finished { channel }));
    agent.gives(channel, 0, b"HTTP/1.1 ");
    agent.gives(channel, 9, b"204");
    agent.says(ChannelMessage::Finished { channel });
    agent.says(ChannelMessage::Closed { channel, reason: None });
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "HTTP/1.1 204");
}

#[tokio::test]
async fn each_refusal_is_told_from_the_others() {
    let rows = [
        (Some(ChannelProblem::NotAllowed), OpenPortError::NotDeclared),
        (Some(ChannelProblem::NothingListens { port: 8000 }), OpenPortError::NothingListens),
        (Some(ChannelProblem::NoAnswer { port: 8000, limit_ms: 3 }), OpenPortError::NoAnswer),
        (Some(ChannelProblem::TooMany { limit: 32 }), OpenPortError::TooMany),
        (Some(ChannelProblem::RuleBroken), OpenPortError::Broken(Some(ChannelProblem::RuleBroken))),
        (None, OpenPortError::Broken(None)),
    ];
    for (reason, wanted) in rows {
        assert_eq!(refused_with(reason).await, wanted);
    }
    assert_eq!(Hub::default().open_port(SESSION, 8000).await.err(), Some(OpenPortError::NoContainer));
}

#[tokio::test]
async fn who_stops_waiting_for_a_port_leaves_nothing_open() {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    assert!(tokio::time::timeout(std::time::Duration::ZERO, hub.open_port(SESSION, 8000)).await.is_err());
    assert!(matches!(agent.told().await, Told::Message(ChannelMessage::Open { channel: 1, .. })));
    assert_eq!(agent.told().await, Told::Message(ChannelMessage::Closed { channel: 1, reason: None }));
}

#[tokio::test]
async fn nobody_holds_more_than_a_window() {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    let (channel, mut stream) = agent.opens(&hub).await;
    // Writing: a window, and then not before more is granted.
    let body = vec![b'x'; 2 * WINDOW];
    let mut written = 0;
    while let Ok(count) = tokio::time::timeout(std::time::Duration::ZERO, stream.write(&body)).await {
        written += count.unwrap();
        assert!(matches!(agent.told().await, Told::Bytes(..)));
    }
    assert_eq!(written, WINDOW);
    agent.says(ChannelMessage::Granted { channel, up_to: CHANNEL_WINDOW_BYTES + 5 });
    assert_eq!(stream.write(&body).await.unwrap(), 5);
    assert_eq!(agent.told().await, Told::Bytes(channel, CHANNEL_WINDOW_BYTES, body[..5].to_vec()));
    // Reading: granted as it is read.
    for n in 0..WINDOW / MAX_PAYLOAD_BYTES {
        agent.gives(channel, (n * MAX_PAYLOAD_BYTES) as u64, &body[..MAX_PAYLOAD_BYTES]);
    }
    let mut half = vec![0; WINDOW / 2];
    stream.read_exact(&mut half).await.unwrap();
    let up_to = CHANNEL_WINDOW_BYTES * 3 / 2;
    assert_eq!(agent.told().await, Told::Message(ChannelMessage::Granted { channel, up_to }));
}

#[tokio::test]
async fn an_agent_that_sends_more_than_it_was_granted_is_sent_away() {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    let (channel, stream) = agent.opens(&hub).await;
    agent.gives(channel, 1, b"a hole");
    assert_eq!(agent.told().await, Told::Closed(ide_protocol::close::MALFORMED));
    drop(stream);
}

#[tokio::test]
async fn dropping_a_stream_breaks_the_connection_off_and_makes_room() {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    let mut streams = Vec::new();
    for _ in 0..MAX_PORT_CHANNELS {
        streams.push(agent.opens(&hub).await);
    }
    assert_eq!(hub.open_port(SESSION, 8000).await.err(), Some(OpenPortError::TooMany));
    let (channel, stream) = streams.pop().unwrap();
    drop(stream);
    assert_eq!(agent.told().await, Told::Message(ChannelMessage::Closed { channel, reason: None }));
    agent.gives(channel, 0, b"late words are void");
    agent.opens(&hub).await;
}

#[tokio::test]
async fn streams_end_with_the_agents_connection() {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    let (channel, mut stream) = agent.opens(&hub).await;
    let mut newer = Agent::join(&hub);
    let mut byte = [0];
    assert_eq!(stream.read(&mut byte).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(stream.write(b"x").await.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    agent.gives(channel, 0, b"from the old one");
    drop(stream);
    let (_, mut stream) = newer.opens(&hub).await;
    hub.agent_left(SESSION, &newer.room, newer.link);
    assert!(stream.read(&mut byte).await.is_err());
}

#[tokio::test]
async fn a_server_that_breaks_off_is_an_error_after_the_last_byte() {
    let hub = Hub::default();
    let mut agent = Agent::join(&hub);
    let (channel, mut stream) = agent.opens(&hub).await;
    agent.gives(channel, 0, b"half an ans");
    let reason = Some(ChannelProblem::Broken { detail: "reset".into() });
    agent.says(ChannelMessage::Closed { channel, reason });
    let mut read = Vec::new();
    assert!(stream.read_to_end(&mut read).await.is_err());
    assert_eq!(read, b"half an ans");
}
