//! A WebSocket, from either end's point of view.

use futures_util::{SinkExt as _, StreamExt as _};
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::world::PATIENCE;

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens `path` on the server at `base`; `Err` is the HTTP status of a refused handshake.
    pub async fn open(
        base: &str,
        path: &str,
        origin: Option<&str>,
        bearer: Option<&str>,
    ) -> Result<Self, u16> {
        let url = format!("{}{path}", base.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        if let Some(token) = bearer {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(why) => panic!("{why}"),
        }
    }

    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await.unwrap();
    }

    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.0.send(message).await
    }

    pub async fn put(&mut self, flow: Flow, viewer: u32, offset: u64, payload: &[u8]) {
        let frame = StreamFrame { flow, stream: Stream::Terminal(1), viewer, offset, payload };
        self.send(Message::binary(frame.encode())).await.unwrap();
    }

    /// Bytes of a channel, from its start.
    pub async fn put_channel(&mut self, flow: Flow, viewer: u32, channel: u32, payload: &[u8]) {
        let frame = StreamFrame { flow, stream: Stream::Channel(channel), viewer, offset: 0, payload };
        self.send(Message::binary(frame.encode())).await.unwrap();
    }

    async fn next(&mut self) -> Message {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing was said");
            match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return message,
                Some(Err(why)) => panic!("the socket broke: {why}"),
                None => panic!("the socket is closed"),
            }
        }
    }

    /// The next message, which has to be of this type. How long a session still has is news at any time, and passed
    /// over unless it is asked for.
    #[track_caller]
    pub fn hears(&mut self, kind: &'static str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            loop {
                let message = self.next().await;
                let Message::Text(text) = &message else { panic!("{caller}: {message:?} instead of {kind}") };
                let value: Value = serde_json::from_str(text).unwrap();
                if value["type"] == "limit_changed" && kind != "limit_changed" {
                    continue;
                }
                assert_eq!(value["type"], kind, "{caller}: {value}");
                return value;
            }
        }
    }

    /// The next text message, whatever it is.
    pub async fn hears_any(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?} instead of text"),
        }
    }

    /// The next message, which has to be a terminal frame: viewer, offset, payload.
    pub async fn hears_bytes(&mut self) -> (u32, u64, Vec<u8>) {
        let message = self.next().await;
        let Message::Binary(bytes) = &message else { panic!("{message:?} instead of bytes") };
        let frame = StreamFrame::decode(bytes).unwrap();
        (frame.viewer, frame.offset, frame.payload.to_vec())
    }

    /// Nothing more comes, and no word of why; whatever comes before is passed over.
    pub async fn is_cut(&mut self) {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("it was not cut") {
                Some(Ok(Message::Close(frame))) => panic!("closed with {frame:?} instead of being cut"),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
        }
    }

    /// The code it is closed with; whatever comes before is passed over.
    pub async fn closes(&mut self) -> u16 {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("it was not closed");
            match message {
                Some(Ok(Message::Close(frame))) => return frame.map_or(1005, |frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(why)) => panic!("the socket broke instead of closing: {why}"),
                None => return 1006,
            }
        }
    }
}
