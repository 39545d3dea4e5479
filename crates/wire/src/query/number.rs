use super::raw::{Query, bad};
use crate::error::ApiError;

impl Query<'_> {
    /// A count: ASCII digits only, leading zeros allowed, at most `most` (2^63-1 at most).
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value.
    pub fn count(self, name: &str, most: u64) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse::<u64>() {
            Ok(count) if digits && count <= most => Ok(Some(count)),
            _ => Err(bad(name, &format!("an integer from 0 to {most}"), &value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = i64::MAX as u64;

    #[test]
    fn digits_only_up_to_the_bound() {
        for (raw, count) in [("0", 0), ("007", 7), ("9223372036854775807", MOST), (&"0".repeat(500), 0)] {
            assert_eq!(Query::new(&format!("limit={raw}")).count("limit", MOST).unwrap(), Some(count), "{raw}");
        }
        for raw in ["-1", "+5", "%2B5", "1.0", "1e3", "-0", "%20", "1%20", "9223372036854775808", "٣", "0x1", "a"] {
            let error = Query::new(&format!("limit={raw}")).count("limit", MOST).unwrap_err();
            assert_eq!(error.code().as_str(), "DLI.0001");
            assert!(
                error.message().starts_with("limit must be an integer from 0 to 9223372036854775807, got \""),
                "{raw}"
            );
        }
    }
}
