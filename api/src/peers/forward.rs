//! A socket that landed here and is at home elsewhere: its handshake is made with the home, and then its bytes pass both
//! ways as they are. Pings, closes and limits are between the two ends; who is slow to read is slow to the home, which
//! sends them away. Knows no frames.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, copy, split};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::Peering;
use super::home::{Place, not_found_out};
use super::line::{Answer, LineError};
use crate::problem::ApiError;
use crate::relay::{Handshake, Mentor, Visitor};
use crate::state::App;
use crate::store::InstanceRow;

/// Says who comes with a viewer's socket, as checked by the instance it landed on.
pub(super) const VISITOR: HeaderName = HeaderName::from_static("gradus-visitor");

/// How long a home that does not answer is asked again before the one who comes is told so: a little more than it takes
/// to see that it is dead. Agents wait ten seconds for a handshake.
const PATIENCE: Duration = Duration::from_secs(8);

/// Pause before it is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// How long one direction goes on when the other has ended: a close is answered.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// For the home's answer to a handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(2);

/// Of a handshake, what the two ends have to agree on.
const ASKED: [HeaderName; 4] = [CONNECTION, UPGRADE, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION];
const ANSWERED: [HeaderName; 3] = [CONNECTION, UPGRADE, SEC_WEBSOCKET_ACCEPT];

/// Who comes, and may.
#[derive(Debug, Clone)]
pub(crate) enum Guest {
    Viewer(Passport),
    Agent,
}

/// What the home has to know of a viewer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Passport {
    pub(super) mentor: Option<Mentor>,
    pub(super) credential: String,
}

impl From<&Visitor> for Guest {
    fn from(visitor: &Visitor) -> Self {
        let Visitor { mentor, credential, .. } = visitor;
        Self::Viewer(Passport { mentor: mentor.clone(), credential: credential.clone() })
    }
}

/// Where a socket is served.
pub(crate) enum Seat {
    Here,
    /// At its home; the answer to the handshake.
    There(Response),
}

impl Peering {
    /// Finds a socket its seat.
    ///
    /// # Errors
    /// When its home does not answer and is not dead.
    pub(crate) async fn seat(
        &self,
        app: &App,
        session: Uuid,
        guest: &Guest,
        handshake: &Handshake,
    ) -> Result<Seat, ApiError> {
        let until = Instant::now() + PATIENCE;
        loop {
            let peer = match self.settle(session).await? {
                Place::Here => return Ok(Seat::Here),
                Place::At(peer) => peer,
            };
            match self.pass_on(app, &peer, session, guest, handshake).await {
                Ok(response) => return Ok(Seat::There(response)),
                Err(LineError::Answered(status)) => return Err(ApiError::from_status(status, "")),
                Err(LineError::Refused) if self.succeed(session, &peer).await? => return Ok(Seat::Here),
                Err(why) => {
                    tracing::debug!(%session, peer = peer.url, error = %why, "a socket was not passed on")
                }
            }
            if Instant::now() >= until {
                return Err(not_found_out());
            }
            sleep(AGAIN).await;
        }
    }

    async fn pass_on(
        &self,
        app: &App,
        peer: &InstanceRow,
        session: Uuid,
        guest: &Guest,
        handshake: &Handshake,
    ) -> Result<Response, LineError> {
        let (path, headers) = asked(session, guest, &handshake.headers);
        let answer = self.exchange(peer, Method::GET, &path, headers, Body::empty());
        let answer = timeout(HANDSHAKE_TIMEOUT, answer).await.map_err(|_| LineError::NoAnswer)??;
        let Answer { status, headers, upgraded: Some(home), .. } = answer else {
            return Err(LineError::Answered(answer.status));
        };
        let dead = self.known().death_of(peer);
        let (guest, stop) = (handshake.line.clone(), app.shutdown.clone());
        app.sockets.spawn(async move {
            let Ok(guest) = guest.await else { return };
            tokio::select! {
                () = join(TokioIo::new(guest), TokioIo::new(home)) => {}
                // Cut without a word, both ends take it for a broken line and dial again.
                () = dead.cancelled() => {}
                () = stop.cancelled() => {}
            }
        });
        Ok((status, kept(&headers, &ANSWERED)).into_response())
    }
}

fn asked(session: Uuid, guest: &Guest, headers: &HeaderMap) -> (String, HeaderMap) {
    let mut headers = kept(headers, &ASKED);
    let path = match guest {
        Guest::Agent => format!("/sessions/{session}/agent"),
        Guest::Viewer(passport) => {
            let text = serde_json::to_vec(passport).unwrap_or_default();
            // Names hold any letter, and JSON no control character.
            if let Ok(value) = HeaderValue::from_bytes(&text) {
                headers.insert(VISITOR, value);
            }
            format!("/sessions/{session}/viewer")
        }
    };
    (path, headers)
}

fn kept(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    names.iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone()))).collect()
}

/// Passes bytes both ways until one has ended and the other has had time to say so.
async fn join(guest: impl AsyncRead + AsyncWrite, home: impl AsyncRead + AsyncWrite) {
    let ((mut from_guest, mut to_guest), (mut from_home, mut to_home)) = (split(guest), split(home));
    let up = async {
        let _ = copy(&mut from_guest, &mut to_home).await;
        let _ = to_home.shutdown().await;
    };
    let down = async {
        let _ = copy(&mut from_home, &mut to_guest).await;
        let _ = to_guest.shutdown().await;
    };
    let (mut up, mut down) = (std::pin::pin!(up), std::pin::pin!(down));
    tokio::select! {
        () = &mut up => drop(timeout(LAST_WORDS, down).await),
        () = &mut down => drop(timeout(LAST_WORDS, up).await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_handshake_only_what_both_ends_need_goes_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("upgrade", "websocket"),
            ("cookie", "gradus=1"),
            ("gradus-visitor", "me"),
            ("authorization", "x"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let (path, kept) = asked(Uuid::nil(), &Guest::Agent, &headers);
        assert_eq!(path, "/sessions/00000000-0000-0000-0000-000000000000/agent");
        assert_eq!(kept.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["upgrade"]);
        let mentor = Some(Mentor { account: Uuid::nil(), name: "Žofie \"\n".into() });
        let passport = Passport { mentor, credential: "c".into() };
        let (_, kept) = asked(Uuid::nil(), &Guest::Viewer(passport.clone()), &headers);
        let read: Passport = serde_json::from_slice(kept[VISITOR].as_bytes()).unwrap();
        assert_eq!((read.mentor, read.credential), (passport.mentor, passport.credential));
    }

    #[tokio::test(start_paused = true)]
    async fn both_ends_are_let_go_when_one_has_ended() {
        use tokio::io::AsyncReadExt as _;
        let ((guest, mut page), (home, mut relay)) = (tokio::io::duplex(64), tokio::io::duplex(64));
        let joined = tokio::spawn(join(guest, home));
        page.write_all(b"ls").await.unwrap();
        let mut heard = [0; 2];
        relay.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"ls");
        // The home ends; the page is silent for ever.
        drop(relay);
        joined.await.unwrap();
        assert_eq!(page.read(&mut heard).await.unwrap(), 0);
    }
}
