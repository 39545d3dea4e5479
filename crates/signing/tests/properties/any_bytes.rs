//! Nothing panics, whatever comes in.

use linkspan_signing::{Authorization, SignedDate, check_window, sign, verify};
use proptest::prelude::*;

use crate::samples::anything;

/// Header values from well-formed to noise, so that every step of the parser is reached.
fn authorization() -> impl Strategy<Value = String> {
    let list = prop_oneof![
        Just("x-sdk-date".to_owned()),
        "[a-z;-]{0,20}".prop_map(|names| format!("{names};x-sdk-date")),
        any::<String>()
    ];
    let signature = prop_oneof!["[0-9a-f]{64}", "[0-9a-fA-F]{60,68}", any::<String>()];
    let formed = ("[!-~]{0,20}", list, signature).prop_map(|(key, list, signature)| {
        format!("SDK-HMAC-SHA256 Access={key}, SignedHeaders={list}, Signature={signature}")
    });
    let cut = (formed, any::<prop::sample::Index>(), any::<Option<char>>());
    prop_oneof![
        // Mostly whole, sometimes cut off somewhere and continued with another character.
        4 => cut.clone().prop_map(|(text, ..)| text),
        2 => cut.prop_map(|(text, at, instead)| {
            let kept = at.index(text.chars().count());
            text.chars().take(kept).chain(instead).collect()
        }),
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn no_request_panics(
        sample in anything(), header in authorization(), secret in any::<Vec<u8>>(),
        now in any::<i64>(),
    ) {
        sample.with_parts(|parts| {
            let _ = parts.payload_is_unsigned();
            if let Ok(date) = parts.signed_date() {
                let _ = check_window(date, now);
            }
            let _ = sign(parts, &sample.names(), &header, &secret);
            // Nobody signed anything here, so nothing may verify.
            if let Ok(authorization) = Authorization::parse(&header) {
                assert!(verify(parts, &authorization, &secret).is_err());
            }
        });
    }

    #[test]
    fn no_date_panics(text in any::<Vec<u8>>(), digits in "[0-9]{8}T[0-9]{6}Z", at in any::<i64>()) {
        let _ = SignedDate::parse(&text);
        if let Ok(date) = SignedDate::parse(digits.as_bytes()) {
            prop_assert_eq!(date.to_string(), digits);
            prop_assert_eq!(SignedDate::from_unix_seconds(date.unix_seconds()), Ok(date));
        }
        let _ = SignedDate::from_unix_seconds(at);
    }
}
