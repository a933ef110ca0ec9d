//! Amazon's SDK over the HTTP client that is in the house already (reqwest: hyper 1, rustls with ring). The SDK's own
//! would bring a second TLS library, in C, and its minutes of build. Knows requests and answers, not what they are about.

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::limits::{ANSWER_BYTES, CONNECT};

/// Cheap to clone: clones share connections.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    /// For one exchange, where the SDK names one: it asks cloud machines for their credentials, and most are none.
    limit: Option<Duration>,
}

impl Http {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // Someone else may have chosen already; any provider will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            // Signed for one address; nobody is to be sent on to another.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client, limit: None })
    }
}

impl HttpClient for Http {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let limit = settings.read_timeout().map(|read| read + settings.connect_timeout().unwrap_or(CONNECT));
        SharedHttpConnector::new(Self { client: self.client.clone(), limit })
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { client, limit } = self.clone();
        HttpConnectorFuture::new(async move {
            let exchange = exchange(&client, request);
            match limit {
                None => exchange.await,
                Some(limit) => tokio::time::timeout(limit, exchange)
                    .await
                    .unwrap_or_else(|late| Err(ConnectorError::timeout(late.into()))),
            }
        })
    }
}

async fn exchange(client: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let method = reqwest::Method::from_bytes(request.method().as_bytes()).map_err(|why| wrong(why.into()))?;
    let body = request.body().bytes().ok_or_else(|| wrong("a body that is a stream".into()))?.to_vec();
    let mut sent = client.request(method, request.uri()).body(body);
    for (name, value) in request.headers() {
        sent = sent.header(name, value);
    }
    let answer = sent.send().await.map_err(broken)?;
    let status = StatusCode::try_from(answer.status().as_u16()).map_err(|why| wrong(why.into()))?;
    let headers = answer.headers().clone();
    let mut response = HttpResponse::new(status, SdkBody::from(read(answer).await?));
    for (name, value) in &headers {
        // What is no text means nothing to the SDK.
        if let Ok(value) = value.to_str() {
            let _ = response.headers_mut().try_append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(response)
}

async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>, ConnectorError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(wrong(format!("an answer of more than {ANSWER_BYTES} bytes").into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Worth another try.
fn broken(why: reqwest::Error) -> ConnectorError {
    if why.is_timeout() { ConnectorError::timeout(why.into()) } else { ConnectorError::io(why.into()) }
}

/// Not worth one.
fn wrong(why: BoxError) -> ConnectorError {
    ConnectorError::user(why)
}
