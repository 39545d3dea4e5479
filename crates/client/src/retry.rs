//! When a call is made again.

use std::time::Duration;

/// When a call that the server shed is made again.
///
/// Only calls whose repetition changes nothing more are, and only on 503 with `Retry-After` in seconds: the server
/// says that it is worth it, and when. A patient policy also repeats what was throttled (429), and waits where no time
/// was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Most repetitions of one call.
    pub most: u32,
    /// Longest wait before one; a server that asks for a longer one is not asked again.
    pub longest_wait: Duration,
    /// How long to wait first where the server names no time, twice as long each time after; none = such a call is not
    /// made again, nor one that was throttled.
    pub unasked: Option<Duration>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { most: 3, longest_wait: Duration::from_secs(10), unasked: None }
    }
}

impl RetryPolicy {
    /// For reading a lot from a service that throttles: up to a minute at a time, eight times a call.
    #[must_use]
    pub fn patient() -> Self {
        Self { most: 8, longest_wait: Duration::from_secs(60), unasked: Some(Duration::from_secs(1)) }
    }

    /// How long to wait before the call is made again, if it is. `done` counts the repetitions so far.
    pub(crate) fn wait(&self, done: u32, status: u16, retry_after: Option<Duration>) -> Option<Duration> {
        let doubled = |first: Duration| first.saturating_mul(1 << done.min(16)).min(self.longest_wait);
        let wait = retry_after.or_else(|| self.unasked.map(doubled))?;
        let sheds = status == 503 || (status == 429 && self.unasked.is_some());
        (sheds && done < self.most && wait <= self.longest_wait).then_some(wait)
    }
}

/// `Retry-After` in its form of seconds; the form of a date is not used by any service here.
pub(crate) fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_the_server_asks_for_it_and_not_for_ever() {
        let policy = RetryPolicy { most: 2, longest_wait: Duration::from_secs(5), unasked: None };
        let second = Some(Duration::from_secs(1));
        assert_eq!(policy.wait(0, 503, second), second);
        assert_eq!(policy.wait(1, 503, second), second);
        assert_eq!(policy.wait(2, 503, second), None);
        assert_eq!(policy.wait(0, 503, None), None);
        assert_eq!(policy.wait(0, 429, second), None);
        assert_eq!(policy.wait(0, 500, second), None);
        assert_eq!(policy.wait(0, 503, Some(Duration::from_secs(6))), None);
    }

    #[test]
    fn a_patient_one_waits_longer_each_time_and_when_it_is_throttled() {
        let policy = RetryPolicy::patient();
        let waits =
            |status| (0..9).map(|done| policy.wait(done, status, None).map(|wait| wait.as_secs())).collect::<Vec<_>>();
        let growing: Vec<_> = [1, 2, 4, 8, 16, 32, 60, 60].map(Some).into_iter().chain([None]).collect();
        assert_eq!([waits(429), waits(503)], [growing.clone(), growing]);
        assert_eq!(policy.wait(0, 429, Some(Duration::from_secs(3))), Some(Duration::from_secs(3)));
        assert_eq!(policy.wait(0, 429, Some(Duration::from_secs(61))), None, "longer than anyone would wait");
        assert_eq!(policy.wait(0, 500, None), None);
    }

    #[test]
    fn only_seconds_are_read() {
        assert_eq!(retry_after(" 2"), Some(Duration::from_secs(2)));
        for other in ["", "-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT"] {
            assert_eq!(retry_after(other), None, "{other}");
        }
    }
}
