//! What is signed verifies, and nothing else does.

use linkspan_signing::{
    Authorization, BodyHash, Payload, RequestParts, SignatureError, SigningKey, sign, verify, verify_with_key,
};
use proptest::prelude::*;

use crate::samples::{Sample, signable};

const SECRET: &[u8] = b"FakeSecretKey";

fn signed(sample: &Sample) -> String {
    sample.with_parts(|parts| sign(parts, &sample.names(), "AK1", SECRET)).unwrap()
}

fn verified(sample: &Sample, header: &str) -> Result<(), SignatureError> {
    let authorization = Authorization::parse(header)?;
    sample.with_parts(|parts| verify(parts, &authorization, SECRET))
}

/// One change to a signed request.
#[derive(Debug, Clone, Copy)]
enum Change {
    Method,
    Path,
    Query,
    Header,
    Date,
    Body,
}

/// Changes the request's meaning, not only its spelling. `which` picks the header.
fn changed(sample: &Sample, change: Change, which: prop::sample::Index) -> Sample {
    let mut sample = sample.clone();
    match change {
        Change::Method => sample.method.push('X'),
        // No hexadecimal digit, so that a `%` before it stays what it is.
        Change::Path => sample.path.push('x'),
        Change::Query => sample.query.push_str("&x"),
        Change::Header => {
            let count = sample.headers.len();
            sample.headers[which.index(count)].1.push(b'5');
        }
        Change::Date => {
            let date = sample.headers.iter_mut().find(|(name, _)| name == "X-Sdk-Date").unwrap();
            date.1 = b"20250102T030406Z".to_vec();
        }
        Change::Body => sample.body.push(b'x'),
    }
    sample
}

fn change() -> impl Strategy<Value = Change> {
    use Change::{Body, Date, Header, Method, Path, Query};
    prop::sample::select(vec![Method, Path, Query, Header, Date, Body])
}

proptest! {
    #[test]
    fn a_signed_request_verifies(sample in signable()) {
        prop_assert_eq!(verified(&sample, &signed(&sample)), Ok(()));
    }

    #[test]
    fn a_hashed_body_and_a_kept_key_are_the_same(sample in signable()) {
        let header = signed(&sample);
        let authorization = Authorization::parse(&header).unwrap();
        let payload = Payload::Hashed(BodyHash::of(&sample.body));
        let result = sample.with_parts(|parts| {
            let parts = RequestParts { payload, ..*parts };
            verify_with_key(&parts, &authorization, &SigningKey::new(SECRET))
        });
        prop_assert_eq!(result, Ok(()));
    }

    #[test]
    fn a_changed_request_is_refused(
        sample in signable(), change in change(), which in any::<prop::sample::Index>(),
    ) {
        let other = changed(&sample, change, which);
        prop_assert!(verified(&other, &signed(&sample)).is_err());
    }

    #[test]
    fn a_changed_signature_is_refused(sample in signable(), at in 0_usize..64, by in 1_u32..16) {
        let header = signed(&sample);
        let at = header.len() - 64 + at;
        let digit = header[at..=at].chars().next().unwrap().to_digit(16).unwrap() ^ by;
        let digit = char::from_digit(digit, 16).unwrap();
        let forged = format!("{}{digit}{}", &header[..at], &header[at + 1..]);
        let is_mismatch = matches!(
            verified(&sample, &forged), Err(SignatureError::Mismatch { .. })
        );
        prop_assert!(is_mismatch);
    }

    #[test]
    fn another_secret_is_refused(sample in signable(), secret in any::<Vec<u8>>()) {
        // HMAC pads a key with zeros, so a secret that goes on with zeros is the same one.
        prop_assume!(!secret.starts_with(SECRET));
        let header = signed(&sample);
        let authorization = Authorization::parse(&header).unwrap();
        prop_assert!(sample.with_parts(|parts| verify(parts, &authorization, &secret)).is_err());
    }

    #[test]
    fn another_list_of_signed_headers_is_refused(sample in signable()) {
        let mut more = sample.clone();
        more.headers.push(("z".to_owned(), b"1".to_vec()));
        let header = signed(&more);
        prop_assert_eq!(
            verified(&sample, &header), Err(SignatureError::MissingSignedHeader("z".to_owned()))
        );
        let shorter = header.replace(";z", "");
        let is_mismatch = matches!(
            verified(&more, &shorter), Err(SignatureError::Mismatch { .. })
        );
        prop_assert!(is_mismatch);
        more.headers.push(("Z".to_owned(), b"1".to_vec()));
        prop_assert_eq!(
            verified(&more, &header), Err(SignatureError::RepeatedSignedHeader("z".to_owned()))
        );
    }
}
