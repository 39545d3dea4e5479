//! Whether answers that were given at the same time could have been given one after the other.
//!
//! A history is what clients asked, when they asked and when they were answered, on one clock. It is linearizable if
//! every call can be thought of as carried out at one instant between question and answer, so that all answers are
//! those of one server that does one thing at a time. [`check`] looks for such an order for the calls on one
//! [`Object`]; objects that do not depend on each other are checked apart, which is as good and far cheaper. Lists read
//! many objects at once: each is a read of every object, all of them in the order of their revisions, and
//! [`check_lists`] compares the lists with each other.
//!
//! Invariants: an answer that nobody got (a broken connection, a deadline, 503) leaves open whether the call was carried
//! out, and when, so it may count at any later time or never; an anomaly is never reported of a history that has an
//! order. The other way round there is one gap: that a change of one object came before a change of another is seen only
//! by what lists say and by the clock.
//!
//! It must not know how calls are made. To check another kind of thing, write an [`Object`] beside [`connection`].

pub mod connection;
pub mod key;
mod lists;
mod search;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use lists::{Listed, check_lists};
pub use search::check;

/// A thing that calls are made about, as one server would keep it.
pub trait Object: Clone + Ord + fmt::Debug {
    /// A call with its answer.
    type Call: PartialEq + fmt::Debug;

    /// What may be true after a call that was answered so: nothing if the answer can't be given now. Of a call without
    /// an answer, what it may have changed.
    fn after(&self, call: &Self::Call) -> Vec<Self>;

    /// Whether a call, being answered as it was, changes nothing whenever it is carried out.
    fn is_read(call: &Self::Call) -> bool;

    /// Whether a call without an answer can't change anything any more.
    fn is_past(&self, call: &Self::Call) -> bool;
}

/// A call of a history.
#[derive(Debug, Clone)]
pub struct Entry<C> {
    /// Who asked whom, for people.
    pub who: String,
    /// When it was asked, on the history's clock.
    pub began: Duration,
    /// When it was answered; none if it never was.
    pub ended: Option<Duration>,
    /// The revision that a list was made of.
    pub revision: Option<u64>,
    /// The call and its answer.
    pub call: C,
}

/// Answers that no order explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly(pub String);

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<C: fmt::Debug> fmt::Display for Entry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, began, ended, revision, call } = self;
        let ended = ended.map_or_else(|| "never".into(), |ended| format!("{ended:.6?}"));
        write!(f, "{began:.6?} to {ended}, {who}: {call:?}")?;
        revision.map_or(Ok(()), |revision| write!(f, " at revision {revision}"))
    }
}
