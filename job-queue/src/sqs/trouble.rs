//! What a server's refusals mean to us. Servers that speak SQS word them differently; each row here was met on one.

use std::error::Error;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

use crate::QueueError;

/// What went wrong, for an operator: the server's own words, or those of the way to it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Trouble(String);

impl Trouble {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    pub(super) fn unavailable(self, doing: &'static str) -> QueueError {
        QueueError::Unavailable { doing, source: Box::new(self) }
    }
}

/// The same call may work later.
pub(super) fn unavailable<E, R>(doing: &'static str) -> impl Fn(SdkError<E, R>) -> QueueError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    move |why| Trouble::new(words(&why)).unavailable(doing)
}

/// About a lease: lost, or unknown.
pub(super) fn about_lease<E, R>(doing: &'static str) -> impl Fn(SdkError<E, R>) -> QueueError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    move |why| {
        let gone = why.as_service_error().is_some_and(|why| is_gone(why.code(), why.message()));
        if gone { QueueError::Lost } else { Trouble::new(words(&why)).unavailable(doing) }
    }
}

/// Whether a server says that a receipt is nobody's (any more).
pub(super) fn is_gone(code: Option<&str>, message: Option<&str>) -> bool {
    let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
    // The query protocol of old put a namespace before the name: `AWS.SimpleQueueService.MessageNotInflight`.
    match code.rsplit('.').next().unwrap_or_default() {
        "ReceiptHandleIsInvalid" | "MessageNotInflight" => true,
        // Amazon's word for a receipt that a later delivery has outdated.
        "InvalidParameterValue" => message.contains("Message does not exist") || message.contains("eceipt"),
        _ => false,
    }
}

/// Whether a server says that there is no such queue.
pub(super) fn is_missing<E: ProvideErrorMetadata, R>(why: &SdkError<E, R>) -> bool {
    let code = why.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    matches!(code.rsplit('.').next(), Some("QueueDoesNotExist" | "NonExistentQueue"))
}

/// The whole chain in a line: the SDK's first word is only "service error" or "dispatch failure".
pub(super) fn words<E, R>(why: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let Some(refusal) = why.as_service_error() {
        let (code, message) =
            (refusal.code().unwrap_or("no code"), refusal.message().unwrap_or("no reason given"));
        return format!("the server says {code}: {message}");
    }
    let mut chain = why.to_string();
    let mut next = why.source();
    while let Some(source) = next {
        let text = source.to_string();
        if !chain.ends_with(&text) {
            chain = format!("{chain}: {text}");
        }
        next = source.source();
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_gone_in_many_words() {
        let amazon = "Value AQEB… for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not \
                      available for visibility timeout change.";
        let rows = [
            ("ReceiptHandleIsInvalid", "The input receipt handle is invalid.", true),
            ("AWS.SimpleQueueService.MessageNotInflight", "", true),
            ("InvalidParameterValue", amazon, true),
            ("InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit", false),
            ("RequestThrottled", "slow down", false),
            ("QueueDoesNotExist", "The specified queue does not exist.", false),
        ];
        for (code, message, gone) in rows {
            assert_eq!(is_gone(Some(code), Some(message)), gone, "{code}: {message}");
        }
        assert!(!is_gone(None, None));
    }
}
