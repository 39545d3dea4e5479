//! The canonical request against a second, plain one that decodes everything into lists.

use linkspan_signing::{BodyHash, SignedHeaders, canonical_request};
use proptest::prelude::*;

use crate::samples::{Sample, signable};

/// Decodes `%` followed by two digits, and `+` if it stands for a blank.
fn decoded(raw: &str, plus_is_blank: bool) -> Vec<u8> {
    let raw = raw.as_bytes();
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let digits = raw.get(at + 1..at + 3).filter(|text| text.iter().all(u8::is_ascii_hexdigit));
        match (raw[at], digits) {
            (b'%', Some(digits)) => {
                let digits = std::str::from_utf8(digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                at += 2;
            }
            (b'+', _) if plus_is_blank => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
        at += 1;
    }
    bytes
}

/// Encodes all that is not unreserved.
fn encoded(bytes: &[u8]) -> String {
    let escape = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    bytes.iter().map(escape).collect()
}

fn path(raw: &str) -> String {
    let decoded = decoded(raw, false);
    let segments: Vec<_> = decoded.split(|byte| *byte == b'/').map(encoded).collect();
    let joined = segments.join("/");
    if joined.ends_with('/') { joined } else { joined + "/" }
}

fn query(raw: &str) -> String {
    let mut pairs: Vec<_> = raw
        .split('&')
        .filter(|item| !item.is_empty())
        .map(|item| item.split_once('=').unwrap_or((item, "")))
        .map(|(name, value)| (decoded(name, true), decoded(value, true)))
        .collect();
    pairs.sort();
    let items: Vec<_> = pairs.iter().map(|(n, v)| encoded(n) + "=" + &encoded(v)).collect();
    items.join("&")
}

/// The canonical request without its last line.
fn canonical(sample: &Sample, list: &str) -> String {
    let mut text = format!("{}\n{}\n{}\n", sample.method, path(&sample.path), query(&sample.query));
    for name in list.split(';') {
        let (_, value) = sample.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).unwrap();
        text += &format!("{name}:{}\n", String::from_utf8_lossy(value.trim_ascii()));
    }
    text + "\n" + list + "\n"
}

proptest! {
    #[test]
    fn both_give_the_same_text(sample in signable()) {
        let list = sample.names().join(";").to_ascii_lowercase();
        let signed_headers = SignedHeaders::parse(&list).unwrap();
        let text = sample.with_parts(|parts| canonical_request(parts, signed_headers)).unwrap();
        let (head, hash) = text.as_str().rsplit_once('\n').unwrap();
        prop_assert_eq!(head.to_owned() + "\n", canonical(&sample, &list));
        prop_assert!(BodyHash::of(&sample.body).is_hex(hash.as_bytes()));
    }
}
