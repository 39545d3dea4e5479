//! The client's side.
//!
//! Like the SDKs it signs the headers that the caller names, sorted. A client signs what it
//! controls itself: a header that a proxy or the HTTP library adds or rewrites later breaks the
//! signature.

use crate::authorization::check_access_key;
use crate::{ALGORITHM, RequestParts, SignatureError, SignedHeaders, SigningKey, canonical, hex};

/// Signs a request that is complete but for its `Authorization` header, and returns that header's
/// value.
///
/// `signed_names` are the headers to sign, in any order and case; `x-sdk-date` must be among them,
/// and its value (see [`SignedDate`](crate::SignedDate)) is the time of signing. `secret` is taken
/// as raw bytes.
///
/// # Errors
/// [`SignatureError::MissingDate`] or [`SignatureError::BadDate`] for `X-Sdk-Date`,
/// [`SignatureError::MissingSignedHeader`] and [`SignatureError::RepeatedSignedHeader`] for the
/// headers named, [`SignatureError::PayloadHashMismatch`] if the request carries an
/// `X-Sdk-Content-Sha256` that is not true, [`SignatureError::Malformed`] if the access key, a
/// name, a value or the method cannot be signed.
pub fn sign(
    parts: &RequestParts<'_>,
    signed_names: &[&str],
    access_key: &str,
    secret: &[u8],
) -> Result<String, SignatureError> {
    check_access_key(access_key)?;
    let mut names: Vec<_> = signed_names.iter().map(|name| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    let list = names.join(";");
    let signed_headers = SignedHeaders::parse(&list)?;
    let date = parts.signed_date()?;
    let canonical = canonical::build(parts, signed_headers)?;
    let signature = hex::encode(&SigningKey::new(secret).sign(date, &canonical));
    let signature = str::from_utf8(&signature).unwrap_or_default();
    Ok(format!("{ALGORITHM} Access={access_key}, SignedHeaders={list}, Signature={signature}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HeaderPairs, Payload};

    #[test]
    fn names_are_lowered_sorted_and_used_once() {
        let pairs = [("Host", "h"), ("X-Sdk-Date", "20250102T030405Z")];
        let headers = HeaderPairs(&pairs);
        let payload = Payload::Body(b"");
        let parts = RequestParts { method: "GET", path: "/", query: "", headers: &headers, payload };
        let header = sign(&parts, &["X-Sdk-Date", "host", "Host"], "AK1", b"s").unwrap();
        let expected = "SDK-HMAC-SHA256 Access=AK1, SignedHeaders=host;x-sdk-date, Signature=";
        assert!(header.starts_with(expected), "{header}");

        let undated = sign(&parts, &["host"], "AK1", b"s");
        assert_eq!(undated, Err(SignatureError::MissingDate));
        let absent = sign(&parts, &["accept", "x-sdk-date"], "AK1", b"s");
        assert_eq!(absent, Err(SignatureError::MissingSignedHeader("accept".into())));
        let unusable = sign(&parts, &["x-sdk-date"], "A, B", b"s");
        assert!(matches!(unusable, Err(SignatureError::Malformed(_))));
    }
}
