use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::Settings;

/// How long something waits after its `failures`-th failure in a row (from 0): doubled each time, up to the most, and up
/// to an eighth longer by what it is, so that what failed together does not come back together.
pub(super) fn delay(settings: &Settings, failures: u32, what: &impl Hash) -> Duration {
    let doubled = settings.backoff_first.saturating_mul(1u32.checked_shl(failures).unwrap_or(u32::MAX));
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    let eighth = (hasher.finish() % 128) as u32;
    let plain = doubled.min(settings.backoff_most);
    plain + plain / 1024 * eighth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    #[test]
    fn delays_double_up_to_the_most_and_differ_by_key() {
        let settings = Settings::default();
        let key = |number| samples::mark(number).peer;
        for failures in 0..200 {
            let delay = delay(&settings, failures, &key(1));
            let plain = (settings.backoff_first * 2u32.pow(failures.min(20))).min(settings.backoff_most);
            assert!(delay >= plain && delay <= plain + plain / 8, "{failures}: {delay:?}");
        }
        assert_ne!(delay(&settings, 9, &key(1)), delay(&settings, 9, &key(2)));
    }
}
