//! What the server counts about itself.
//!
//! A request costs a handful of relaxed additions: no lock, no allocation, no label is formatted before someone asks.
//!
//! To add a figure: a field in [`Metrics`], the place that counts it, and its lines in `exposition.rs`.

mod calls;
mod exposition;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use calls::Calls;
pub(crate) use exposition::{CONTENT_TYPE, Exposition};

/// A figure that only grows.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A figure that grows and shrinks.
#[derive(Debug, Default)]
pub(crate) struct Level(AtomicI64);

impl Level {
    /// One more, as long as the answer lives.
    pub(crate) fn enter(&self) -> Inside<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Inside(self)
    }

    pub(crate) fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of a [`Level`].
pub(crate) struct Inside<'a>(&'a Level);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the front counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// Requests by operation and status, and how long they took.
    pub(crate) calls: Calls,
    /// Requests that are being carried out.
    pub(crate) in_flight: Level,
    /// Connections that are open.
    pub(crate) connections: Level,
    /// Connections that were accepted.
    pub(crate) accepted: Count,
    /// Connections that were refused because there were too many.
    pub(crate) refused: Count,
    /// Connections that were closed because they took too long.
    pub(crate) expired: Count,
    /// Requests whose client went away before the answer was known.
    pub(crate) abandoned: Count,
}

impl Metrics {
    /// Counters for operations with these names.
    pub(crate) fn new(operations: Vec<&'static str>) -> Self {
        Self {
            calls: Calls::new(operations),
            in_flight: Level::default(),
            connections: Level::default(),
            accepted: Count::default(),
            refused: Count::default(),
            expired: Count::default(),
            abandoned: Count::default(),
        }
    }

    /// Counts a request that was answered.
    pub(crate) fn answered(&self, operation: Option<usize>, status: u16, took: Duration) {
        self.calls.count(operation, status, took);
    }
}
