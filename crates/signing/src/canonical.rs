//! The canonical request: the one spelling of a request that both sides sign.
//!
//! ```text
//! METHOD
//! path, decoded and encoded anew, with a slash at its end
//! query, decoded, sorted and encoded anew, name= even without value
//! name:value of each signed header, in the list's order
//! (an empty line)
//! the list of signed headers, as sent
//! hash of the body, or what X-Sdk-Content-Sha256 says
//! ```
//!
//! No part can hold a line break, so no two different requests share a canonical request: path and
//! query are escaped, the others are checked. All of it goes into one buffer, allocated once.

use std::fmt;

use crate::percent::Component;
use crate::{HeaderLookup, RequestParts, SignatureError, SignedHeaders, payload};

/// Room for the parts whose size is not known beforehand: more than the SDKs' requests need.
const ROOM_FOR_HEADERS: usize = 512;

/// The canonical request as text, to find out by eye where two sides differ.
///
/// It holds the values of signed headers, which may be tokens: show it to the caller who sent
/// them, not to a log. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct CanonicalRequest(String);

impl CanonicalRequest {
    /// Takes the bytes over; what is not UTF-8 in a header's value becomes U+FFFD.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(
            String::from_utf8(bytes).unwrap_or_else(|refused| String::from_utf8_lossy(refused.as_bytes()).into_owned()),
        )
    }

    /// The text, its parts separated by line feeds.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CanonicalRequest({} bytes)", self.0.len())
    }
}

/// The canonical request of some parts, for a client or a tool that wants to see it.
///
/// # Errors
/// As [`verify`](crate::verify), without those that concern the signature or its time.
pub fn canonical_request(
    parts: &RequestParts<'_>,
    signed_headers: SignedHeaders<'_>,
) -> Result<CanonicalRequest, SignatureError> {
    build(parts, signed_headers).map(CanonicalRequest::from_bytes)
}

/// The bytes that are hashed.
pub(crate) fn build(parts: &RequestParts<'_>, signed_headers: SignedHeaders<'_>) -> Result<Vec<u8>, SignatureError> {
    if parts.method.is_empty() || !parts.method.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SignatureError::Malformed("the method is not one"));
    }
    let capacity = ROOM_FOR_HEADERS + parts.path.len() + parts.query.len();
    let mut out = Vec::with_capacity(capacity);
    out.extend_from_slice(parts.method.as_bytes());
    out.push(b'\n');
    write_path(&mut out, parts.path.as_bytes());
    out.push(b'\n');
    write_query(&mut out, parts.query.as_bytes());
    out.push(b'\n');
    write_headers(&mut out, parts, signed_headers)?;
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_str().as_bytes());
    out.push(b'\n');
    payload::write_line(&mut out, parts)?;
    Ok(out)
}

/// Writes the path; the SDKs append a slash for the signature only.
fn write_path(out: &mut Vec<u8>, path: &[u8]) {
    Component::Path.write(out, path);
    if out.last() != Some(&b'/') {
        out.push(b'/');
    }
}

/// Writes the query's pairs, sorted by their decoded names, then values.
fn write_query(out: &mut Vec<u8>, query: &[u8]) {
    // Clients send their pairs sorted, as they signed them; only others pay for a list.
    if pairs(query).is_sorted_by(|left, right| compare(left, right).is_le()) {
        write_pairs(out, pairs(query));
    } else {
        let mut sorted: Vec<_> = pairs(query).collect();
        sorted.sort_unstable_by(compare);
        write_pairs(out, sorted.into_iter());
    }
}

/// A name and a value of the query, still encoded.
type RawPair<'a> = (&'a [u8], &'a [u8]);

/// Splits a query into its pairs. Items without any character are no pairs; a name without `=` has
/// the empty value.
fn pairs(query: &[u8]) -> impl Iterator<Item = RawPair<'_>> {
    query.split(|byte| *byte == b'&').filter(|item| !item.is_empty()).map(|item| {
        let mut halves = item.splitn(2, |byte| *byte == b'=');
        (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
    })
}

/// Orders pairs by their decoded bytes, without decoding more than it takes to tell them apart.
fn compare(left: &RawPair<'_>, right: &RawPair<'_>) -> std::cmp::Ordering {
    let decode = |raw| Component::Query.decode(raw);
    decode(left.0).cmp(decode(right.0)).then_with(|| decode(left.1).cmp(decode(right.1)))
}

fn write_pairs<'a>(out: &mut Vec<u8>, pairs: impl Iterator<Item = RawPair<'a>>) {
    for (position, (name, value)) in pairs.enumerate() {
        if position > 0 {
            out.push(b'&');
        }
        Component::Query.write(out, name);
        out.push(b'=');
        Component::Query.write(out, value);
    }
}

/// Writes a line for each signed header.
fn write_headers(
    out: &mut Vec<u8>,
    parts: &RequestParts<'_>,
    signed_headers: SignedHeaders<'_>,
) -> Result<(), SignatureError> {
    for name in signed_headers.names() {
        let value = match parts.headers.lookup(name) {
            HeaderLookup::One(value) => value.trim_ascii(),
            HeaderLookup::Absent => {
                return Err(SignatureError::MissingSignedHeader(name.to_owned()));
            }
            HeaderLookup::Repeated => {
                return Err(SignatureError::RepeatedSignedHeader(name.to_owned()));
            }
        };
        if value.iter().any(|byte| matches!(byte, b'\n' | b'\r' | b'\0')) {
            return Err(SignatureError::Malformed("a signed header's value breaks the line"));
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        out.extend_from_slice(value);
        out.push(b'\n');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HeaderPairs, Payload};

    fn query(raw: &str) -> String {
        let mut out = Vec::new();
        write_query(&mut out, raw.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn queries_are_sorted_by_decoded_bytes() {
        for (raw, expected) in [
            ("", ""),
            ("&&", ""),
            ("a", "a="),
            ("=", "="),
            ("a==", "a=%3D"),
            ("b=1&&a=2&", "a=2&b=1"),
            ("a=2&a=10&a=", "a=&a=10&a=2"),
            ("b=&%61=&B=", "B=&a=&b="),
            // As they are sent, `%7e` is before `a`; decoded, `~` is after it.
            ("%7e=1&a=1", "a=1&~=1"),
            ("a~=1&a%20=1&a+=0&a=9", "a=9&a%20=0&a%20=1&a~=1"),
        ] {
            assert_eq!(query(raw), expected, "{raw}");
        }
    }

    #[test]
    fn paths_end_with_one_slash() {
        for (raw, expected) in [("", "/"), ("/", "/"), ("/a", "/a/"), ("/a/", "/a/"), ("/a%2f", "/a/"), ("//", "//")] {
            let mut out = Vec::new();
            write_path(&mut out, raw.as_bytes());
            assert_eq!(out, expected.as_bytes(), "{raw}");
        }
    }

    fn signed(pairs: &[(&str, &[u8])], list: &str) -> Result<CanonicalRequest, SignatureError> {
        let headers = HeaderPairs(pairs);
        let payload = Payload::Body(b"");
        let parts = RequestParts { method: "GET", path: "/", query: "", headers: &headers, payload };
        canonical_request(&parts, SignedHeaders::parse(list).unwrap())
    }

    #[test]
    fn headers_are_trimmed_and_in_the_order_of_the_list() {
        let pairs: [(&str, &[u8]); 2] = [("A", b" \t1  2 "), ("X-Sdk-Date", b"d")];
        let text = signed(&pairs, "x-sdk-date;a").unwrap();
        let expected = "GET\n/\n\nx-sdk-date:d\na:1  2\n\nx-sdk-date;a\n";
        assert!(text.as_str().starts_with(expected), "{}", text.as_str());
        assert_eq!(format!("{text:?}"), "CanonicalRequest(105 bytes)");
    }

    #[test]
    fn a_signed_header_is_there_exactly_once_and_on_one_line() {
        let list = "a;x-sdk-date";
        let date: (&str, &[u8]) = ("x-sdk-date", b"d");
        assert_eq!(signed(&[date], list), Err(SignatureError::MissingSignedHeader("a".into())));
        let twice = signed(&[date, ("a", b"1"), ("A", b"1")], list);
        assert_eq!(twice, Err(SignatureError::RepeatedSignedHeader("a".into())));
        for value in [&b"1\nb:2"[..], b"1\r2", b"1\x002"] {
            let refused = signed(&[date, ("a", value)], list);
            assert!(matches!(refused, Err(SignatureError::Malformed(_))));
        }
    }

    #[test]
    fn a_method_is_one_word() {
        let headers = HeaderPairs(&[("x-sdk-date", "d")]);
        for method in ["", "GET\n/", "G T", "GÉT"] {
            let payload = Payload::Body(b"");
            let parts = RequestParts { method, path: "/", query: "", headers: &headers, payload };
            let refused = canonical_request(&parts, SignedHeaders::parse("x-sdk-date").unwrap());
            assert!(matches!(refused, Err(SignatureError::Malformed(_))), "{method}");
        }
    }
}
