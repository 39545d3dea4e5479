//! Times as people read them.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long ago a moment was, to one unit: `45s`, `12m`, `3h`, `20d`. Both times are in milliseconds since 1970.
pub(crate) fn age(moment: i64, now: i64) -> String {
    if moment <= 0 {
        return "-".into();
    }
    let seconds = now.saturating_sub(moment).max(0) / 1000;
    // Each unit is kept until two of the next one are full, which loses less than rounding at the first.
    match seconds {
        ..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / MINUTE),
        7_200..172_800 => format!("{}h", seconds / HOUR),
        _ => format!("{}d", seconds / DAY),
    }
}

/// A moment to the second, RFC 3339 in UTC.
pub(crate) fn exact(moment: i64) -> String {
    match Timestamp::from_millisecond(moment) {
        Ok(time) if moment > 0 => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        _ => "-".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_is_enough() {
        let now = 1_800_000_000_000;
        let ago = |seconds: i64| age(now - seconds * 1000, now);
        let shown = [0, 119, 120, 7_199, 7_200, 172_799, 172_800, 86_400 * 400].map(ago);
        assert_eq!(shown, ["0s", "119s", "2m", "119m", "2h", "47h", "2d", "400d"]);
        assert_eq!(age(now + 5_000, now), "0s", "clocks differ");
        assert_eq!(age(0, now), "-");
    }

    #[test]
    fn exact_times() {
        assert_eq!(exact(1_566_888_011_125), "2019-08-27T06:40:11Z");
        assert_eq!((exact(0).as_str(), exact(i64::MAX).as_str()), ("-", "-"));
    }
}
