//! What every plane must do, for the tests of every plane.
//!
//! Invariants: each rule gets a plane of its own with nothing on it; a rule asks only for what [`Plane`] promises, so
//! it holds for planes with packets and without. It must not know any plane.
//!
//! To add a rule: a function in `rules.rs` and its name in [`RULES`].

mod rules;
pub mod samples;

use std::fmt;

use futures_util::future::BoxFuture;

use crate::driver::Plane;
use crate::error::PlaneError;

pub use self::rules::RULES;

/// How a plane broke a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PlaneError> for Broken {
    fn from(error: PlaneError) -> Self {
        Self(format!("a call failed that must succeed: {error:?}"))
    }
}

/// A rule's verdict on one plane.
pub type Checking<'a> = BoxFuture<'a, Result<(), Broken>>;

/// One rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// What it demands.
    pub name: &'static str,
    /// Tries it on an empty plane.
    pub check: for<'a> fn(&'a dyn Plane) -> Checking<'a>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Tries all rules, each on an empty plane that `make` makes; returns those that were broken, and how.
pub async fn violations<P: Plane>(mut make: impl AsyncFnMut() -> P) -> Vec<(&'static str, Broken)> {
    let mut violations = Vec::new();
    for rule in RULES {
        let plane = make().await;
        if let Err(broken) = (rule.check)(&plane).await {
            violations.push((rule.name, broken));
        }
    }
    violations
}
