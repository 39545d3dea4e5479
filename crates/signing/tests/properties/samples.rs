//! Random requests.

use linkspan_signing::{HeaderPairs, Payload, RequestParts};
use proptest::collection::vec;
use proptest::prelude::*;

/// The date that every sample carries.
pub(crate) const DATE: &str = "20250102T030405Z";

/// A request with its own parts, so that one of them can be changed.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Sample {
    /// Lends the parts.
    pub(crate) fn with_parts<T>(&self, use_parts: impl FnOnce(&RequestParts<'_>) -> T) -> T {
        use_parts(&RequestParts {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &HeaderPairs(&self.headers),
            payload: Payload::Body(&self.body),
        })
    }

    /// The names of all headers.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// Text made of characters that mean something to some step, and of some that do not.
fn target_text(extra: &'static str) -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => "[a-zA-Z0-9._~-]{1,3}",
        2 => "%[0-9a-fA-F]{2}",
        1 => "%[0-9a-zG%]{0,2}",
        1 => "[*!'():,@$;连é \u{0}\u{7f}]",
        2 => prop::sample::select(extra.chars().map(String::from).collect::<Vec<_>>()),
    ];
    vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

/// A header that can be signed: a name in mixed case, a value on one line.
fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let value = vec(any::<u8>().prop_filter("on one line", |b| !b"\n\r\0".contains(b)), 0..20);
    ("[a-wA-W][a-wA-W0-9_-]{0,8}", value)
}

/// A request that can be signed, with distinct headers and `X-Sdk-Date` among them.
pub(crate) fn signable() -> impl Strategy<Value = Sample> {
    let headers = vec(header(), 0..5).prop_map(|mut headers| {
        headers.push(("X-Sdk-Date".to_owned(), DATE.into()));
        headers.sort_by_key(|(name, _)| name.to_ascii_lowercase());
        headers.dedup_by_key(|(name, _)| name.to_ascii_lowercase());
        headers
    });
    ("[A-Z]{1,8}", target_text("/+"), target_text("&=+/"), headers, vec(any::<u8>(), 0..40)).prop_map(
        |(method, path, query, headers, body)| {
            let path = format!("/{path}");
            Sample { method, path, query, headers, body }
        },
    )
}

/// Anything at all in the shape of a request.
pub(crate) fn anything() -> impl Strategy<Value = Sample> {
    let name = prop_oneof![Just("x-sdk-date".to_owned()), Just("X-Sdk-Content-Sha256".to_owned()), any::<String>()];
    let value = prop_oneof![
        Just(DATE.as_bytes().to_vec()),
        Just(b"UNSIGNED-PAYLOAD".to_vec()),
        "[0-9a-fA-F]{64}".prop_map(String::into_bytes),
        "[0-9T]{15}Z".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..40)
    ];
    let text = || prop_oneof![any::<String>(), target_text("&=+/")];
    let method = prop_oneof![Just("GET".to_owned()), any::<String>()];
    (method, text(), text(), vec((name, value), 0..5), vec(any::<u8>(), 0..40))
        .prop_map(|(method, path, query, headers, body)| Sample { method, path, query, headers, body })
}
