//! Why a call has no result.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server answered that it failed.
    #[error("{0}")]
    Api(ApiFailure),
    /// No answer came: no connection, a time-out, TLS, or a connection that broke.
    #[error("{message}")]
    Transport {
        /// What was tried and what came of it.
        message: String,
        /// Whether time ran out.
        timed_out: bool,
    },
    /// An answer came that is not what the documents say; the text names the place.
    #[error("the answer of {call} can't be read: {reason}")]
    Decode {
        /// Method and path.
        call: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The client can't work as it was configured.
    #[error("{0}")]
    Config(String),
    /// The call can't be sent: a part of its path, or a header that can't be signed.
    #[error("the call can't be sent: {0}")]
    Unsendable(String),
}

/// What the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiFailure {
    /// The HTTP status; 200 for an answer that says `is_success: false`.
    pub status: u16,
    /// The code, such as `DLI.0001`, or the status if there is none.
    pub code: String,
    /// The text.
    pub message: String,
    /// The id under which the server logged the call.
    pub request_id: Option<String>,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
}

/// What a failure comes down to, for exit codes and for callers that decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// There is no such thing.
    NotFound,
    /// The credentials are missing or wrong, or do not allow it.
    Refused,
    /// It exists already, or its state forbids it.
    Conflict,
    /// The server is out of reach, overloaded, or did not answer in time; trying again may help.
    Unavailable,
    /// Anything else: a malformed call, an answer that can't be read, an internal fault.
    Other,
}

impl ClientError {
    /// What it comes down to.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Api(failure) => failure.kind(),
            Self::Transport { .. } => FailureKind::Unavailable,
            Self::Decode { .. } | Self::Config(_) | Self::Unsendable(_) => FailureKind::Other,
        }
    }

    /// Whether the server has no such call at all (404 `APIGW.0101`): another release, region or service.
    #[must_use]
    pub fn is_unpublished(&self) -> bool {
        self.api().is_some_and(|failure| failure.status == 404 && failure.code.ends_with(".0101"))
    }

    /// What the server said, if it said anything.
    #[must_use]
    pub fn api(&self) -> Option<&ApiFailure> {
        match self {
            Self::Api(failure) => Some(failure),
            _ => None,
        }
    }

    pub(crate) fn transport(call: &str, error: &reqwest::Error) -> Self {
        let timed_out = error.is_timeout();
        let what = if error.is_connect() { "can't be reached" } else { "did not answer" };
        let reason = if timed_out { "time ran out".to_owned() } else { innermost(error) };
        Self::Transport { message: format!("{call}: the server {what}: {reason}"), timed_out }
    }
}

impl ApiFailure {
    /// What it comes down to.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        match (self.status, self.code.as_str()) {
            (401 | 403, _) => FailureKind::Refused,
            (404, "APIGW.0101") => FailureKind::Other,
            (404, _) | (_, "DLI.0002") => FailureKind::NotFound,
            (_, "DLI.0001") if self.is_unknown_connection() => FailureKind::NotFound,
            (409, _) | (_, "DLI.0006" | "DLI.0007") => FailureKind::Conflict,
            (429 | 502..=504, _) => FailureKind::Unavailable,
            _ => FailureKind::Other,
        }
    }

    /// Every call but show answers 400 `DLI.0001` for an unknown connection; only the text tells it from a malformed
    /// call. The documents print it with `is` and with `does`.
    fn is_unknown_connection(&self) -> bool {
        let text = self.message.trim_end_matches('.');
        text.starts_with("Connection ") && (text.ends_with(" does not exist") || text.ends_with(" is not exist"))
    }
}

impl fmt::Display for ApiFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, code, message, .. } = self;
        let message = if message.is_empty() { "the server gives no reason" } else { message };
        // A body without a code has the status as its code, which need not be said twice.
        if *code == status.to_string() {
            write!(f, "{message} (HTTP {status})")
        } else {
            write!(f, "{message} ({code}, HTTP {status})")
        }
    }
}

/// The cause at the end of the chain: what the ones before it say is which layer noticed.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, code: &str, message: &str) -> ApiFailure {
        ApiFailure { status, code: code.into(), message: message.into(), request_id: None, retry_after: None }
    }

    #[test]
    fn kinds() {
        use FailureKind::{Conflict, NotFound, Other, Refused, Unavailable};
        for (status, code, message, kind) in [
            (404, "DLI.0001", "Connection x does not exist.", NotFound),
            (400, "DLI.0001", "Connection x does not exist.", NotFound),
            (400, "DLI.0001", "Connection x is not exist", NotFound),
            (400, "DLI.0001", "limit must be an integer, got \"x\"", Other),
            (400, "DLI.0002", "There is no queue named q", NotFound),
            (404, "APIGW.0101", "The API does not exist", Other),
            (404, "not_found", "no such key", NotFound),
            (401, "APIGW.0301", "", Refused),
            (403, "DLI.0003", "", Refused),
            (400, "DLI.0006", "", Conflict),
            (400, "DLI.0007", "", Conflict),
            (409, "conflict", "", Conflict),
            (503, "APIGW.0201", "", Unavailable),
            (500, "DLI.0999", "", Other),
        ] {
            assert_eq!(failure(status, code, message).kind(), kind, "{status} {code} {message}");
        }
    }

    #[test]
    fn the_text_names_code_and_status_once() {
        assert_eq!(failure(400, "DLI.0001", "bad").to_string(), "bad (DLI.0001, HTTP 400)");
        assert_eq!(failure(502, "502", "<html>").to_string(), "<html> (HTTP 502)");
        assert_eq!(failure(200, "200", "").to_string(), "the server gives no reason (HTTP 200)");
    }
}
