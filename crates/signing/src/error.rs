//! Why a request's signature is refused.
//!
//! The texts name what is wrong with the request, never a header's value, a signature or a secret,
//! so they may be logged and shown. To add a reason, add a variant here and the place that finds
//! it; the server maps every variant to a code of the gateway, and its match is exhaustive.

use crate::{CanonicalRequest, SignedDate};

/// Why a request's signature is refused, or why a request cannot be signed.
///
/// The gateway answers all of them with 401: [`SignatureError::DateSkew`] as `APIGW.0303`, the
/// others as `APIGW.0301`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A part of the request or of its `Authorization` header does not have the required form.
    #[error("malformed request signature: {0}")]
    Malformed(&'static str),
    /// The `Authorization` header names another scheme or algorithm than `SDK-HMAC-SHA256`.
    #[error("unsupported algorithm: only SDK-HMAC-SHA256 is accepted")]
    UnsupportedAlgorithm,
    /// `X-Sdk-Date` was not sent, or is not among the signed headers.
    #[error("the header X-Sdk-Date is missing or not signed")]
    MissingDate,
    /// `X-Sdk-Date` is not one value of the form `YYYYMMDDTHHMMSSZ`, or no such moment exists.
    #[error("the header X-Sdk-Date is not of the form YYYYMMDDTHHMMSSZ")]
    BadDate,
    /// The request was signed too long before or after the verifier's time.
    #[error("signature expired: signed at {signed_at}, more than 15 minutes from the server's time")]
    DateSkew {
        /// The moment the request claims to be signed at.
        signed_at: SignedDate,
        /// The verifier's time, in seconds since 1970-01-01T00:00:00Z.
        now_unix_seconds: i64,
    },
    /// A header named in `SignedHeaders` was not sent.
    #[error("the signed header {0} is missing")]
    MissingSignedHeader(String),
    /// A header named in `SignedHeaders` was sent more than once, so its value is ambiguous.
    #[error("the signed header {0} was sent more than once")]
    RepeatedSignedHeader(String),
    /// `X-Sdk-Content-Sha256` is neither `UNSIGNED-PAYLOAD` nor the hash of the body.
    #[error("the header X-Sdk-Content-Sha256 does not match the body")]
    PayloadHashMismatch,
    /// The signature is not the one that the secret gives for this request.
    #[error("verify aksk signature fail")]
    Mismatch {
        /// What the verifier signed; for the caller's eyes only, and only when debugging.
        canonical_request: CanonicalRequest,
    },
}
