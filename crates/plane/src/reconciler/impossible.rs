use std::collections::BTreeSet;

use linkspan_model::PeerId;
use tokio::time::Instant;

use super::Reconciler;
use crate::records::{Recorded, Wish};

/// The most peers that are looked at before other events are.
const LOOKS_PER_TURN: usize = 1024;
/// Looking at peers again rests so many times as long as it took.
const REST_FACTOR: u32 = 9;

/// Peers that could not be made as specified, for no fault of the plane. Nothing is tried for them; but whenever a peer
/// goes, what was in their way may have gone with it, and nobody hints at that.
#[derive(Debug, Default)]
pub(super) struct Impossible {
    resting: BTreeSet<PeerId>,
    /// To be looked at again.
    waiting: BTreeSet<PeerId>,
    not_before: Option<Instant>,
}

impl Impossible {
    pub(super) fn add(&mut self, peer: PeerId) {
        self.resting.insert(peer);
    }

    /// A peer has gone.
    pub(super) fn recheck(&mut self) {
        self.waiting.append(&mut self.resting);
    }

    /// When [`Reconciler::recheck_impossible`] has something to do, once `now` has come.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        (!self.waiting.is_empty()).then(|| self.not_before.unwrap_or(now))
    }
}

impl Reconciler {
    /// Looks in the records whether peers have become possible.
    pub(super) fn recheck_impossible(&mut self, now: Instant) {
        if self.impossible.next_due(now).is_none_or(|due| due > now) {
            return;
        }
        for _ in 0..LOOKS_PER_TURN {
            let Some(peer) = self.impossible.waiting.pop_first() else { break };
            match self.records.peer(peer) {
                None => {}
                Some(desired) => match (&desired.spec, &desired.recorded) {
                    (Err(why), Recorded::Failed(said)) if desired.wish == Wish::Present && *why == said.reason => {
                        self.impossible.add(peer);
                    }
                    _ => self.touch_peer(peer),
                },
            }
        }
        self.impossible.not_before = Some(now + now.elapsed() * REST_FACTOR);
    }
}
