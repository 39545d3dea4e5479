//! Keeping up with other nodes: one task that asks the store for its head, for all reads that wait at the same time.
//!
//! Invariants: a read is let go only by a question that was asked after it came; what the store then said is in view; no
//! more than one question is under way. It must not publish anything: that is the writer's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::warn;

use super::Shared;
use super::options::{Counters, Following};
use crate::refusal::Refusal;
use crate::store::Head;

/// Reads that may wait at the same time: more than there can be connections.
pub(super) const MOST_READERS: usize = 4096;

/// A read that waits; it is told whether the view is up to date.
pub(super) type Waiter = oneshot::Sender<bool>;

/// Asks the writer to publish what is stored.
pub(crate) struct Follow {
    /// What was published when the store was asked.
    seen: Head,
    /// What it answered.
    head: Head,
    pub(super) done: oneshot::Sender<bool>,
}

impl Follow {
    /// Whether the state of this head holds all that the store holds. One that is ahead was published while the store
    /// was asked, unless the store has gone back.
    pub(super) fn is_covered_by(&self, published: &Head) -> bool {
        let went_on = self.seen.epoch == self.head.epoch && self.seen.revision <= self.head.revision;
        let is_ahead = published.epoch == self.head.epoch && published.revision > self.head.revision;
        published.is_at(&self.head) || (went_on && is_ahead)
    }
}

/// When the view was last known to be all that is stored.
pub(super) struct Freshness {
    start: Instant,
    millis: AtomicU64,
}

impl Freshness {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), millis: AtomicU64::new(0) }
    }

    pub(super) fn age(&self) -> Duration {
        self.start.elapsed().saturating_sub(Duration::from_millis(self.millis.load(Ordering::Relaxed)))
    }

    fn note(&self, when: Instant) {
        let millis = when.saturating_duration_since(self.start).as_millis();
        self.millis.store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Waits until the view is known to hold all that was stored when this was called.
pub(super) async fn wait(readers: &mpsc::Sender<Waiter>, within: Duration) -> Result<(), Refusal> {
    let (waiter, told) = oneshot::channel();
    readers.try_send(waiter).map_err(|unsent| match unsent {
        mpsc::error::TrySendError::Full(_) => Refusal::Overloaded,
        mpsc::error::TrySendError::Closed(_) => Refusal::Unavailable,
    })?;
    match timeout(within, told).await {
        Ok(Ok(true)) => Ok(()),
        _ => Err(Refusal::Unavailable),
    }
}

/// The task that asks.
pub(super) struct Follower {
    pub(super) shared: Arc<Shared>,
    pub(super) following: Following,
    pub(super) waiting: mpsc::Receiver<Waiter>,
    pub(super) writer: mpsc::Sender<Follow>,
}

impl Follower {
    /// Asks for whoever waits, on a hint, and every so often, until the engine is closed or dropped.
    pub(super) async fn run(mut self, mut closing: watch::Receiver<bool>) {
        let mut ticks = interval(self.following.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // What is in view was loaded just now, and a read that cannot wait asks by itself.
        ticks.reset();
        let store = Arc::clone(&self.shared.store);
        let mut was_told = true;
        loop {
            let mut waiters = Vec::new();
            tokio::select! {
                first = self.waiting.recv() => match first {
                    Some(first) => waiters.push(first),
                    None => return,
                },
                _ = ticks.tick() => {}
                () = store.moved() => {}
                _ = closing.wait_for(|closing| *closing) => return,
            }
            while let Ok(waiter) = self.waiting.try_recv() {
                waiters.push(waiter);
            }
            let is_told = self.look().await;
            if was_told && !is_told {
                warn!("the store does not say what other nodes have committed");
            }
            was_told = is_told;
            for waiter in waiters {
                // Whoever waited may have gone away.
                let _unheard = waiter.send(is_told);
            }
        }
    }

    /// Asks once; whether all that is stored is in view.
    async fn look(&self) -> bool {
        let began = Instant::now();
        Counters::add(&self.shared.counters.head_checks, 1);
        let seen = *self.shared.view.load().head();
        let Ok(Ok(head)) = timeout(self.following.within, self.shared.store.head()).await else { return false };
        if !head.is_at(&seen) && !self.followed(seen, head).await {
            return false;
        }
        self.shared.freshness.note(began);
        true
    }

    async fn followed(&self, seen: Head, head: Head) -> bool {
        let (done, told) = oneshot::channel();
        self.writer.send(Follow { seen, head, done }).await.is_ok() && told.await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(epoch: u128, revision: u64, commit_id: u128) -> Head {
        Head { epoch, revision, commit_id, create_time: 0, format: 1 }
    }

    fn is_covered(seen: Head, told: Head, published: Head) -> bool {
        let (done, _) = oneshot::channel();
        Follow { seen, head: told, done }.is_covered_by(&published)
    }

    #[test]
    fn a_head_is_covered_by_itself_and_by_what_this_node_committed_since() {
        let known = head(1, 5, 50);
        assert!(is_covered(known, head(1, 6, 60), head(1, 6, 60)));
        assert!(is_covered(known, head(1, 6, 60), head(1, 7, 70)), "committed here meanwhile");
        assert!(!is_covered(known, head(1, 6, 60), known), "committed elsewhere");
        assert!(!is_covered(known, head(1, 4, 40), known), "the store went back");
        assert!(!is_covered(known, head(1, 5, 51), known), "another history of the same length");
        assert!(!is_covered(known, head(2, 3, 30), known), "a restored store");
    }
}
