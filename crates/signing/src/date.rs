//! `X-Sdk-Date`: the moment a request claims to be signed at.
//!
//! The text is `YYYYMMDDTHHMMSSZ` in UTC, Gregorian, without leap seconds. There is no clock here:
//! whoever checks brings the time along.

use std::fmt;

use crate::SignatureError;

/// How far the time of signing may be from the verifier's, in seconds, inclusive and either way.
pub const MAX_SKEW_SECONDS: u64 = 15 * 60;

const SECONDS_PER_DAY: i64 = 86_400;
/// Days from 0000-01-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_528;

/// A moment in the form of `X-Sdk-Date`, to the second, between the years 0000 and 9999.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SignedDate {
    text: [u8; 16],
    unix_seconds: i64,
}

impl SignedDate {
    /// Reads exactly `YYYYMMDDTHHMMSSZ`.
    ///
    /// # Errors
    /// [`SignatureError::BadDate`] for any other form, and for moments that do not exist.
    pub fn parse(text: &[u8]) -> Result<Self, SignatureError> {
        Self::read(text).ok_or(SignatureError::BadDate)
    }

    fn read(text: &[u8]) -> Option<Self> {
        let text: [u8; 16] = text.try_into().ok()?;
        let [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] = text else {
            return None;
        };
        let year = two_digits(y1, y2)? * 100 + two_digits(y3, y4)?;
        let month = two_digits(m1, m2)?;
        let day = two_digits(d1, d2)?;
        let (hour, minute) = (two_digits(h1, h2)?, two_digits(n1, n2)?);
        let second = two_digits(s1, s2)?;
        let exists = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        let days = days_before_year(year) + days_before_month(year, month) + day - 1;
        let unix_seconds = (days - DAYS_TO_1970) * SECONDS_PER_DAY + (hour * 60 + minute) * 60 + second;
        exists.then_some(Self { text, unix_seconds })
    }

    /// The moment so many seconds after 1970-01-01T00:00:00Z, for a client that signs.
    ///
    /// # Errors
    /// [`SignatureError::BadDate`] outside the years 0000 to 9999.
    pub fn from_unix_seconds(unix_seconds: i64) -> Result<Self, SignatureError> {
        let days = unix_seconds.div_euclid(SECONDS_PER_DAY) + DAYS_TO_1970;
        if !(0..days_before_year(10_000)).contains(&days) {
            return Err(SignatureError::BadDate);
        }
        // Leap days make the guess at most seven years too late, and never too early.
        let guess = days / 365;
        let year = (0..=guess).rev().find(|year| days_before_year(*year) <= days).unwrap_or_default();
        let day_of_year = days - days_before_year(year);
        let month = (1..=12).rev().find(|month| days_before_month(year, *month) <= day_of_year).unwrap_or(1);
        let day = day_of_year - days_before_month(year, month) + 1;
        let second = unix_seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let text = format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{:02}Z", second % 60);
        Self::parse(text.as_bytes())
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// The text as it is signed.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text
    }
}

impl fmt::Display for SignedDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text).unwrap_or_default())
    }
}

impl fmt::Debug for SignedDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedDate({self})")
    }
}

/// Checks that a request was signed at most 15 minutes before or after now, inclusive.
///
/// # Errors
/// [`SignatureError::DateSkew`] otherwise.
pub fn check_window(date: SignedDate, now_unix_seconds: i64) -> Result<(), SignatureError> {
    if date.unix_seconds.abs_diff(now_unix_seconds) <= MAX_SKEW_SECONDS {
        Ok(())
    } else {
        Err(SignatureError::DateSkew { signed_at: date, now_unix_seconds })
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from 0000-01-01 to the first day of a year that is not negative.
const fn days_before_year(year: i64) -> i64 {
    365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400
}

/// Days from the first day of a year to the first day of a month; 13 gives the year's length.
const fn days_before_month(year: i64, month: i64) -> i64 {
    // Months of 31 and 30 days alternate, but for July and August: 153 days in any five months
    // from March on. January and February are counted by hand.
    match month {
        ..=1 => 0,
        2 => 31,
        _ => (153 * (month - 3) + 2) / 5 + 59 + is_leap(year) as i64,
    }
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    days_before_month(year, month + 1) - days_before_month(year, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        SignedDate::parse(text.as_bytes()).ok().map(|date| date.unix_seconds())
    }

    #[test]
    fn reads_moments_to_the_second() {
        for (text, expected) in [
            ("19700101T000000Z", 0),
            ("19691231T235959Z", -1),
            ("20000229T000000Z", 951_782_400),
            ("20250102T030405Z", 1_735_787_045),
            ("20301231T235959Z", 1_924_991_999),
            ("00000101T000000Z", -62_167_219_200),
            ("99991231T235959Z", 253_402_300_799),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn months_have_their_lengths() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, expected) in (1..).zip(lengths) {
            assert_eq!(days_in_month(2025, month), expected, "{month}");
        }
        let february = [2024, 2000, 1900, 2100].map(|year| days_in_month(year, 2));
        assert_eq!(february, [29, 29, 28, 28]);
    }

    #[test]
    fn refuses_other_forms_and_moments_that_do_not_exist() {
        for text in [
            "",
            "20250102T030405",
            "20250102T030405z",
            "20250102t030405Z",
            "20250102 030405Z",
            "2025-01-02T03:04:05Z",
            "20250102T030405ZZ",
            "2025010+T030405Z",
            "20250002T030405Z",
            "20251302T030405Z",
            "20250100T030405Z",
            "20250132T030405Z",
            "20250229T000000Z",
            "20250102T240405Z",
            "20250102T036005Z",
            "20250102T030460Z",
            "２０２５",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        // A prime step of some 11 days meets every kind of day in 10 000 years.
        let mut unix_seconds = -62_167_219_200;
        while unix_seconds <= 253_402_300_799 {
            let date = SignedDate::from_unix_seconds(unix_seconds).unwrap();
            assert_eq!(date.unix_seconds(), unix_seconds, "{date}");
            unix_seconds += 999_983;
        }
        for outside in [-62_167_219_201, 253_402_300_800, i64::MIN, i64::MAX] {
            assert_eq!(SignedDate::from_unix_seconds(outside), Err(SignatureError::BadDate));
        }
    }

    #[test]
    fn the_window_is_fifteen_minutes_inclusive_both_ways() {
        let date = SignedDate::parse(b"20250102T030405Z").unwrap();
        let signed_at = date.unix_seconds();
        for offset in [-900, 0, 900] {
            assert_eq!(check_window(date, signed_at + offset), Ok(()));
        }
        for now_unix_seconds in [signed_at - 901, signed_at + 901, i64::MIN, i64::MAX] {
            let refused = Err(SignatureError::DateSkew { signed_at: date, now_unix_seconds });
            assert_eq!(check_window(date, now_unix_seconds), refused);
        }
    }
}
