//! The way to a port of a session's container.

use ide_protocol::channel::ChannelProblem;
use tokio::io::{AsyncRead, AsyncWrite};

use super::address::Label;
use super::trouble::Trouble;
use crate::limits::PREVIEW_DIAL_TIMEOUT;
use crate::state::App;

pub(super) async fn dial(
    app: &App,
    Label { session, port }: Label,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static, Trouble> {
    match tokio::time::timeout(PREVIEW_DIAL_TIMEOUT, open_port(app, session, port)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(why)) => Err(trouble(&why, port)),
        Err(_) => Err(Trouble::NoContainer),
    }
}

fn trouble(why: &ChannelProblem, port: u16) -> Trouble {
    match why {
        ChannelProblem::NothingListens { .. } => Trouble::NothingListens { port },
        ChannelProblem::NoAnswer { .. } => Trouble::Silent { port },
        ChannelProblem::TooMany { .. } => Trouble::TooMany,
        ChannelProblem::Broken { .. } => Trouble::NotHttp { port },
        // Checked when the ticket was made: the lesson has been published anew without this port.
        ChannelProblem::NotAllowed => Trouble::NothingHere,
        ChannelProblem::NoContainer => Trouble::NoContainer,
        ChannelProblem::CannotStart { .. }
        | ChannelProblem::ProgramEnded { .. }
        | ChannelProblem::RuleBroken => Trouble::Ours,
    }
}

/// The relay carries no channels yet: the next landing.
async fn open_port(_: &App, _: uuid::Uuid, _: u16) -> Result<tokio::io::DuplexStream, ChannelProblem> {
    Err(ChannelProblem::NoContainer)
}
