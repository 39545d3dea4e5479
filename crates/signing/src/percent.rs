//! Percent-encoding, decoded and encoded anew in one pass.
//!
//! Clients sign another spelling than they send (`*` on the wire, `%2A` in the signature;
//! lower-case digits on the wire, upper-case in the signature), so nothing is copied that is not
//! unreserved. A `%` without two hexadecimal digits is a literal percent sign. Bytes need not be
//! UTF-8. Nothing is allocated but the output.

use crate::hex::digit_value;

/// Which part of a target is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Component {
    /// A whole path: `/` separates, whether it came as such or as `%2F`; `+` is itself.
    Path,
    /// A name or value of the query: `+` is a blank, `/` is escaped.
    Query,
}

impl Component {
    /// Whether a byte stands for itself, on the wire as in the canonical request.
    const fn keeps(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'~')
            || (byte == b'/' && matches!(self, Self::Path))
    }

    /// Splits the first decoded byte off.
    fn split_first(self, raw: &[u8]) -> Option<(u8, &[u8])> {
        match raw {
            [b'%', high, low, rest @ ..] => match (digit_value(*high), digit_value(*low)) {
                (Some(high), Some(low)) => Some((high << 4 | low, rest)),
                _ => raw.split_first().map(|(byte, rest)| (*byte, rest)),
            },
            [b'+', rest @ ..] if self == Self::Query => Some((b' ', rest)),
            [byte, rest @ ..] => Some((*byte, rest)),
            [] => None,
        }
    }

    /// The decoded bytes.
    pub(crate) fn decode(self, raw: &[u8]) -> impl Iterator<Item = u8> {
        let mut rest = raw;
        std::iter::from_fn(move || {
            let (byte, after) = self.split_first(rest)?;
            rest = after;
            Some(byte)
        })
    }

    /// Decodes and encodes anew: unreserved characters as they are, all else as `%` and two
    /// upper-case digits.
    pub(crate) fn write(self, out: &mut Vec<u8>, raw: &[u8]) {
        let stays = match self {
            Self::Path => &KEPT_IN_PATHS,
            Self::Query => &KEPT_IN_QUERIES,
        };
        let mut rest = raw;
        loop {
            let kept = rest.iter().take_while(|byte| stays.get(usize::from(**byte)) == Some(&true)).count();
            let (plain, after) = rest.split_at(kept);
            out.extend_from_slice(plain);
            let Some((byte, after)) = self.split_first(after) else {
                return;
            };
            if self.keeps(byte) {
                out.push(byte);
            } else {
                out.extend_from_slice(&[b'%', upper_digit(byte >> 4), upper_digit(byte & 0x0f)]);
            }
            rest = after;
        }
    }
}

/// The upper-case text of one half byte.
/// What each component keeps, looked up: a path is a hundred bytes, and every request has one.
static KEPT_IN_PATHS: [bool; 256] = kept_by(Component::Path);
static KEPT_IN_QUERIES: [bool; 256] = kept_by(Component::Query);

const fn kept_by(component: Component) -> [bool; 256] {
    let mut kept = [false; 256];
    let mut byte = u8::MIN;
    let mut rest: &mut [bool] = &mut kept;
    while let Some((first, others)) = rest.split_first_mut() {
        *first = component.keeps(byte);
        byte = byte.wrapping_add(1);
        rest = others;
    }
    kept
}

const fn upper_digit(half_byte: u8) -> u8 {
    match half_byte {
        0..=9 => b'0' + half_byte,
        _ => b'A' + (half_byte & 0x0f) - 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(component: Component, raw: &str) -> String {
        let mut out = Vec::new();
        component.write(&mut out, raw.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_query_is_spelled_in_one_way() {
        for (raw, expected) in [
            ("azAZ09-_.~", "azAZ09-_.~"),
            ("%61%7a%7E", "az~"),
            ("*!'()/:,", "%2A%21%27%28%29%2F%3A%2C"),
            ("a+b%20c%2Bd%2bd", "a%20b%20c%2Bd%2Bd"),
            ("项", "%E9%A1%B9"),
            ("%e9%a1%b9%ff", "%E9%A1%B9%FF"),
            ("%", "%25"),
            ("%4", "%254"),
            ("%4g%%41", "%254g%25A"),
            ("%252F", "%252F"),
        ] {
            assert_eq!(written(Component::Query, raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_path_keeps_slashes_and_plus_is_itself() {
        assert_eq!(written(Component::Path, "/a%2Fb%20c%252F~%E8"), "/a/b%20c%252F~%E8");
        assert_eq!(written(Component::Path, "/a+b"), "/a%2Bb");
    }
}
