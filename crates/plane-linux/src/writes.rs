use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Fault, Outcome};

/// Counts what is changed on the host, so that a pass without drift can be shown to change nothing; and lets a test end
/// the work before any single change, as a crash would.
#[derive(Debug)]
pub(crate) struct Writes {
    made: AtomicU64,
    /// Where to end; beyond reach outside tests.
    ends_at: AtomicU64,
}

impl Default for Writes {
    fn default() -> Self {
        Self { made: AtomicU64::new(0), ends_at: AtomicU64::new(u64::MAX) }
    }
}

impl Writes {
    /// To be called before a change.
    pub(crate) fn before(&self, what: &'static str) -> Outcome<()> {
        if self.made.load(Ordering::Relaxed) >= self.ends_at.load(Ordering::Relaxed) {
            return Err(Fault::Ended(what));
        }
        self.made.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// How many changes were made.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Lets the work end after so many more changes; none takes that back.
    pub(crate) fn end_after(&self, more: Option<u64>) {
        let at = more.map_or(u64::MAX, |more| self.made().saturating_add(more));
        self.ends_at.store(at, Ordering::Relaxed);
    }

    /// Whether the work may end between any two changes, so that none may be sent together.
    pub(crate) fn one_by_one(&self) -> bool {
        self.ends_at.load(Ordering::Relaxed) != u64::MAX
    }
}
