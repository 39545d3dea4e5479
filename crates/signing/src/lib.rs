//! SDK-HMAC-SHA256, the request signature of the vendor's SDKs: canonical request, sign, verify.
//!
//! **Purpose.** A server hands over what it saw on the wire ([`RequestParts`]) and the parsed
//! `Authorization` header; [`verify`] answers whether the holder of the secret signed exactly
//! that. A client hands over what it is about to send and gets the header's value from [`sign`].
//!
//! **How a server uses it.**
//! 1. [`Authorization::parse`] the header, look the secret up by [`Authorization::access_key`].
//! 2. [`RequestParts::signed_date`], then [`check_window`] against the server's clock.
//! 3. If [`RequestParts::payload_is_unsigned`], decide whether the transport alone protects the
//!    body well enough; this crate cannot know.
//! 4. [`verify`], or [`verify_with_key`] with a [`SigningKey`] kept beside the access key.
//!
//! **Invariants.**
//! * No input panics, whatever its bytes.
//! * Everything is recomputed from the wire: path and query are decoded and encoded anew, because
//!   clients sign another spelling than they send.
//! * Only signed headers are covered. In particular `X-Project-Id` may be added after signing, so
//!   it must never decide what a caller is allowed to do.
//! * A signed header that is missing, or that occurs twice, is refused: two values would let the
//!   verifier and the application read different ones.
//! * Signatures are compared in constant time, and no `Debug` or `Display` here prints a secret, a
//!   signature or a header's value.
//!
//! **What it must not do.** Know an HTTP framework, read a clock, look keys up, remember requests
//! (the SDKs send the same signature again when they retry), or log.
//!
//! **How to add one more algorithm.** Give it a module with its own key type beside
//! `signature.rs`, let [`Authorization::parse`] accept its name and keep it as an enum, and choose
//! the key by it in `verify.rs`; the canonical request is the same for all of the SDK family.
//!
//! ```
//! use linkspan_signing::{
//!     Authorization, HeaderPairs, Payload, RequestParts, check_window, sign, verify,
//! };
//!
//! let headers = [("Host", "127.0.0.1:8780"), ("X-Sdk-Date", "20250102T030405Z")];
//! let parts = RequestParts {
//!     method: "GET",
//!     path: "/v2.0/p1/datasource/enhanced-connections",
//!     query: "limit=10",
//!     headers: &HeaderPairs(&headers),
//!     payload: Payload::Body(b""),
//! };
//! let header = sign(&parts, &["host", "x-sdk-date"], "AK1", b"secret")?;
//!
//! let authorization = Authorization::parse(&header)?;
//! assert_eq!(authorization.access_key(), "AK1");
//! check_window(parts.signed_date()?, 1_735_787_045)?;
//! verify(&parts, &authorization, b"secret")?;
//! assert!(verify(&parts, &authorization, b"another secret").is_err());
//! # Ok::<(), linkspan_signing::SignatureError>(())
//! ```

mod authorization;
mod canonical;
mod date;
mod error;
mod hex;
mod payload;
mod percent;
mod request;
mod sign;
mod signature;
mod signed_headers;
mod verify;

pub use authorization::{Authorization, MAX_ACCESS_KEY_BYTES, MAX_AUTHORIZATION_BYTES};
pub use canonical::{CanonicalRequest, canonical_request};
pub use date::{MAX_SKEW_SECONDS, SignedDate, check_window};
pub use error::SignatureError;
pub use payload::{BodyHash, Payload, UNSIGNED_PAYLOAD};
pub use request::{HeaderLookup, HeaderPairs, HeaderSource, RequestParts};
pub use sign::sign;
pub use signature::SigningKey;
pub use signed_headers::{MAX_SIGNED_HEADERS, SignedHeaders};
pub use verify::{verify, verify_with_key};

/// The algorithm's name: the first word of the `Authorization` header and of the string to sign.
pub const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// The header with the time of signing, `YYYYMMDDTHHMMSSZ`; always signed.
pub const DATE_HEADER: &str = "x-sdk-date";
/// The header that stands in for the body's hash when the body is not empty.
pub const CONTENT_SHA256_HEADER: &str = "x-sdk-content-sha256";
