use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use linkspan_model::{Failure, PeerId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::driver::{Observed, Plane};
use crate::error::PlaneError;
use crate::probe::{ProbeReport, ProbeSpec, ProbeTarget};
use crate::spec::{PeerSpec, SourceRef};

/// Talks to a running [`Reconciler`](super::Reconciler); clones talk to the same.
#[derive(Clone)]
pub struct Handle {
    pub(super) plane: Arc<dyn Plane>,
    pub(super) shared: Arc<Shared>,
    pub(super) refreshes: mpsc::Sender<Refresh>,
    pub(super) stop: Arc<watch::Sender<bool>>,
}

/// Asks that the host records of a queue or pool be brought up to date; answered by dropping or using `done`.
pub(super) struct Refresh {
    pub(super) source: SourceRef,
    pub(super) done: oneshot::Sender<()>,
}

/// Why a peer is not where it should be, while that is not in the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How often it was tried in vain, in a row.
    pub attempts: u32,
    /// What it waits for, for a person.
    pub why: Failure,
}

/// What the reconciler has done since it started, and what is before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Full passes that were completed.
    pub passes: u64,
    /// Full passes that could not read the plane.
    pub passes_failed: u64,
    /// Changes that the plane was asked to make, reads of equal state included.
    pub changes: u64,
    /// Of those, how many failed.
    pub changes_failed: u64,
    /// Reports that were accepted.
    pub reports: u64,
    /// Keys that are waiting, being worked on or to be tried again.
    pub busy: usize,
    /// Peers that are not where they should be.
    pub in_trouble: usize,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    trouble: Mutex<HashMap<PeerId, Progress>>,
    stats: Mutex<Stats>,
}

impl Shared {
    pub(super) fn trouble(&self) -> MutexGuard<'_, HashMap<PeerId, Progress>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle {
    /// What a peer that is `CREATING`, or being removed, is waiting for; none if nothing went wrong so far.
    #[must_use]
    pub fn progress(&self, peer: PeerId) -> Option<Progress> {
        self.shared.trouble().get(&peer).cloned()
    }

    /// Counters for metrics.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let in_trouble = self.shared.trouble().len();
        Stats { in_trouble, ..*self.shared.stats() }
    }

    /// Tries the way from a queue's or pool's network, by host records as they are now.
    ///
    /// # Errors
    /// The plane could not try.
    pub async fn probe(&self, probe: &ProbeSpec) -> Result<ProbeReport, PlaneError> {
        if matches!(probe.target, ProbeTarget::Name(_)) {
            let (done, refreshed) = oneshot::channel();
            let refresh = Refresh { source: probe.source.clone(), done };
            // A reconciler that has ended answers nothing; the plane still holds what it last brought.
            if self.refreshes.send(refresh).await.is_ok() {
                let _ = refreshed.await;
            }
        }
        self.plane.probe(probe).await
    }

    /// What the plane has of a peer, if anything.
    ///
    /// # Errors
    /// The plane could not be looked at.
    pub async fn observe(&self, peer: PeerId) -> Result<Option<Observed>, PlaneError> {
        self.plane.observe(peer).await
    }

    /// Whether the plane could make a peer, as far as it can tell beforehand. Nothing is changed.
    ///
    /// # Errors
    /// What would fail it.
    pub async fn foresee(&self, peer: &PeerSpec) -> Result<(), PlaneError> {
        self.plane.foresee(peer).await
    }

    /// Lets the reconciler end: it begins nothing new, completes what the plane is doing, hands over its reports, and
    /// returns.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
