use serde::{Deserialize, Serialize};

/// When a queue may take how much of its pool (dli_02_0332).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// 1 to 100; the higher goes first.
    pub priority: u8,
    /// The first hour of the day that it is about.
    pub start_hour: u8,
    /// The hour that it no longer is about; 24 ends the day. Later than `start_hour`.
    pub stop_hour: u8,
    /// Fewest compute units.
    pub min_cu: u32,
    /// Most compute units.
    pub max_cu: u32,
    /// Whether the pool's own maximum counts instead of `max_cu`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherits_max_cu: bool,
}

impl ScalingPolicy {
    /// Hours of a day.
    pub const HOURS: u8 = 24;
    /// The most policies of one queue: one an hour, and the one of the whole day.
    pub const MOST: usize = Self::HOURS as usize + 1;

    /// The policy that a queue has in a pool until it is given others: the whole day, with the lowest priority, and as
    /// many compute units as the queue has.
    #[must_use]
    pub fn preset(cu_count: u32) -> Self {
        let (min_cu, max_cu) = (cu_count, cu_count);
        Self { priority: 1, start_hour: 0, stop_hour: Self::HOURS, min_cu, max_cu, inherits_max_cu: false }
    }

    /// Whether it counts whenever no other one does.
    #[must_use]
    pub fn is_whole_day(&self) -> bool {
        self.start_hour == 0 && self.stop_hour == Self::HOURS
    }

    /// Whether it is about an hour of the day.
    #[must_use]
    pub fn covers(&self, hour: u8) -> bool {
        (self.start_hour..self.stop_hour).contains(&hour)
    }

    /// The policy that counts in an hour: the one of that hour, else the one of the whole day.
    #[must_use]
    pub fn at(policies: &[Self], hour: u8) -> Option<&Self> {
        let of_the_hour = policies.iter().find(|policy| policy.covers(hour) && !policy.is_whole_day());
        of_the_hour.or_else(|| policies.iter().find(|policy| policy.is_whole_day()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_its_own_policy_or_that_of_the_day() {
        let day = ScalingPolicy::preset(16);
        let night = ScalingPolicy { start_hour: 0, stop_hour: 9, min_cu: 64, ..day.clone() };
        let both = [day.clone(), night.clone()];
        assert_eq!(ScalingPolicy::at(&both, 0), Some(&night));
        assert_eq!(ScalingPolicy::at(&both, 8), Some(&night));
        assert_eq!(ScalingPolicy::at(&both, 9), Some(&day));
        assert_eq!(ScalingPolicy::at(&[], 9), None);
    }
}
