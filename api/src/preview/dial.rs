//! The way to a port of a session's container.

use super::address::Label;
use super::trouble::Trouble;
use crate::limits::PREVIEW_DIAL_TIMEOUT;
use crate::peers::Port;
use crate::relay::OpenPortError;
use crate::state::App;

pub(super) async fn dial(app: &App, Label { session, port }: Label) -> Result<Port, Trouble> {
    let open = async {
        match &app.peering {
            None => app.hub.open_port(session, port).await.map(Port::Left),
            Some(peering) => peering.open_port(session, port, &app.hub).await,
        }
    };
    match tokio::time::timeout(PREVIEW_DIAL_TIMEOUT, open).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(why)) => Err(trouble(&why, port)),
        // The host does not answer: as good as not there.
        Err(_) => Err(Trouble::NoContainer),
    }
}

fn trouble(why: &OpenPortError, port: u16) -> Trouble {
    match why {
        OpenPortError::NoContainer => Trouble::NoContainer,
        // Asked when the ticket was made: the lesson has been published anew without this port.
        OpenPortError::NotDeclared => Trouble::NothingHere,
        OpenPortError::NothingListens => Trouble::NothingListens { port },
        OpenPortError::NoAnswer => Trouble::Silent { port },
        OpenPortError::TooMany => Trouble::TooMany,
        OpenPortError::Broken(_) => Trouble::NotHttp { port },
    }
}
