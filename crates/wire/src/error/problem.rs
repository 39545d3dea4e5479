use serde::Serialize;

/// What went wrong on one of Linkspan's own paths (`/linkspan/v1/…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// 400: a malformed parameter or body.
    InvalidInput,
    /// 401: no valid credentials.
    Unauthenticated,
    /// 403: the caller may not do this.
    Forbidden,
    /// 404: no such thing, or no such path.
    NotFound,
    /// 405: the path exists, not with this method.
    MethodNotAllowed,
    /// 409: it exists already, or its state forbids the action.
    Conflict,
    /// 413: a body over the limit.
    BodyTooLarge,
    /// 500: an internal fault.
    Internal,
    /// 503: overload, or the store is out of reach.
    Unavailable,
}

impl ProblemKind {
    /// Every variant.
    pub const ALL: [Self; 9] = [
        Self::InvalidInput,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::BodyTooLarge,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.parts().0
    }

    const fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::InvalidInput => (400, "Bad Request", "invalid_input"),
            Self::Unauthenticated => (401, "Unauthorized", "unauthenticated"),
            Self::Forbidden => (403, "Forbidden", "forbidden"),
            Self::NotFound => (404, "Not Found", "not_found"),
            Self::MethodNotAllowed => (405, "Method Not Allowed", "method_not_allowed"),
            Self::Conflict => (409, "Conflict", "conflict"),
            Self::BodyTooLarge => (413, "Content Too Large", "body_too_large"),
            Self::Internal => (500, "Internal Server Error", "internal"),
            Self::Unavailable => (503, "Service Unavailable", "unavailable"),
        }
    }
}

/// A fault on Linkspan's own paths, written as problem details (RFC 9457).
///
/// `type` is `about:blank`, so `title` is the status phrase; the member `code` is what programs look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong.
    pub kind: ProblemKind,
    /// Why, for the person who called.
    pub detail: Box<str>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    request_id: &'a str,
}

impl Problem {
    /// The media type of the body.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem with its reason.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<Box<str>>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    /// The JSON body.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        let (status, title, code) = self.kind.parts();
        let body = Body { r#type: "about:blank", title, status, detail: &self.detail, code, request_id };
        // A struct of texts cannot fail to serialise.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

/// The same fault on Linkspan's own paths, for code that both kinds of path share (readers, engine faults).
impl From<super::ApiError> for Problem {
    fn from(error: super::ApiError) -> Self {
        use super::ErrorCode as Code;
        let kind = match error.code() {
            Code::InvalidInput
            | Code::LimitReached
            | Code::BadRequest
            | Code::VpcInvalid
            | Code::SubnetInvalid
            | Code::SubnetOutside
            | Code::SubnetOverlaps => ProblemKind::InvalidInput,
            Code::ConnectionNotFound
            | Code::NotFound
            | Code::PoolNotFound
            | Code::NoSuchApi
            | Code::VpcNotFound
            | Code::SubnetNotFound
            | Code::TokenNotFound => ProblemKind::NotFound,
            Code::Forbidden => ProblemKind::Forbidden,
            Code::Exists | Code::NotSupported | Code::NetworkInUse => ProblemKind::Conflict,
            Code::Internal => ProblemKind::Internal,
            Code::BodyTooLarge => ProblemKind::BodyTooLarge,
            Code::Unavailable => ProblemKind::Unavailable,
            Code::Unauthenticated | Code::ClockSkew => ProblemKind::Unauthenticated,
        };
        Self::new(kind, error.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiError, ErrorCode};

    #[test]
    fn bodies() {
        let lines: Vec<_> = ProblemKind::ALL
            .into_iter()
            .map(|kind| String::from_utf8(Problem::new(kind, "why").body("0123456789abcdef0123456789abcdef")).unwrap())
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn vendor_faults_keep_their_class() {
        for code in ErrorCode::ALL {
            let problem = Problem::from(ApiError::new(code, "why"));
            assert_eq!(problem.status() >= 500, code.status() >= 500, "{code:?}");
            assert_eq!(problem.status() == 401, code.status() == 401, "{code:?}");
        }
    }
}
