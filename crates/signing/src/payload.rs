//! The last line of the canonical request: what the signature says about the body.
//!
//! It is the hash of the exact bytes, unless the body is not empty and the request carries
//! `X-Sdk-Content-Sha256`; then it is that header's value, which must be true or say openly that
//! the body is not covered. Any other value is refused: it would let a signature pass that says
//! nothing about the body.

use sha2::{Digest, Sha256};

use crate::hex::{self, Sha256Bytes};
use crate::{CONTENT_SHA256_HEADER, HeaderLookup, RequestParts, SignatureError};

/// The value of `X-Sdk-Content-Sha256` by which a client leaves the body out of the signature.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The SHA-256 of nothing: most requests have no body, and need not hash it.
const EMPTY_SHA256: Sha256Bytes = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// The SHA-256 of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyHash(Sha256Bytes);

impl BodyHash {
    /// Hashes a body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        if body.is_empty() {
            return Self(EMPTY_SHA256);
        }
        Self(Sha256::digest(body).into())
    }

    /// Takes a hash that was computed while the body was read.
    #[must_use]
    pub fn from_bytes(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// Whether a text is this hash, as 64 hexadecimal digits of either case.
    #[must_use]
    pub fn is_hex(&self, text: &[u8]) -> bool {
        hex::decode(text) == Some(self.0)
    }
}

/// A request's body, as far as its signature needs it.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// The exact bytes; hashed only if the signature covers them.
    Body(&'a [u8]),
    /// The hash of the exact bytes, for a body that was hashed while it was read.
    Hashed(BodyHash),
}

impl Payload<'_> {
    /// Whether the body has no bytes.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Body(body) => body.is_empty(),
            Self::Hashed(hash) => hash.0 == EMPTY_SHA256,
        }
    }

    fn hash(&self) -> BodyHash {
        match self {
            Self::Body(body) => BodyHash::of(body),
            Self::Hashed(hash) => *hash,
        }
    }
}

/// Writes the payload line of a request.
///
/// # Errors
/// [`SignatureError::PayloadHashMismatch`] if `X-Sdk-Content-Sha256` counts and is neither
/// `UNSIGNED-PAYLOAD` nor the body's hash, or was sent more than once.
pub(crate) fn write_line(out: &mut Vec<u8>, parts: &RequestParts<'_>) -> Result<(), SignatureError> {
    let claim =
        if parts.payload.is_empty() { HeaderLookup::Absent } else { parts.headers.lookup(CONTENT_SHA256_HEADER) };
    match claim {
        HeaderLookup::Absent => out.extend_from_slice(&hex::encode(&parts.payload.hash().0)),
        HeaderLookup::Repeated => return Err(SignatureError::PayloadHashMismatch),
        HeaderLookup::One(value) => {
            let value = value.trim_ascii();
            if value != UNSIGNED_PAYLOAD.as_bytes() && !parts.payload.hash().is_hex(value) {
                return Err(SignatureError::PayloadHashMismatch);
            }
            out.extend_from_slice(value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeaderPairs;

    const A_SHA256: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

    fn line(claims: &[&str], payload: Payload<'_>) -> Result<String, SignatureError> {
        let pairs: Vec<_> = claims.iter().map(|claim| (CONTENT_SHA256_HEADER, claim)).collect();
        let headers = HeaderPairs(&pairs);
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers, payload };
        let mut out = Vec::new();
        write_line(&mut out, &parts).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn without_a_claim_it_is_the_hash_of_the_body() {
        assert_eq!(line(&[], Payload::Body(b"a")), Ok(A_SHA256.to_owned()));
        assert_eq!(line(&[], Payload::Hashed(BodyHash::of(b"a"))), Ok(A_SHA256.to_owned()));
        let hash_of_nothing = BodyHash::from_bytes(Sha256::digest(b"").into());
        assert_eq!(BodyHash::of(b""), hash_of_nothing);
    }

    #[test]
    fn a_true_or_open_claim_is_written_as_sent() {
        let upper = A_SHA256.to_ascii_uppercase();
        for claim in [A_SHA256, &upper, UNSIGNED_PAYLOAD] {
            assert_eq!(line(&[claim], Payload::Body(b"a")), Ok(claim.to_owned()));
        }
    }

    #[test]
    fn a_false_claim_is_refused() {
        for claim in ["", "STREAMING", &A_SHA256[1..], &A_SHA256.replace('c', "d")] {
            let refused = Err(SignatureError::PayloadHashMismatch);
            assert_eq!(line(&[claim], Payload::Body(b"a")), refused, "{claim}");
        }
        let twice = line(&[A_SHA256, A_SHA256], Payload::Body(b"a"));
        assert_eq!(twice, Err(SignatureError::PayloadHashMismatch));
    }

    #[test]
    fn a_claim_about_an_empty_body_does_not_count() {
        let hash_of_nothing = line(&[], Payload::Body(b"")).unwrap();
        for payload in [Payload::Body(b""), Payload::Hashed(BodyHash::of(b""))] {
            assert_eq!(line(&[UNSIGNED_PAYLOAD], payload), Ok(hash_of_nothing.clone()));
        }
    }
}
