//! The list of signed headers, `a;b;c`.
//!
//! It is used in the order in which it was sent: the SDKs sort it, and another order is another
//! signature. The only header that must be in it is `x-sdk-date`; what else is signed differs from
//! client to client (the Terraform provider does not even sign `host`).

use crate::{DATE_HEADER, SignatureError};

/// How many headers may be signed.
pub const MAX_SIGNED_HEADERS: usize = 64;

/// A checked list of signed headers: names in lower case, `x-sdk-date` among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedHeaders<'a>(&'a str);

impl<'a> SignedHeaders<'a> {
    /// Reads `a;b;c`.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] if a name is empty, not in lower case or not a header's name,
    /// or if there are more than [`MAX_SIGNED_HEADERS`]; [`SignatureError::MissingDate`] if
    /// `x-sdk-date` is not among them.
    pub fn parse(text: &'a str) -> Result<Self, SignatureError> {
        let mut dated = false;
        for (position, name) in text.split(';').enumerate() {
            if position == MAX_SIGNED_HEADERS {
                return Err(SignatureError::Malformed("too many signed headers"));
            }
            if name.is_empty() || !name.bytes().all(is_name_byte) {
                return Err(SignatureError::Malformed("a signed header's name is not one"));
            }
            dated |= name == DATE_HEADER;
        }
        if dated { Ok(Self(text)) } else { Err(SignatureError::MissingDate) }
    }

    /// The list as sent.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.0
    }

    /// The names, in the order in which they were sent.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.split(';')
    }
}

/// Whether a byte may stand in a header's name (RFC 9110, `tchar`), in lower case.
const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase()
        || byte.is_ascii_digit()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_as_sent() {
        let list = SignedHeaders::parse("x-sdk-date;host;a_b").unwrap();
        assert_eq!(list.names().collect::<Vec<_>>(), ["x-sdk-date", "host", "a_b"]);
        assert_eq!(list.as_str(), "x-sdk-date;host;a_b");
    }

    #[test]
    fn demands_the_date() {
        for text in ["host", "x-sdk-date2", "host;x-sdk-dat"] {
            assert_eq!(SignedHeaders::parse(text), Err(SignatureError::MissingDate));
        }
    }

    #[test]
    fn refuses_what_is_not_a_name() {
        for text in ["", ";", "x-sdk-date;", ";x-sdk-date", "X-Sdk-Date", "x-sdk-date;a b", "x-sdk-date;é"] {
            let refused = SignedHeaders::parse(text);
            assert!(matches!(refused, Err(SignatureError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn bounds_their_number() {
        let mut text = "a;".repeat(MAX_SIGNED_HEADERS - 1) + DATE_HEADER;
        assert!(SignedHeaders::parse(&text).is_ok());
        text.push_str(";a");
        assert!(SignedHeaders::parse(&text).is_err());
    }
}
