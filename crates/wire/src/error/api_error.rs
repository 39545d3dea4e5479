use std::fmt;

use serde::Serialize;

use super::ErrorCode;
use crate::quote::Quoted;

/// A fault as a vendor path answers it: one code of the contract and a text for the person who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    message: Box<str>,
}

#[derive(Serialize)]
struct Body<'a> {
    error_code: &'a str,
    error_msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct VpcBody<'a> {
    code: &'a str,
    message: &'a str,
}

impl ApiError {
    /// A fault with any code.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<Box<str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// 400 `DLI.0001`: a malformed parameter or body.
    #[must_use]
    pub fn invalid(message: impl Into<Box<str>>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// 400 `DLI.0001`: an unknown connection on every call but show.
    #[must_use]
    pub fn unknown_connection(id: &str) -> Self {
        Self::new(ErrorCode::InvalidInput, no_connection(id))
    }

    /// 404 `DLI.0001`: an unknown connection on show, which Terraform takes as gone.
    #[must_use]
    pub fn unknown_connection_on_show(id: &str) -> Self {
        Self::new(ErrorCode::ConnectionNotFound, no_connection(id))
    }

    /// 400 `DLI.0002`: a queue that does not exist; the text of dli_02_0056.
    #[must_use]
    pub fn unknown_queue(name: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no queue named {}", cut(name)))
    }

    /// `DLI.0002`: a pool that does not exist; 400 on delete, bind and create, 404 on other v3 pool calls.
    #[must_use]
    pub fn unknown_pool(code: ErrorCode, name: &str) -> Self {
        Self::new(code, format!("There is no elastic resource pool named {}", cut(name)))
    }

    /// 404 `VPC.0003`: a VPC that does not exist.
    #[must_use]
    pub fn unknown_vpc(id: &str) -> Self {
        Self::new(ErrorCode::VpcNotFound, format!("VPC {} does not exist.", cut(id)))
    }

    /// 404 `VPC.0202`: a subnet that does not exist.
    #[must_use]
    pub fn unknown_subnet(id: &str) -> Self {
        Self::new(ErrorCode::SubnetNotFound, format!("Subnet {} does not exist.", cut(id)))
    }

    /// 404 `VPC.0202`: a route table that does not exist.
    #[must_use]
    pub fn unknown_route_table(id: &str) -> Self {
        Self::new(ErrorCode::SubnetNotFound, format!("Route table {} does not exist.", cut(id)))
    }

    /// The same text under another code, for readers that several services share.
    #[must_use]
    pub fn recoded(self, code: ErrorCode) -> Self {
        Self { code, ..self }
    }

    /// 500 `DLI.0999`, with no word about the inside; the cause belongs into the log under the request's id.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "Internal Server Error")
    }

    /// 404 `APIGW.0101`: no such path, or not with this method.
    #[must_use]
    pub fn no_such_api() -> Self {
        Self::new(ErrorCode::NoSuchApi, "The API does not exist or has not been published in the environment")
    }

    /// 401 `APIGW.0301`; `why` is what follows the gateway's fixed words, such as `verify aksk signature fail`.
    #[must_use]
    pub fn unauthenticated(why: &str) -> Self {
        Self::new(ErrorCode::Unauthenticated, format!("Incorrect IAM authentication information: {why}"))
    }

    /// 401 `APIGW.0303`: the signature's date is more than 15 minutes off; both times as `YYYYMMDDTHHMMSSZ`.
    #[must_use]
    pub fn clock_skew(signed_at: &str, server_time: &str) -> Self {
        let text = format!(
            "Incorrect app authentication information: signature expired, signature time: {}, server time: {server_time}",
            cut(signed_at)
        );
        Self::new(ErrorCode::ClockSkew, text)
    }

    /// 413 `APIGW.0201`: the body is over `most` bytes.
    #[must_use]
    pub fn body_too_large(most: usize) -> Self {
        Self::new(ErrorCode::BodyTooLarge, format!("The request body is larger than {most} bytes"))
    }

    /// 400 `APIGW.0201`: a content encoding other than identity.
    #[must_use]
    pub fn unsupported_encoding(encoding: &str) -> Self {
        let text = format!("Content-Encoding {} is not supported, send the body as it is", Quoted(encoding));
        Self::new(ErrorCode::BadRequest, text)
    }

    /// 503 `APIGW.0201`: overload or a store out of reach; the server adds `Retry-After`.
    #[must_use]
    pub fn unavailable(why: &str) -> Self {
        Self::new(ErrorCode::Unavailable, format!("The service is temporarily unavailable: {why}"))
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.code.status()
    }

    /// `error_msg`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The JSON body. The id goes into the gateway's bodies only; `X-Request-Id` is on every answer anyway.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        if self.code.is_vpc() {
            return serde_json::to_vec(&VpcBody { code: self.code.as_str(), message: &self.message })
                .unwrap_or_default();
        }
        let request_id = self.code.is_gateway().then_some(request_id);
        let body = Body { error_code: self.code.as_str(), error_msg: &self.message, request_id };
        // A struct of texts cannot fail to serialise.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status(), self.code.as_str(), self.message)
    }
}

impl std::error::Error for ApiError {}

fn no_connection(id: &str) -> String {
    format!("Connection {} does not exist.", cut(id))
}

/// A caller's text without quotation marks, as the documents print it, cut so that no message grows with its input.
fn cut(text: &str) -> &str {
    const LONGEST_CHARS: usize = 128;
    let end = text.char_indices().nth(LONGEST_CHARS).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_body_both_sdk_parsers_read() {
        let mut lines = String::new();
        for code in ErrorCode::ALL {
            let body = ApiError::new(code, "why \"so\"").body("0123456789abcdef0123456789abcdef");
            let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let (name, text) = if code.is_vpc() { ("code", "message") } else { ("error_code", "error_msg") };
            assert!(json[name].is_string() && json[text].is_string(), "{json}");
            lines += &format!("{} {}\n", code.status(), String::from_utf8(body).unwrap());
        }
        insta::assert_snapshot!(lines);
    }

    #[test]
    fn fixed_texts() {
        let id = "503fc86a-5e60-4349-92c2-7e399404fa8a";
        let all = [
            ApiError::unknown_connection(id),
            ApiError::unknown_connection_on_show(id),
            ApiError::unknown_queue("testqueue"),
            ApiError::unknown_pool(ErrorCode::PoolNotFound, "pool_1"),
            ApiError::unknown_vpc("v"),
            ApiError::unknown_subnet("s"),
            ApiError::unknown_route_table("t"),
            ApiError::internal(),
            ApiError::no_such_api(),
            ApiError::unauthenticated("verify aksk signature fail"),
            ApiError::clock_skew("20261124T000000Z", "20261124T010000Z"),
            ApiError::body_too_large(12 * 1024 * 1024),
            ApiError::unsupported_encoding("gzip"),
            ApiError::unavailable("too many commands are waiting"),
        ];
        insta::assert_snapshot!(all.map(|error| error.to_string()).join("\n"));
        assert!(ApiError::unknown_connection(&"x".repeat(10_000)).message().len() < 200);
    }
}
