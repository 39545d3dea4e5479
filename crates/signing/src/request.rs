//! What is signed of a request, as it stood on the wire.
//!
//! The parts are borrowed and raw: nothing is decoded before it comes here. Headers are reached
//! through [`HeaderSource`], so that a server can lend its own map. To cover one more part of a
//! request, add it to [`RequestParts`] and write it in `canonical.rs`.

use crate::{CONTENT_SHA256_HEADER, DATE_HEADER, Payload, SignatureError, SignedDate, UNSIGNED_PAYLOAD};

/// The raw parts of a request.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method as sent, for example `GET`.
    pub method: &'a str,
    /// The path as sent: percent-encoded, without query.
    pub path: &'a str,
    /// The query as sent, without the `?`; empty if there is none.
    pub query: &'a str,
    /// The headers; only the signed ones are read.
    pub headers: &'a dyn HeaderSource,
    /// The body, or its hash.
    pub payload: Payload<'a>,
}

impl RequestParts<'_> {
    /// The time of signing, from `X-Sdk-Date`.
    ///
    /// # Errors
    /// [`SignatureError::MissingDate`] without the header, [`SignatureError::BadDate`] if it is
    /// not one well-formed value.
    pub fn signed_date(&self) -> Result<SignedDate, SignatureError> {
        match self.headers.lookup(DATE_HEADER) {
            HeaderLookup::Absent => Err(SignatureError::MissingDate),
            HeaderLookup::Repeated => Err(SignatureError::BadDate),
            HeaderLookup::One(value) => SignedDate::parse(value.trim_ascii()),
        }
    }

    /// Whether the signature says nothing about the body, because a body was sent together with
    /// `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD`.
    ///
    /// The Python SDK does so for content types other than JSON. Such a body is only as safe as
    /// its transport, so the server decides whether to accept it.
    #[must_use]
    pub fn payload_is_unsigned(&self) -> bool {
        !self.payload.is_empty()
            && matches!(
                self.headers.lookup(CONTENT_SHA256_HEADER),
                HeaderLookup::One(value) if value.trim_ascii() == UNSIGNED_PAYLOAD.as_bytes()
            )
    }
}

/// What a look-up of one header finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLookup<'a> {
    /// The header was not sent.
    Absent,
    /// The header was sent once, with this value.
    One(&'a [u8]),
    /// The header was sent more than once.
    Repeated,
}

impl<'a> HeaderLookup<'a> {
    /// Judges all values that a request carries for one name.
    pub fn from_values(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Repeated,
        }
    }
}

/// A request's headers, by name.
pub trait HeaderSource {
    /// Finds a header. `name` is in lower case; the source compares without regard to case, and
    /// cheaply, because this is asked a handful of times per request.
    fn lookup(&self, name: &str) -> HeaderLookup<'_>;
}

/// Headers as a list of names and values, searched from the front: for a handful of them.
#[derive(Clone, Copy)]
pub struct HeaderPairs<'a, N, V>(pub &'a [(N, V)]);

impl<N: AsRef<str>, V: AsRef<[u8]>> HeaderSource for HeaderPairs<'_, N, V> {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        HeaderLookup::from_values(
            self.0
                .iter()
                .filter(|(found, _)| found.as_ref().eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_ref()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts<'a>(headers: &'a dyn HeaderSource, body: &'a [u8]) -> RequestParts<'a> {
        RequestParts { method: "POST", path: "/", query: "", headers, payload: Payload::Body(body) }
    }

    #[test]
    fn finds_names_in_any_case_and_notices_repeats() {
        let pairs = [("A", "1"), ("b", "2"), ("B", "2")];
        let headers = HeaderPairs(&pairs);
        assert_eq!(headers.lookup("a"), HeaderLookup::One(b"1"));
        assert_eq!(headers.lookup("b"), HeaderLookup::Repeated);
        assert_eq!(headers.lookup("c"), HeaderLookup::Absent);
    }

    #[test]
    fn the_date_is_one_header() {
        let date = ("X-Sdk-Date", "20250102T030405Z");
        let none: [(&str, &str); 0] = [];
        let signed_date = |pairs: &[(&str, &str)]| parts(&HeaderPairs(pairs), b"").signed_date();
        assert_eq!(signed_date(&[date]).unwrap().unix_seconds(), 1_735_787_045);
        assert_eq!(signed_date(&none), Err(SignatureError::MissingDate));
        assert_eq!(signed_date(&[date, date]), Err(SignatureError::BadDate));
        assert_eq!(signed_date(&[("x-sdk-date", "now")]), Err(SignatureError::BadDate));
    }

    #[test]
    fn a_payload_is_unsigned_only_if_there_is_one() {
        let unsigned = [("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")];
        assert!(parts(&HeaderPairs(&unsigned), b"text").payload_is_unsigned());
        assert!(!parts(&HeaderPairs(&unsigned), b"").payload_is_unsigned());
        let other = [("X-Sdk-Content-Sha256", "unsigned-payload")];
        assert!(!parts(&HeaderPairs(&other), b"text").payload_is_unsigned());
    }
}
