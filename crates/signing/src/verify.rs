//! The verifier's side.
//!
//! It recomputes the signature from the wire and compares. It does not look at the clock: call
//! [`check_window`](crate::check_window) with the request's date as well, before or after.

use subtle::ConstantTimeEq;

use crate::{Authorization, CanonicalRequest, RequestParts, SignatureError, SigningKey, canonical};

/// Checks that a request was signed with a secret, given as its raw bytes.
///
/// # Errors
/// As [`verify_with_key`].
pub fn verify(
    parts: &RequestParts<'_>,
    authorization: &Authorization<'_>,
    secret: &[u8],
) -> Result<(), SignatureError> {
    verify_with_key(parts, authorization, &SigningKey::new(secret))
}

/// Checks that a request was signed with a key.
///
/// # Errors
/// [`SignatureError::MissingDate`] or [`SignatureError::BadDate`] for `X-Sdk-Date`;
/// [`SignatureError::MissingSignedHeader`] and [`SignatureError::RepeatedSignedHeader`];
/// [`SignatureError::PayloadHashMismatch`] if `X-Sdk-Content-Sha256` counts and is not true;
/// [`SignatureError::Malformed`] for a method or header that breaks the canonical form;
/// [`SignatureError::Mismatch`] if the signature is another one.
pub fn verify_with_key(
    parts: &RequestParts<'_>,
    authorization: &Authorization<'_>,
    key: &SigningKey,
) -> Result<(), SignatureError> {
    let date = parts.signed_date()?;
    let canonical = canonical::build(parts, authorization.signed_headers())?;
    let expected = key.sign(date, &canonical);
    if expected.ct_eq(authorization.signature()).into() {
        Ok(())
    } else {
        let canonical_request = CanonicalRequest::from_bytes(canonical);
        Err(SignatureError::Mismatch { canonical_request })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HeaderPairs, Payload};

    #[test]
    fn a_mismatch_brings_the_canonical_request_and_prints_no_value() {
        let pairs = [("X-Sdk-Date", "20250102T030405Z"), ("X-Auth-Token", "top-secret")];
        let parts = RequestParts {
            method: "GET",
            path: "/a",
            query: "",
            headers: &HeaderPairs(&pairs),
            payload: Payload::Body(b""),
        };
        let header =
            format!("SDK-HMAC-SHA256 Access=AK1, SignedHeaders=x-auth-token;x-sdk-date, Signature={}", "0".repeat(64));
        let authorization = Authorization::parse(&header).unwrap();
        let error = verify(&parts, &authorization, b"secret-key").unwrap_err();
        for shown in [format!("{error}"), format!("{error:?}"), format!("{authorization:?}")] {
            assert!(!shown.contains("secret"), "{shown}");
        }
        let SignatureError::Mismatch { canonical_request } = error else {
            panic!("expected a mismatch, not {error:?}");
        };
        assert!(canonical_request.as_str().starts_with("GET\n/a/\n\nx-auth-token:top-secret\n"));
    }
}
