use std::collections::VecDeque;

use tokio::time::Instant;

use super::queue::Key;
use crate::records::PeerReport;

/// The most reports that are handed over at once.
const BATCH: usize = 256;

/// A report that was not accepted yet. Its key counts as being worked on until then.
#[derive(Debug)]
pub(super) struct Unreported {
    pub(super) key: Key,
    pub(super) report: PeerReport,
    /// Whether the peer is to be tried again.
    pub(super) retry: bool,
}

/// Reports in the order they came. One batch is handed over at a time, at once when none is under way: a single bind
/// waits for nobody, a storm of them fills the batches by itself.
#[derive(Debug, Default)]
pub(super) struct Reports {
    waiting: VecDeque<Unreported>,
    under_way: bool,
    not_before: Option<Instant>,
    /// How often a batch was refused in a row.
    pub(super) refusals: u32,
}

impl Reports {
    pub(super) fn push(&mut self, report: Unreported) {
        self.waiting.push_back(report);
    }

    /// The batch to hand over now.
    pub(super) fn take(&mut self, now: Instant) -> Option<Vec<Unreported>> {
        if self.under_way || self.waiting.is_empty() || self.not_before.is_some_and(|at| at > now) {
            return None;
        }
        self.under_way = true;
        self.not_before = None;
        let count = self.waiting.len().min(BATCH);
        Some(self.waiting.drain(..count).collect())
    }

    /// The batch was accepted.
    pub(super) fn accepted(&mut self) {
        self.under_way = false;
        self.refusals = 0;
    }

    /// The batch was refused; it goes first at that time.
    pub(super) fn refused(&mut self, batch: Vec<Unreported>, at: Instant) {
        self.under_way = false;
        self.not_before = Some(at);
        self.refusals = self.refusals.saturating_add(1);
        for report in batch.into_iter().rev() {
            self.waiting.push_front(report);
        }
    }

    /// When [`Reports::take`] has something, if only for the time.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.not_before.filter(|_| !self.under_way && !self.waiting.is_empty())
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether every report was accepted.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && !self.under_way
    }
}
