use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::ProjectId;
use crate::names::QueueName;
use crate::stamp::{Stamp, UnixMillis};

/// The question whether a queue reaches an address, and the answer once there is one (dli_02_0284).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectivityTest {
    /// The project that asks.
    pub project: ProjectId,
    /// When it was asked; `task_id` is its number.
    pub created: Stamp,
    /// The queue to try it from.
    pub queue: QueueName,
    /// What to reach.
    pub target: TestTarget,
    /// What was found; none while it is being tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<TestResult>,
}

/// What a test is to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestTarget {
    /// An address, or a name that the host records of the queue's connections resolve.
    pub host: Box<str>,
    /// The TCP port.
    pub port: u16,
}

/// What a test has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestResult {
    /// Whether the address was reached.
    pub reachable: bool,
    /// One sentence for a person; at most [`TestResult::LONGEST_REASON`] characters.
    pub reason: Box<str>,
    /// When it was known, UTC.
    pub time: UnixMillis,
}

impl TestResult {
    /// The most characters of a reason.
    pub const LONGEST_REASON: usize = 1024;

    /// A result, its reason cut where it is too long.
    #[must_use]
    pub fn new(reachable: bool, reason: &str, time: UnixMillis) -> Self {
        let end = reason.char_indices().nth(Self::LONGEST_REASON).map_or(reason.len(), |(end, _)| end);
        Self { reachable, reason: reason.get(..end).unwrap_or_default().into(), time }
    }
}

impl fmt::Display for TestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "[{}]:{}", self.host, self.port);
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_and_an_address_is_bracketed() {
        let reason = TestResult::new(false, &"连".repeat(2000), 1).reason;
        assert_eq!(reason.chars().count(), TestResult::LONGEST_REASON);
        let text = |host: &str| TestTarget { host: host.into(), port: 80 }.to_string();
        assert_eq!([text("10.0.0.1"), text("h"), text("2001:db8::1")], ["10.0.0.1:80", "h:80", "[2001:db8::1]:80"]);
    }
}
