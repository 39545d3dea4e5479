//! An answer, and what is read from it.

use bytes::Bytes;
use linkspan_wire::decode::{
    ConnectionList, Connectivity, CreatedConnection, CreatedTest, DomainList, Failure, Outcome, PoolList,
    PoolQueueList, PrivilegeList, ProjectList, QueueList, QueueProperties, QuotaAnswer, ShownConnection, ShownQueue,
    TokenBody,
};
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::error::{ApiFailure, ClientError};
use crate::retry::retry_after;

/// A part of a list, at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many match, on this page and on all others; only Linkspan says it (`X-Total-Count`), or the list itself.
    pub total: Option<u64>,
    /// The store's revision that the answer shows; only Linkspan says it.
    pub revision: Option<u64>,
}

/// An answer with its whole body.
pub(crate) struct Answer {
    pub call: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A body that can say that the call failed although its status is 2xx.
pub(crate) trait Verdict {
    fn verdict(&self) -> (bool, &str);
}

macro_rules! enveloped {
    ($($name:ty),*) => {
        $(impl Verdict for $name {
            fn verdict(&self) -> (bool, &str) {
                (self.is_success, &self.message)
            }
        })*
    };
}

enveloped!(
    Outcome,
    ConnectionList,
    CreatedConnection,
    ShownConnection,
    QueueList,
    ShownQueue,
    QueueProperties,
    PoolList,
    PoolQueueList,
    PrivilegeList,
    QuotaAnswer,
    CreatedTest,
    Connectivity
);

macro_rules! plain {
    ($($name:ty),*) => {
        $(impl Verdict for $name {
            fn verdict(&self) -> (bool, &str) {
                (true, "")
            }
        })*
    };
}

plain!(ProjectList, DomainList, TokenBody);

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.parse().ok()
    }

    /// The failure that a status of 300 and above says; a redirection is one too, since a signature holds for one place.
    pub(crate) fn failure(&self) -> ApiFailure {
        let failure = Failure::from_body(self.status, &self.body);
        self.failed(failure.code, failure.message, failure.request_id)
    }

    fn failed(&self, code: String, message: String, in_body: Option<String>) -> ApiFailure {
        ApiFailure {
            status: self.status,
            code,
            message,
            request_id: self.header("x-request-id").map(str::to_owned).or(in_body),
            retry_after: self.header("retry-after").and_then(retry_after),
        }
    }

    /// The body of a success that has no envelope.
    pub(crate) fn plain<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let shown: String = String::from_utf8_lossy(&self.body).chars().take(200).collect();
            ClientError::Decode { call: self.call.clone(), reason: format!("{error}; it begins with `{shown}`") }
        })
    }

    /// The body of a success, unless it says itself that it is none.
    pub(crate) fn decode<T: DeserializeOwned + Verdict>(&self) -> Result<T, ClientError> {
        let body: T = self.plain()?;
        let (succeeded, message) = body.verdict();
        if succeeded {
            return Ok(body);
        }
        // Such a body may hold a code beside its envelope, which is then worth more than the status.
        let failure = Failure::from_body(self.status, &self.body);
        let named = failure.code != self.status.to_string();
        let text = if named { failure.message } else { message.to_owned() };
        Err(ClientError::Api(self.failed(failure.code, text, failure.request_id)))
    }

    /// A page of what was read from the body.
    pub(crate) fn page<T>(&self, items: Vec<T>, total: Option<u64>) -> Page<T> {
        let total = self.number("x-total-count").or(total);
        Page { items, total, revision: self.number("x-linkspan-revision") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer { call: "GET /x".into(), status, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn a_success_that_is_none_is_an_error() {
        let error = answer(200, r#"{"is_success":false,"message":"no such queue"}"#).decode::<Outcome>().unwrap_err();
        let failure = error.api().unwrap();
        assert_eq!((failure.status, failure.code.as_str(), failure.message.as_str()), (200, "200", "no such queue"));
        let body = r#"{"is_success":"false","message":"m","error_code":"DLI.0005","error_msg":"why"}"#;
        let error = answer(200, body).decode::<Outcome>().unwrap_err();
        let failure = error.api().unwrap();
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("DLI.0005", "why"));
    }

    #[test]
    fn a_body_that_is_not_json_is_shown() {
        let error = answer(200, "<html>proxy</html>").decode::<Outcome>().unwrap_err().to_string();
        assert!(error.contains("GET /x") && error.contains("<html>proxy"), "{error}");
    }

    #[test]
    fn the_request_id_is_in_the_header_or_in_the_body() {
        let mut failed = answer(503, r#"{"error_code":"APIGW.0201","error_msg":"m","request_id":"in-body"}"#);
        assert_eq!(failed.failure().request_id.as_deref(), Some("in-body"));
        failed.headers.insert("x-request-id", "in-header".parse().unwrap());
        failed.headers.insert("retry-after", "2".parse().unwrap());
        assert_eq!(failed.failure().request_id.as_deref(), Some("in-header"));
        assert_eq!(failed.failure().retry_after, Some(std::time::Duration::from_secs(2)));
    }
}
