//! PID 1 of every container: starts programs as the learner, connects to their servers, serves and watches the
//! workspace, reaps what is orphaned, and does all that for one agent over one Unix socket.
//!
//! It knows nothing of lessons, verdicts, browsers or Docker. One thread, one epoll loop; what decides is plain
//! code over data, what acts is a thin driver:
//!
//! | decides, without I/O | acts |
//! |---|---|
//! | [`arguments`], [`input`], [`ledger`], [`outbox`] | [`guest`] and [`answers`], [`connection`], [`terminals`], [`channels`], [`calls`], [`runs`], [`services`], [`zygotes`] |
//! | [`watcher::changes`], [`watcher::moves`], [`watcher::ignore`], [`watcher::folders`] | [`watcher`], [`workspace`] |
//! | [`launch`] (what to start) | [`spawn`], [`stage`], [`supervisor`], [`processes`], [`privileges`], [`root_inside`] |

mod answers;
mod arguments;
mod calls;
mod channel;
mod channels;
mod child_status;
mod connection;
mod dial;
mod exit;
mod guest;
mod input;
mod launch;
mod ledger;
mod outbox;
mod poller;
mod privileges;
mod processes;
mod root_inside;
mod run;
mod runs;
mod services;
mod signals;
mod spawn;
mod stage;
mod supervisor;
mod terminal;
mod terminals;
mod unsafe_calls;
mod watcher;
mod workspace;
mod zygotes;

use std::time::Instant;

use arguments::Arguments;
use connection::Connection;
use exit::Exit;
use guest::Guest;
use launch::Launcher;
use poller::Poller;
use privileges::Identity;
use signals::Signals;
use workspace::Workspace;

fn main() -> ! {
    let exit = match start() {
        Ok(never) => match never {},
        Err(exit) => exit,
    };
    eprintln!("eval-guest: {exit}");
    processes::kill_everything();
    std::process::exit(exit.code());
}

/// The order matters: connect as root while nothing of the learner's exists, then give up what is not needed, then
/// touch the learner's files.
fn start() -> Result<std::convert::Infallible, Exit> {
    let started = Instant::now();
    unsafe_calls::give_back_memory();
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let signals = Signals::block()?;
    unsafe_calls::reserve_descriptor(launch::REPORT_DESCRIPTOR)
        .map_err(Exit::setup("reserving a descriptor"))?;
    let poller = Poller::new().map_err(Exit::setup("making the poller"))?;
    let connection = Connection::dial(&arguments.socket, &poller)?;
    let identity = Identity::take(arguments.ids).map_err(Exit::setup("becoming the guest"))?;
    let workspace = Workspace::open(&arguments.home, &arguments.workspace)
        .map_err(Exit::setup("making the workspace"))?;
    let launcher = Launcher::new(identity, &arguments.home, &arguments.workspace);
    let deadline = started + arguments.time_to_live;
    Guest::new(connection, poller, signals, launcher, workspace, arguments.ignore, deadline).serve()
}
