use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use linkspan_engine::{Page, Refusal};
use linkspan_wire::{ApiError, ErrorCode, Problem};

/// What an operation answers. `X-Request-Id` and `Content-Type: application/json` are added by the front.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers beside those that every answer has.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: AnswerBody,
}

/// The body of an answer.
pub enum AnswerBody {
    /// None at all (204, 304).
    Empty,
    /// JSON, or what a `Content-Type` among the headers says.
    Bytes(Bytes),
    /// Pieces that are written one after the other and never lie side by side: a page of a list between head and tail.
    Page {
        /// What comes before the rows.
        head: Bytes,
        /// The rows.
        page: Box<Page>,
        /// What comes after them.
        tail: Bytes,
    },
}

impl Answer {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: AnswerBody::Bytes(body.into()) }
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: AnswerBody::Empty }
    }

    /// The answer with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Why an operation has no answer.
#[derive(Debug)]
pub enum Fault {
    /// On a vendor path: the contract's body.
    Api(ApiError),
    /// On Linkspan's own paths: `application/problem+json`.
    Problem(Problem),
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Api(api_error(&refusal))
    }
}

/// A refusal in the contract's words. An operation whose status differs (show of an unknown connection is 404) says so itself.
#[must_use]
pub(crate) fn api_error(refusal: &Refusal) -> ApiError {
    let text = refusal.to_string();
    match refusal {
        Refusal::UnknownConnection(id) => ApiError::unknown_connection(id),
        Refusal::UnknownQueue(name) => ApiError::unknown_queue(name),
        Refusal::UnknownPool(name) => ApiError::unknown_pool(ErrorCode::NotFound, name),
        Refusal::UnknownVpc(id) => ApiError::unknown_vpc(id),
        Refusal::UnknownSubnet(id) => ApiError::unknown_subnet(id),
        Refusal::UnknownRouteTable(id) => ApiError::unknown_route_table(id),
        Refusal::Unknown(_) => ApiError::new(ErrorCode::NotFound, text),
        Refusal::Forbidden(_) => ApiError::new(ErrorCode::Forbidden, text),
        Refusal::Invalid(_) => ApiError::invalid(text),
        Refusal::Exists(_) => ApiError::new(ErrorCode::Exists, text),
        Refusal::NotSupported(_) => ApiError::new(ErrorCode::NotSupported, text),
        Refusal::Exceeds(_) => ApiError::new(ErrorCode::LimitReached, text),
        Refusal::Outside(_) => ApiError::new(ErrorCode::SubnetOutside, text),
        Refusal::Overlaps(_) => ApiError::new(ErrorCode::SubnetOverlaps, text),
        Refusal::InUse(_) => ApiError::new(ErrorCode::NetworkInUse, text),
        Refusal::Overloaded | Refusal::Unavailable => ApiError::unavailable(&text),
        Refusal::StorageFull | Refusal::Deposed | Refusal::Internal => ApiError::internal(),
    }
}
