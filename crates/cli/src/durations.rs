//! Spans of time as people write them: a number and a unit.

use std::time::Duration;

/// Reads `250ms`, `30s`, `2m`, `12h` or `30d`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let fault = || format!("`{text}` is no span of time: write a number and one of ms, s, m, h, d, such as 30s");
    let digits = text.find(|char: char| !char.is_ascii_digit()).ok_or_else(fault)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| fault())?;
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 3600 * 1000,
        "d" => 24 * 3600 * 1000,
        _ => return Err(fault()),
    };
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit() {
        let spans = ["250ms", "30s", "2m", "12h", "30d", "0s"].map(|text| parse(text).unwrap().as_millis());
        assert_eq!(spans, [250, 30_000, 120_000, 43_200_000, 2_592_000_000, 0]);
    }

    #[test]
    fn a_number_alone_has_no_meaning() {
        for text in ["", "30", "s", "-1s", "1.5s", "1 s", "1w", "99999999999999999999s", "18446744073709551615d"] {
            assert!(parse(text).unwrap_err().contains("no span of time"), "{text}");
        }
    }
}
