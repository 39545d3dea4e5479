//! The 27 requests recorded from the vendor's SDKs and the 22 cases derived from them.
//!
//! `signing-vectors.json` holds requests as they were on the wire, with fake credentials. Each
//! must be signed to the same bytes and verify; each derived case must verify or be refused for
//! the very reason it was made for.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use linkspan_signing::{
    Authorization, BodyHash, HeaderPairs, Payload, RequestParts, SignatureError, canonical_request, sign, verify,
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Recorded {
    vectors: Vec<Case>,
    derived_cases: Vec<Case>,
}

/// A vector or a derived case; the fields that only one of them has are optional.
#[derive(Deserialize)]
struct Case {
    name: String,
    access_key: String,
    secret_key: String,
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    unsigned_headers: BTreeMap<String, String>,
    body: String,
    body_sha256: String,
    authorization: String,
    canonical_request: Option<String>,
    expect: Option<String>,
    why: Option<String>,
    server_access_key: Option<String>,
    server_secret_key: Option<String>,
}

impl Case {
    /// Hands the request's parts on, as a server would see them.
    fn with_parts<T>(&self, use_parts: impl FnOnce(&RequestParts<'_>) -> T) -> T {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let pairs: Vec<_> = self.headers.iter().chain(&self.unsigned_headers).collect();
        use_parts(&RequestParts {
            method: &self.method,
            path,
            query,
            headers: &HeaderPairs(&pairs),
            payload: Payload::Body(self.body.as_bytes()),
        })
    }

    /// Verifies against the server's keys; an unknown access key has no secret.
    fn verified(&self) -> Result<(), Refusal> {
        let authorization = Authorization::parse(&self.authorization)?;
        let known = self.server_access_key.as_ref().unwrap_or(&self.access_key);
        if authorization.access_key() != known {
            return Err(Refusal::UnknownKey);
        }
        let secret = self.server_secret_key.as_ref().unwrap_or(&self.secret_key);
        Ok(self.with_parts(|parts| verify(parts, &authorization, secret.as_bytes()))?)
    }
}

/// Why a server that knows one key refuses a request.
#[derive(Debug, PartialEq)]
enum Refusal {
    UnknownKey,
    Signature(SignatureError),
}

impl From<SignatureError> for Refusal {
    fn from(error: SignatureError) -> Self {
        Self::Signature(error)
    }
}

fn recorded() -> Recorded {
    serde_json::from_str(include_str!("signing-vectors.json")).unwrap()
}

#[test]
fn every_vector_has_the_recorded_canonical_request_and_verifies() {
    let vectors = recorded().vectors;
    assert_eq!(vectors.len(), 27);
    for case in vectors {
        let authorization = Authorization::parse(&case.authorization).unwrap();
        let text = case.with_parts(|parts| canonical_request(parts, authorization.signed_headers())).unwrap();
        assert_eq!(Some(text.as_str()), case.canonical_request.as_deref(), "{}", case.name);
        assert_eq!(case.verified(), Ok(()), "{}", case.name);
    }
}

#[test]
fn signing_gives_the_recorded_header() {
    for case in recorded().vectors {
        let authorization = Authorization::parse(&case.authorization).unwrap();
        let names: Vec<_> = authorization.signed_headers().names().collect();
        let header = case.with_parts(|parts| sign(parts, &names, &case.access_key, case.secret_key.as_bytes()));
        assert_eq!(header.as_ref(), Ok(&case.authorization), "{}", case.name);
    }
}

#[test]
fn bodies_have_the_recorded_hash() {
    let mut unsigned = 0;
    for case in recorded().vectors {
        let hash = BodyHash::of(case.body.as_bytes());
        assert!(hash.is_hex(case.body_sha256.as_bytes()), "{}", case.name);
        unsigned += usize::from(case.with_parts(|parts| parts.payload_is_unsigned()));
    }
    assert_eq!(unsigned, 1, "one vector leaves its body out");
}

/// Whether a refusal is the one that a derived case was made for.
fn is_the_reason(why: &str, refusal: &Refusal) -> bool {
    use SignatureError as E;
    match (why, refusal) {
        ("server does not know the key", Refusal::UnknownKey) => true,
        ("X-Sdk-Date missing", Refusal::Signature(E::MissingDate)) => true,
        ("a header named in SignedHeaders is missing", Refusal::Signature(E::MissingSignedHeader(name))) => {
            name == "x-security-token"
        }
        ("signature cut short", Refusal::Signature(E::Malformed(what))) => what.contains("64 lower-case hex"),
        ("unsupported algorithm name", Refusal::Signature(E::UnsupportedAlgorithm)) => true,
        (
            "one byte of the body differs"
            | "query value differs"
            | "one more query pair"
            | "another project in the path"
            | "method differs"
            | "X-Project-Id is signed by the Python SDK"
            | "Host is signed by the Python SDK"
            | "server has another secret"
            | "golangsdk signs User-Agent: a proxy that rewrites it breaks the signature",
            Refusal::Signature(E::Mismatch { .. }),
        ) => true,
        _ => false,
    }
}

#[test]
fn every_derived_case_is_accepted_or_refused_for_its_reason() {
    let cases = recorded().derived_cases;
    assert_eq!(cases.len(), 22);
    for case in cases {
        let why = case.why.as_deref().unwrap();
        match (case.expect.as_deref(), case.verified()) {
            (Some("valid-signature"), Ok(())) => {}
            (Some("invalid-signature"), Err(refusal)) => {
                assert!(is_the_reason(why, &refusal), "{}: {why}: {refusal:?}", case.name);
            }
            (expected, got) => panic!("{}: {why}: {got:?}, not {expected:?}", case.name),
        }
    }
}
