use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use linkspan_model::{ConnectionId, Failure, PeerId};
use tokio::sync::Notify;

use crate::hosts::HostTable;
use crate::spec::{PeerSpec, SourceRef};

/// Where the reconciler learns what should be, and where it says what is. The server implements it over the engine.
pub trait Records: Send + Sync + 'static {
    /// Calls `each` for every peer whose state on the plane matters, all of one consistent instant. Runs on a thread
    /// that may block.
    fn for_each_peer(&self, each: &mut dyn FnMut(DesiredPeer));

    /// One peer as it should be now; none once there is no record of it. A look-up in memory.
    fn peer(&self, id: PeerId) -> Option<DesiredPeer>;

    /// The host records that all peers of a queue or pool with [`Wish::Present`] bring, earliest binding first.
    fn hosts(&self, source: &SourceRef) -> HostTable;

    /// Writes outcomes into the records, at most 256 at once. A report of another generation than the peer has by now
    /// is dropped by the receiver, and so is one about a peer that is gone; both count as accepted.
    ///
    /// # Errors
    /// [`ReportRefused`]; then none of them was written.
    fn report(&self, reports: Vec<PeerReport>) -> BoxFuture<'_, Result<(), ReportRefused>>;

    /// The mailbox into which changes of the desired state are hinted.
    fn hints(&self) -> std::sync::Arc<Hints>;
}

/// A peer as the records want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredPeer {
    /// The peer.
    pub peer: PeerId,
    /// Its connection.
    pub connection: ConnectionId,
    /// Which of its desired states this is; reports carry it.
    pub generation: u32,
    /// The queue or pool it binds.
    pub source: SourceRef,
    /// What is wanted of it.
    pub wish: Wish,
    /// What the records say about it.
    pub recorded: Recorded,
    /// What to make, or why it cannot be made, in words for a person (the CIDRs that overlap, the network that is
    /// unknown): reported as the reason of its failure exactly so. For a peer that is not wanted it need not be known.
    pub spec: Result<PeerSpec, Box<str>>,
    /// [`HostPart::digest`](crate::HostPart::digest) of its connection's host records; 0 if there are none.
    pub hosts: u64,
}

/// What is wanted of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It should be in place.
    Present,
    /// Its creation is called off; whatever exists of it goes, and it counts as failed.
    Cancelled,
    /// It should be gone, at once; then its record goes too.
    Removing,
}

/// What the records say about a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is being made.
    Creating,
    /// It is in place.
    Active,
    /// It could not be made, for this reason.
    Failed(Failure),
}

/// What became of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerReport {
    /// The peer.
    pub peer: PeerId,
    /// Its connection.
    pub connection: ConnectionId,
    /// The desired state that was worked on.
    pub generation: u32,
    /// What came out.
    pub outcome: Outcome,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in place and in force.
    Active,
    /// It could not be made, for this reason; nothing of it carries traffic.
    Failed(Failure),
    /// Nothing of it is left.
    Removed,
}

/// Why no report of a batch was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportRefused {
    /// Not now (overload, store out of reach): the same batch is handed over again.
    #[error("the records cannot be written at the moment")]
    Later,
    /// Another reconciler acts for this plane by now: this one ends.
    #[error("another reconciler acts for this plane")]
    Deposed,
}

/// What may have changed in the desired state. Only a hint: the record is read when it is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A peer: bound, unbound, another generation, its specification became possible or impossible, "try again".
    Peer(PeerId),
    /// The merged host records of a queue or pool, when no hinted peer of it has host records of its own: they were
    /// replaced or cleared. (A hinted peer whose connection has host records brings this hint with it.)
    Hosts(SourceRef),
    /// Anything.
    Resync,
}

/// A bounded mailbox of hints. Sending never waits and never fails: what does not fit becomes one [`Hint::Resync`].
///
/// Send as soon as a change can be read, if not before: an addition is held back only for removals that the reconciler
/// has heard of. The order within what is there at one time makes no difference: removals are taken first.
#[derive(Debug)]
pub struct Hints {
    waiting: Mutex<VecDeque<Hint>>,
    most: usize,
    arrived: Notify,
}

impl Hints {
    /// A mailbox for `most` hints.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { waiting: Mutex::default(), most, arrived: Notify::new() }
    }

    /// Leaves a hint.
    pub fn send(&self, hint: Hint) {
        let mut waiting = self.lock();
        if waiting.front() != Some(&Hint::Resync) {
            if waiting.len() >= self.most || hint == Hint::Resync {
                // A full pass makes every other hint superfluous, and its memory with it.
                *waiting = VecDeque::from([Hint::Resync]);
            } else {
                waiting.push_back(hint);
            }
        }
        drop(waiting);
        self.arrived.notify_one();
    }

    /// The hints that are there.
    pub(crate) fn try_take(&self) -> VecDeque<Hint> {
        mem::take(&mut *self.lock())
    }

    /// Waits for hints and takes all there are. For one reader; dropping it loses nothing.
    pub async fn take(&self) -> VecDeque<Hint> {
        loop {
            let taken = self.try_take();
            if !taken.is_empty() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Hint>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    #[tokio::test]
    async fn hints_come_in_order_and_too_many_become_a_resync() {
        let hints = Hints::new(2);
        let peer = |number| Hint::Peer(samples::mark(number).peer);
        hints.send(peer(1));
        hints.send(peer(2));
        assert_eq!(hints.take().await, [peer(1), peer(2)]);
        for number in 0..3 {
            hints.send(peer(number));
        }
        hints.send(peer(9));
        assert_eq!(hints.take().await, [Hint::Resync]);
    }
}
