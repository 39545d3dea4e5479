//! Answers and faults as HTTP.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use linkspan_wire::{ApiError, ErrorCode, Problem};
use tokio::sync::Semaphore;

use super::limits::{HEADER_BYTES, HEADERS, Limits};
use super::outgoing::{Outgoing, size};
use super::pace::Pace;
use super::request_id::RequestId;
use crate::answer::{Answer, AnswerBody, Fault};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// When a client that met overload should try again, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// What kind of path a request was for: it decides how its faults are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The vendor's: the contract's bodies.
    Vendor,
    /// Linkspan's own: `application/problem+json`.
    Own,
}

impl Side {
    pub(super) fn of(path: &str) -> Self {
        let own = path.strip_prefix("/linkspan").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if own { Self::Own } else { Self::Vendor }
    }
}

/// The answer that tells of a fault.
pub(super) fn fault(fault: Fault, side: Side, request_id: RequestId) -> Answer {
    let problem = match (fault, side) {
        (Fault::Api(error), Side::Vendor) => return api_fault(&error, request_id),
        (Fault::Api(error), Side::Own) => Problem::from(error),
        (Fault::Problem(problem), _) => problem,
    };
    let answer = Answer::json(problem.status(), problem.body(request_id.as_str()));
    with_retry(answer.with(CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE)))
}

fn api_fault(error: &ApiError, request_id: RequestId) -> Answer {
    with_retry(Answer::json(error.status(), error.body(request_id.as_str())))
}

fn with_retry(answer: Answer) -> Answer {
    if answer.status == 503 { answer.with(RETRY_AFTER, RETRY_AFTER_SECONDS) } else { answer }
}

/// The places for large answers.
pub(super) struct LargeAnswers {
    places: Arc<Semaphore>,
    over_bytes: u64,
}

impl LargeAnswers {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { places: Arc::new(Semaphore::new(limits.large_answers)), over_bytes: limits.large_answer_bytes }
    }

    /// Writes an answer; a large one only if there is a place for it.
    pub(super) fn write(&self, answer: Answer, request_id: RequestId, pace: &Arc<Pace>) -> Response<Outgoing> {
        let is_large = size(&answer.body) > self.over_bytes;
        let place = is_large.then(|| Arc::clone(&self.places).try_acquire_owned());
        let answer = match place.transpose() {
            Ok(place) => {
                if let Some(place) = place {
                    pace.keep(place);
                }
                answer
            }
            Err(_) => api_fault(&ApiError::unavailable("too many large answers are being sent"), request_id),
        };
        response(answer, request_id, |body| Outgoing::new(body, Arc::clone(pace)))
    }
}

fn response(answer: Answer, request_id: RequestId, body: impl FnOnce(AnswerBody) -> Outgoing) -> Response<Outgoing> {
    let Answer { status, headers, body: content } = answer;
    let mut map = HeaderMap::with_capacity(headers.len() + 4);
    map.insert(REQUEST_ID, request_id.header());
    let bodiless = matches!(status, 204 | 304);
    if !bodiless {
        map.insert(CONTENT_TYPE, JSON);
    }
    for (name, value) in headers {
        map.insert(name, value);
    }
    let content = if bodiless { AnswerBody::Empty } else { content };
    let mut response = Response::new(body(content));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = map;
    response
}

/// The bytes of an answer to a connection that gets no further.
pub(super) fn parting(status: u16, error: &ApiError, request_id: RequestId) -> Bytes {
    let body = error.body(request_id.as_str());
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let retry = if status == 503 { "retry-after: 1\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{retry}\
         x-request-id: {request_id}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat().into()
}

/// What to say about a request that is none, by the status that hyper chose for it.
pub(super) fn no_request(status: u16) -> ApiError {
    let why = match status {
        414 => "the address is too long".into(),
        431 => format!("more than {HEADERS} headers, or more than {HEADER_BYTES} bytes of them"),
        _ => "the request is not HTTP/1.1".into(),
    };
    ApiError::new(ErrorCode::BadRequest, why)
}
