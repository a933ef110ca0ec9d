//! Stopping: the first SIGTERM or SIGINT drains, the second does not wait.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit status of a process that a signal ended early, as shells report SIGINT.
const IMPATIENT: i32 = 130;

/// A token that is cancelled by the first SIGTERM or SIGINT. A second one ends the process at once; containers
/// end by themselves when the agent's sockets close.
///
/// # Errors
/// When the process cannot listen for signals.
pub fn on_signal() -> anyhow::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let cancelled = token.clone();
    tokio::spawn(async move {
        for round in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if round > 0 {
                std::process::exit(IMPATIENT);
            }
            tracing::info!("stopping: finishing what runs, taking nothing new (again to stop at once)");
            cancelled.cancel();
        }
    });
    Ok(token)
}
