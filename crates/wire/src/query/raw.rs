use std::borrow::Cow;

use crate::error::ApiError;
use crate::words::Words;

/// A raw query string (what follows `?`), looked up by parameter name.
#[derive(Debug, Clone, Copy)]
pub struct Query<'q>(&'q str);

impl<'q> Query<'q> {
    /// The query as it came, without the `?`.
    #[must_use]
    pub fn new(raw: &'q str) -> Self {
        Self(raw)
    }

    /// The decoded value of the first parameter of this name; an empty value counts as absent.
    ///
    /// # Errors
    /// 400 `DLI.0001` if the value is not UTF-8 once decoded.
    pub fn get(self, name: &str) -> Result<Option<Cow<'q, str>>, ApiError> {
        // Over bytes: looking for a character in a text costs several times as much, and every list asks six times.
        let first = self.0.as_bytes().split(|byte| *byte == b'&').find_map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (key, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            (*decode(key) == *name.as_bytes()).then_some(value)
        });
        let Some(raw) = first else { return Ok(None) };
        let value = match decode(raw) {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        };
        match value {
            None => Err(ApiError::invalid(format!("{name} is not valid UTF-8 once percent-decoded"))),
            Some(value) if value.is_empty() => Ok(None),
            Some(value) => Ok(Some(value)),
        }
    }

    /// A parameter that is `true` or `false`, in any letter case.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value.
    pub fn bool(self, name: &str) -> Result<Option<bool>, ApiError> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        if value.eq_ignore_ascii_case("true") {
            Ok(Some(true))
        } else if value.eq_ignore_ascii_case("false") {
            Ok(Some(false))
        } else {
            Err(bad(name, "true or false", &value))
        }
    }
}

impl Query<'_> {
    /// One of the words of `W`, in any letter case.
    pub(super) fn word<W: Words>(self, name: &str) -> Result<Option<W>, ApiError> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let fault = || bad(name, &format!("one of {}", W::list()), &value);
        W::read_any_case(&value).map(Some).ok_or_else(fault)
    }
}

/// A fault that names the parameter, what it may be, and what was sent.
pub(super) fn bad(name: &str, expected: &str, value: &str) -> ApiError {
    ApiError::invalid(format!("{name} must be {expected}, got {}", crate::quote::Quoted(value)))
}

/// Decodes `+` and percent escapes; `%` without two hex digits stays as it is.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(bytes);
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let (tail, byte) = match (first, after) {
            (b'+', _) => (after, b' '),
            (b'%', [high, low, tail @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (tail, high << 4 | low),
                _ => (after, b'%'),
            },
            (byte, _) => (after, *byte),
        };
        decoded.push(byte);
        rest = tail;
    }
    Cow::Owned(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_escapes_and_stray_percent_signs() {
        for (raw, decoded) in [
            ("a+b%20c", "a b c"),
            ("%2B%2b", "++"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz%41", "%zzA"),
            ("100%25", "100%"),
            ("%E8%BF%9E", "连"),
        ] {
            assert_eq!(decode(raw.as_bytes()), decoded.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn the_first_counts_and_names_are_decoded_too() {
        let query = Query::new("b=1&%61=x%26y&a=2&&c&d=");
        assert_eq!(query.get("a").unwrap().unwrap(), "x&y");
        assert_eq!(query.get("c").unwrap(), None);
        assert_eq!(query.get("d").unwrap(), None);
        assert_eq!(query.get("e").unwrap(), None);
        assert_eq!(Query::new("a=&a=1").get("a").unwrap(), None);
    }

    #[test]
    fn invalid_utf8_is_a_fault_only_where_it_is_read() {
        let query = Query::new("x=%ff&%ff=1&name=%e8");
        assert!(query.get("y").unwrap().is_none());
        assert_eq!(query.get("name").unwrap_err().message(), "name is not valid UTF-8 once percent-decoded");
    }

    #[test]
    fn booleans() {
        let query = Query::new("a=true&b=FALSE&c=1");
        assert_eq!((query.bool("a").unwrap(), query.bool("b").unwrap()), (Some(true), Some(false)));
        assert_eq!(query.bool("c").unwrap_err().message(), "c must be true or false, got \"1\"");
        assert_eq!(query.bool("d").unwrap(), None);
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(value in any::<String>()) {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let query = format!("k={encoded}");
            prop_assert_eq!(Query::new(&query).get("k").unwrap().unwrap_or_default(), value);
        }

        #[test]
        fn anything_is_decoded(raw in any::<String>()) {
            prop_assert!(decode(raw.as_bytes()).len() <= raw.len());
            let _ = Query::new(&raw).get("limit");
        }
    }
}
