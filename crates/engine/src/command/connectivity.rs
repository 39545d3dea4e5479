//! Connectivity tests: asked by callers, answered by whoever acts for the plane.

use linkspan_model::{Stamp, TestTarget};

/// A test to begin (dli_02_0284).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTest {
    /// The queue to try it from, as named; the preset one may be named too.
    pub queue: String,
    /// What to reach.
    pub target: TestTarget,
}

/// What came out of a test. One about a test that has a result already, or is gone, changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFinding {
    /// Which test.
    pub test: Stamp,
    /// Whether the address was reached.
    pub reachable: bool,
    /// One sentence for a person.
    pub reason: String,
}
