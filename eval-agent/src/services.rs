//! Brings a lesson's services up before anyone gets the container: a service is up when its starter has returned
//! (`start-postgres` returns once the database answers). Knows commands, not what they start.

use std::time::Duration;

use ide_protocol::guest::{Program, RunLimits};
use ide_protocol::results::Ending;

use crate::guest_link::{CallError, Guest};

/// For one service to come up: PostgreSQL takes half a second, and several seconds on a busy host.
const SERVICE_DEADLINE: Duration = Duration::from_secs(30);
/// What the waiting command may print: nothing.
const NO_OUTPUT_BYTES: u32 = 1024;

/// Runs the service and leaves its exit status in the file `$0`; what it started lives on, because the guest ends only
/// runs with all they started, not services.
const START: &str = r#""$@"; echo "$?" > "$0.new"; mv "$0.new" "$0""#;
const WAIT: &str = r#"until [ -e "$0" ]; do sleep 0.02; done; exit "$(cat "$0")""#;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("starting {service}")]
    Call {
        service: String,
        #[source]
        source: CallError,
    },
    #[error("{service} ended with status {code} instead of starting")]
    Failed { service: String, code: i32 },
    #[error("{service} was not up within {} s", SERVICE_DEADLINE.as_secs())]
    TooSlow { service: String },
}

/// Starts services one after another, each once the one before is up.
///
/// # Errors
/// [`ServiceError`] of the first that does not come up.
pub async fn start(guest: &mut Guest, services: &[lesson::Command]) -> Result<(), ServiceError> {
    for (number, command) in services.iter().enumerate() {
        let service = command.join(" ");
        // Nothing of a learner's has run yet, so nobody forges this file.
        let status = format!("/tmp/.service-{number}");
        let mut starter = shell(START, &status);
        starter.argv.extend_from_slice(command);
        let call = |source| ServiceError::Call { service: service.clone(), source };
        guest.start_service(starter).await.map_err(call)?;
        let limits = RunLimits {
            wall_ms: SERVICE_DEADLINE.as_millis() as u32,
            output_bytes: NO_OUTPUT_BYTES,
            report_bytes: NO_OUTPUT_BYTES,
        };
        match guest.run(shell(WAIT, &status), limits, drop).await.map_err(call)? {
            Ending::Exited { code: 0 } => {}
            Ending::Exited { code } => return Err(ServiceError::Failed { service, code }),
            _ => return Err(ServiceError::TooSlow { service }),
        }
    }
    Ok(())
}

fn shell(script: &str, status: &str) -> Program {
    let argv = ["sh", "-c", script, status].map(str::to_owned).to_vec();
    Program { argv, environment: Vec::new() }
}
