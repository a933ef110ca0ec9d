//! A network between API and database that a story can break.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    Fine,
    /// The next commit reaches the server; its answer, and the connection, are lost.
    LoseAnswerToCommit,
    /// Nothing comes through, and nobody is told.
    Silent,
}

#[derive(Clone)]
pub struct Proxy {
    pub port: u16,
    weather: Arc<watch::Sender<Weather>>,
}

impl Proxy {
    pub async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            weather: Arc::new(watch::Sender::new(Weather::Fine)),
        };
        let weather = proxy.weather.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, weather.clone()));
            }
        });
        proxy
    }

    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    pub fn is(&self, weather: Weather) -> bool {
        *self.weather.borrow() == weather
    }
}

async fn carry(mut client: TcpStream, server: u16, weather: Arc<watch::Sender<Weather>>) {
    let mut changes = weather.subscribe();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let (mut asked, mut said) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        if *changes.borrow_and_update() == Weather::Silent {
            // What is sent meanwhile is lost, and so is the connection once the weather is fine again.
            drop(changes.wait_for(|weather| *weather != Weather::Silent).await);
            return;
        }
        tokio::select! {
            _ = changes.changed() => {}
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let commits = asked[..length].windows(7).any(|bytes| bytes == b"COMMIT\0");
                if server.write_all(&asked[..length]).await.is_err() {
                    return;
                }
                if commits && *weather.borrow() == Weather::LoseAnswerToCommit {
                    weather.send_replace(Weather::Fine);
                    // It answers once it is done.
                    drop(server.read(&mut said).await);
                    return;
                }
            }
            read = server.read(&mut said) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&said[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
