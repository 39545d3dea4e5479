use std::num::NonZeroU64;

use super::connections::Limit;
use super::raw::{Query, bad};
use crate::error::ApiError;

impl Query<'_> {
    const MOST: u64 = i64::MAX as u64;

    /// `limit`, or what its absence means.
    pub(crate) fn limit(self, default: Limit) -> Result<Limit, ApiError> {
        Ok(self.count("limit", 0)?.map_or(default, Limit::new))
    }

    /// `offset`, 0 if absent.
    pub(super) fn offset(self) -> Result<u64, ApiError> {
        Ok(self.count("offset", 0)?.unwrap_or(0))
    }

    /// A number that counts from 1.
    pub(super) fn positive(self, name: &str) -> Result<Option<NonZeroU64>, ApiError> {
        Ok(self.count(name, 1)?.and_then(NonZeroU64::new))
    }

    fn count(self, name: &str, least: u64) -> Result<Option<u64>, ApiError> {
        self.between(name, least, Self::MOST)
    }

    /// A count from `least` to `most`: ASCII digits only, leading zeros allowed.
    pub(crate) fn between(self, name: &str, least: u64, most: u64) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse::<u64>() {
            Ok(count) if digits && (least..=most).contains(&count) => Ok(Some(count)),
            _ => Err(bad(name, &format!("an integer from {least} to {most}"), &value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_only_up_to_the_bound() {
        for (raw, count) in [("0", 0), ("007", 7), ("9223372036854775807", Query::MOST), (&"0".repeat(500), 0)] {
            assert_eq!(Query::new(&format!("offset={raw}")).offset().unwrap(), count, "{raw}");
        }
        for raw in ["-1", "+5", "%2B5", "1.0", "1e3", "-0", "%20", "1%20", "9223372036854775808", "٣", "0x1", "a"] {
            let error = Query::new(&format!("offset={raw}")).offset().unwrap_err();
            assert_eq!(error.code().as_str(), "DLI.0001");
            let text = "offset must be an integer from 0 to 9223372036854775807, got \"";
            assert!(error.message().starts_with(text), "{raw}");
        }
    }

    #[test]
    fn numbers_that_count_from_one() {
        assert_eq!(Query::new("n=2").positive("n").unwrap(), NonZeroU64::new(2));
        assert_eq!(Query::new("n=").positive("n").unwrap(), None);
        assert!(Query::new("n=0").positive("n").is_err());
    }
}
