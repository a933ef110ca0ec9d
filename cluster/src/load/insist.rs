//! Asking until there is an answer, as a page does.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use learner_client::ClientError;
use tokio_util::sync::CancellationToken;

use super::Ledger;

/// Between tries.
const AGAIN: Duration = Duration::from_millis(300);

/// Whoever is away longer than this does not come back.
const AWAY_AT_MOST: Duration = Duration::from_secs(180);

/// Whether the same request may be answered later: nobody was there, somebody in between said so, or it was one too many.
enum Refusal {
    Failed,
    Wait,
    Final,
}

fn refusal(why: &ClientError) -> Refusal {
    match why {
        ClientError::Refused { status: 429, .. } => Refusal::Wait,
        // A hand-in under the same key is on its way.
        ClientError::Refused { status: 409, path, .. } if path.ends_with("/submissions") => Refusal::Wait,
        ClientError::Refused { status: 500..=599, .. } | ClientError::Http { .. } => Refusal::Failed,
        _ => Refusal::Final,
    }
}

/// Asks until it is answered; each try that fails is written down. `None` when it is over.
///
/// # Errors
/// When the answer is a final no, or none comes for three minutes.
pub async fn insist<T, F>(
    ledger: &Ledger,
    over: &CancellationToken,
    what: &'static str,
    ask: impl Fn() -> F,
) -> anyhow::Result<Option<T>>
where
    F: Future<Output = Result<T, ClientError>>,
{
    let began = Instant::now();
    loop {
        ledger.asked();
        match ask().await {
            Ok(answer) => return Ok(Some(answer)),
            Err(why) => match refusal(&why) {
                Refusal::Final => return Err(why).context(what),
                Refusal::Wait => {}
                Refusal::Failed => ledger.failed(what, told(&why)),
            },
        }
        anyhow::ensure!(began.elapsed() < AWAY_AT_MOST, "{what}: no answer for {AWAY_AT_MOST:?}");
        if over.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
            return Ok(None);
        }
    }
}

/// With everything that is behind it.
pub(super) fn told(why: &dyn std::error::Error) -> String {
    let mut text = why.to_string();
    let mut source = why.source();
    while let Some(why) = source {
        text.push_str(": ");
        text.push_str(&why.to_string());
        source = why.source();
    }
    text
}
