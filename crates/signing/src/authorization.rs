//! The `Authorization` header's value.
//!
//! Its form is taken literally, because every SDK writes it the same way:
//! `SDK-HMAC-SHA256 Access=<key>, SignedHeaders=<a;b;c>, Signature=<64 lower-case hex>`. Sizes are
//! bounded before anything is looked at.

use std::fmt;

use crate::hex::{self, Sha256Bytes};
use crate::{ALGORITHM, SignatureError, SignedHeaders};

/// How long the header's value may be.
pub const MAX_AUTHORIZATION_BYTES: usize = 8192;
/// How long an access key may be.
pub const MAX_ACCESS_KEY_BYTES: usize = 128;

/// A well-formed `Authorization` header: who claims to have signed, what, and the proof.
///
/// `Debug` leaves the signature out: for 15 minutes it is as good as the secret for one request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Authorization<'a> {
    access_key: &'a str,
    signed_headers: SignedHeaders<'a>,
    signature: Sha256Bytes,
}

impl<'a> Authorization<'a> {
    /// Reads the header's value.
    ///
    /// # Errors
    /// [`SignatureError::UnsupportedAlgorithm`] if it starts with another word than
    /// [`ALGORITHM`](crate::ALGORITHM), [`SignatureError::MissingDate`] if `x-sdk-date` is not
    /// signed, [`SignatureError::Malformed`] for any other deviation from the form.
    pub fn parse(value: &'a str) -> Result<Self, SignatureError> {
        if value.len() > MAX_AUTHORIZATION_BYTES {
            return Err(SignatureError::Malformed("the Authorization header is too long"));
        }
        let (algorithm, fields) = value.split_once(' ').unwrap_or((value, ""));
        if algorithm.is_empty() {
            return Err(SignatureError::Malformed("the Authorization header names no algorithm"));
        }
        if algorithm != ALGORITHM {
            return Err(SignatureError::UnsupportedAlgorithm);
        }
        let (access_key, signed_headers, signature) =
            split_fields(fields).ok_or(SignatureError::Malformed("expected Access=…, SignedHeaders=…, Signature=…"))?;
        check_access_key(access_key)?;
        let signed_headers = SignedHeaders::parse(signed_headers)?;
        let signature = hex::decode_lower_case(signature.as_bytes())
            .ok_or(SignatureError::Malformed("the signature is not 64 lower-case hex digits"))?;
        Ok(Self { access_key, signed_headers, signature })
    }

    /// The access key whose secret is claimed to have signed.
    #[must_use]
    pub fn access_key(&self) -> &'a str {
        self.access_key
    }

    /// The headers that are signed.
    #[must_use]
    pub fn signed_headers(&self) -> SignedHeaders<'a> {
        self.signed_headers
    }

    pub(crate) fn signature(&self) -> &Sha256Bytes {
        &self.signature
    }
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("access_key", &self.access_key)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// Splits the three fields that follow the algorithm.
fn split_fields(fields: &str) -> Option<(&str, &str, &str)> {
    // None of the three may hold a comma, so the first one ends a field.
    let (access_key, rest) = fields.strip_prefix("Access=")?.split_once(',')?;
    let (signed_headers, rest) = rest.strip_prefix(" SignedHeaders=")?.split_once(',')?;
    Some((access_key, signed_headers, rest.strip_prefix(" Signature=")?))
}

/// Checks that an access key can stand in the header: printable, without blank or comma.
pub(crate) fn check_access_key(access_key: &str) -> Result<(), SignatureError> {
    let fits = (1..=MAX_ACCESS_KEY_BYTES).contains(&access_key.len())
        && access_key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    if fits { Ok(()) } else { Err(SignatureError::Malformed("the access key is not one")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "3d2e23f42cd7cc837b784aeb01a00202b426740d390f17830ff7b7e63fc08d08";

    fn header(access_key: &str, signed_headers: &str, signature: &str) -> String {
        format!(
            "SDK-HMAC-SHA256 Access={access_key}, SignedHeaders={signed_headers}, \
             Signature={signature}"
        )
    }

    #[test]
    fn reads_the_three_fields() {
        let text = header("AK1", "host;x-sdk-date", SIGNATURE);
        let authorization = Authorization::parse(&text).unwrap();
        assert_eq!(authorization.access_key(), "AK1");
        assert_eq!(authorization.signed_headers().as_str(), "host;x-sdk-date");
        assert_eq!(hex::encode(authorization.signature()), SIGNATURE.as_bytes());
        assert!(!format!("{authorization:?}").contains("61, 46"), "the signature is not shown");
    }

    #[test]
    fn other_algorithms_are_told_apart_from_bad_form() {
        let good = header("AK1", "x-sdk-date", SIGNATURE);
        for text in [
            good.replace("SHA256 ", "SM3 "),
            good.replace("SDK", "sdk"),
            good.replace("SHA256 ", "SHA256\t"),
            "Bearer abc".to_owned(),
            "Basic".to_owned(),
        ] {
            let refused = Authorization::parse(&text);
            assert_eq!(refused, Err(SignatureError::UnsupportedAlgorithm), "{text}");
        }
    }

    #[test]
    fn the_date_must_be_signed() {
        let text = header("AK1", "host", SIGNATURE);
        assert_eq!(Authorization::parse(&text), Err(SignatureError::MissingDate));
    }

    #[test]
    fn refuses_every_other_form() {
        let good = header("AK1", "x-sdk-date", SIGNATURE);
        assert!(Authorization::parse(&good).is_ok());
        for text in [
            String::new(),
            ALGORITHM.to_owned(),
            format!(" {good}"),
            format!("{good} "),
            format!("{good}, More=1"),
            good.replace(", ", ","),
            good.replace(", ", ",  "),
            good.replace(" Access", "  Access"),
            good.replace("Access", "Credential"),
            good.replace("SignedHeaders", "Signedheaders"),
            good.replace("Signature", "signature"),
            good.replace("Signature=", "Signature ="),
            header("", "x-sdk-date", SIGNATURE),
            header("A K", "x-sdk-date", SIGNATURE),
            header("A,K", "x-sdk-date", SIGNATURE),
            header("Ä", "x-sdk-date", SIGNATURE),
            header(&"A".repeat(MAX_ACCESS_KEY_BYTES + 1), "x-sdk-date", SIGNATURE),
            header("AK1", "X-Sdk-Date", SIGNATURE),
            header("AK1", "", SIGNATURE),
            header("AK1", "x-sdk-date", ""),
            header("AK1", "x-sdk-date", &SIGNATURE[2..]),
            header("AK1", "x-sdk-date", &format!("{SIGNATURE}00")),
            header("AK1", "x-sdk-date", &SIGNATURE.to_ascii_uppercase()),
            header("AK1", &("a".repeat(MAX_AUTHORIZATION_BYTES) + ";x-sdk-date"), SIGNATURE),
        ] {
            let refused = Authorization::parse(&text);
            assert!(matches!(refused, Err(SignatureError::Malformed(_))), "{text}: {refused:?}");
        }
    }
}
