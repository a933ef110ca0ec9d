//! The API as a job sees it: start, bundle, finish, each with a deadline and a bound on what is read. Knows HTTP and
//! status codes; not what a grading is.

use std::time::Duration;

use ide_protocol::job::{Assignment, Disown, Disowned, FinishGrading, Finished, JobMessage, StartJob};
use ide_protocol::limits::MAX_WORKSPACE_BYTES;
use ide_protocol::traceparent::TRACEPARENT;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

/// Milliseconds on a healthy API; a bundle of some MiB over a slow link fits, too.
const REQUEST_DEADLINE: Duration = Duration::from_secs(20);
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// An assignment carries a whole workspace. JSON writes a control character as `\u0001`, six bytes for one, which is
/// worse than base64; a MiB more is for names and the envelope.
const MAX_ASSIGNMENT_BYTES: usize = 6 * MAX_WORKSPACE_BYTES + 1024 * 1024;
/// A lesson's bundle as it travels; lessons are source code.
const MAX_BUNDLE_BYTES: usize = 32 * 1024 * 1024;
/// Of a refusal's body, for the log.
const MAX_REFUSAL_BYTES: usize = 2 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nothing is left to do for this job.
    #[error("the job is over")]
    Gone,
    /// A newer attempt is under way; ours counts for nothing.
    #[error("a newer attempt is under way")]
    Superseded,
    /// Trying again with the same request cannot help.
    #[error("{doing}: the API refused with {status}: {body}")]
    Refused { doing: &'static str, status: u16, body: String },
    /// The API is down, busy or out of reach.
    #[error("{doing}")]
    Unavailable {
        doing: &'static str,
        #[source]
        source: reqwest::Error,
    },
    #[error("{doing}: the API is not well ({status})")]
    Unwell { doing: &'static str, status: u16 },
    #[error("{doing}: the answer exceeds {limit} bytes")]
    TooBig { doing: &'static str, limit: usize },
    #[error("{doing}: the answer cannot be read")]
    Unreadable {
        doing: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

impl ApiError {
    /// Whether the same request may work later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Unwell { .. })
    }
}

/// One HTTP client for all jobs; connections are shared, tokens are not.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
}

impl Api {
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_DEADLINE)
            .timeout(REQUEST_DEADLINE)
            // The API's address is in the job; it has no reason to send us elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http })
    }

    /// # Errors
    /// [`ApiError`]
    pub async fn start(&self, job: &JobMessage, body: &StartJob) -> Result<Assignment, ApiError> {
        let doing = "asking what the job is";
        read_json(doing, MAX_ASSIGNMENT_BYTES, self.http.post(url(job, "start")).json(body), job).await
    }

    /// # Errors
    /// [`ApiError`]
    pub async fn bundle(&self, job: &JobMessage) -> Result<Vec<u8>, ApiError> {
        let doing = "fetching the lesson";
        let response = send(doing, self.http.get(url(job, "bundle")), job).await?;
        read(doing, MAX_BUNDLE_BYTES, response).await
    }

    /// # Errors
    /// [`ApiError`]
    pub async fn finish(&self, job: &JobMessage, body: &FinishGrading) -> Result<Finished, ApiError> {
        let doing = "posting the result";
        read_json(doing, MAX_ASSIGNMENT_BYTES, self.http.post(url(job, "finish")).json(body), job).await
    }

    /// # Errors
    /// [`ApiError`]
    pub async fn disown(&self, job: &JobMessage, body: &Disown) -> Result<Disowned, ApiError> {
        let doing = "taking a verdict back";
        read_json(doing, MAX_REFUSAL_BYTES, self.http.post(url(job, "disown")).json(body), job).await
    }
}

fn url(job: &JobMessage, what: &str) -> String {
    format!("{}/agent/v1/jobs/{}/{what}", job.api_url, job.job)
}

async fn read_json<T: DeserializeOwned>(
    doing: &'static str,
    limit: usize,
    request: RequestBuilder,
    job: &JobMessage,
) -> Result<T, ApiError> {
    let response = send(doing, request, job).await?;
    let bytes = read(doing, limit, response).await?;
    serde_json::from_slice(&bytes).map_err(|source| ApiError::Unreadable { doing, source })
}

async fn send(doing: &'static str, request: RequestBuilder, job: &JobMessage) -> Result<Response, ApiError> {
    // What the API logs of this belongs to the same trace.
    let request = match &job.trace {
        Some(trace) => request.header(TRACEPARENT, trace),
        None => request,
    };
    let response = request
        .bearer_auth(&job.token)
        .send()
        .await
        .map_err(|source| ApiError::Unavailable { doing, source })?;
    let status = response.status();
    match status {
        StatusCode::OK => Ok(response),
        StatusCode::GONE => Err(ApiError::Gone),
        StatusCode::CONFLICT => Err(ApiError::Superseded),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Err(ApiError::Unwell { doing, status: status.as_u16() })
        }
        _ if status.is_server_error() => Err(ApiError::Unwell { doing, status: status.as_u16() }),
        _ => {
            let body = read(doing, MAX_REFUSAL_BYTES, response).await.unwrap_or_default();
            let body = String::from_utf8_lossy(&body).into_owned();
            Err(ApiError::Refused { doing, status: status.as_u16(), body })
        }
    }
}

async fn read(doing: &'static str, limit: usize, mut response: Response) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|source| ApiError::Unavailable { doing, source })?
    {
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::TooBig { doing, limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
    use ide_protocol::limits::MAX_FILE_BYTES;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_workspace_that_is_longest_on_the_wire_can_be_read() {
        let file = |number: usize| WorkspaceFile {
            path: WorkspacePath::new(number.to_string()).unwrap(),
            revision: 1,
            content: FileContent::Text("\u{1}".repeat(MAX_FILE_BYTES)),
            executable: false,
        };
        let files = (0..MAX_WORKSPACE_BYTES / MAX_FILE_BYTES).map(file).collect();
        let (submission, lesson_digest) = (Uuid::nil(), "0".repeat(64));
        let assignment = Assignment::Grading { submission, attempt: 1, lesson_digest, files };
        let bytes = serde_json::to_vec(&assignment).unwrap();
        assert!(bytes.len() <= MAX_ASSIGNMENT_BYTES, "{}", bytes.len());
    }
}
