//! terminado's protocol (Jupyter's terminals): JSON lists in text messages.

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

pub struct Terminado {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Terminado {
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        let mut request = url.into_client_request()?;
        let host = request.uri().authority().context("no host in the address")?.to_string();
        request.headers_mut().insert("origin", format!("http://{host}").parse()?);
        let disable_nagle = true;
        let (socket, _) = connect_async_with_config(request, None, disable_nagle).await?;
        let mut terminado = Self { socket };
        terminado.say(&json!(["set_size", 24, 80])).await?;
        Ok(terminado)
    }

    async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    pub async fn type_in(&mut self, keys: &str) -> anyhow::Result<()> {
        self.say(&json!(["stdin", keys])).await
    }

    pub async fn read(&mut self) -> anyhow::Result<String> {
        loop {
            let message = self.socket.next().await.context("terminado closed the socket")??;
            if let Message::Text(text) = message
                && let (kind, Some(output)) =
                    serde_json::from_str::<(String, Option<String>)>(&text).unwrap_or_default()
                && kind == "stdout"
            {
                return Ok(output);
            }
        }
    }
}
