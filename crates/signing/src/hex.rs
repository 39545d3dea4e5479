//! Hexadecimal text of SHA-256 values, without allocation.
//!
//! Kept here rather than taken from a crate because the two callers need different strictness: a
//! signature is lower case only, a body hash in a header may be either case.

/// The bytes of a SHA-256 value.
pub(crate) type Sha256Bytes = [u8; 32];

/// The lower-case text of one half byte; values above 15 do not occur.
const fn digit(half_byte: u8) -> u8 {
    match half_byte {
        0..=9 => b'0' + half_byte,
        _ => b'a' + (half_byte & 0x0f) - 10,
    }
}

/// The value of one digit of either case.
pub(crate) const fn digit_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Writes a SHA-256 value as 64 lower-case digits.
pub(crate) fn encode(bytes: &Sha256Bytes) -> [u8; 64] {
    let mut text = [0; 64];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 0x0f)];
    }
    text
}

/// Reads 64 digits of either case.
pub(crate) fn decode(text: &[u8]) -> Option<Sha256Bytes> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let pairs: &[[u8; 2]; 32] = pairs.try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit_value(*high)? << 4 | digit_value(*low)?;
    }
    Some(bytes)
}

/// Reads 64 digits, lower case only.
pub(crate) fn decode_lower_case(text: &[u8]) -> Option<Sha256Bytes> {
    if text.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    decode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let bytes: Sha256Bytes = std::array::from_fn(|i| u8::try_from(i * 8 + i % 8).unwrap());
        let text = encode(&bytes);
        assert_eq!(&text[..8], b"0009121b");
        assert_eq!(decode_lower_case(&text), Some(bytes));
        assert_eq!(decode(&text.to_ascii_uppercase()), Some(bytes));
        assert_eq!(decode_lower_case(&text.to_ascii_uppercase()), None);
    }

    #[test]
    fn refuses_other_lengths_and_digits() {
        for text in [&b""[..], &[b'0'; 63], &[b'0'; 65], &[b'0'; 66], &[b'g'; 64]] {
            assert_eq!(decode(text), None);
        }
    }
}
