use std::sync::Arc;
use std::time::Duration;

use futures_util::future::FutureExt;
use linkspan_model::PeerId;
use tokio::time::{Instant, timeout};

use super::outcome::{Done, Job, Subject, What};
use super::queue::{Cause, Key, Taken};
use super::{Progress, Reconciler, backoff};
use crate::driver::Change;
use crate::error::PlaneError;
use crate::records::{DesiredPeer, Outcome, Wish};
use crate::spec::{PeerSpec, SourceRef};

/// What is reported of a peer whose creation was called off.
const CANCELLED: &str = "cancelled: the connection was deleted while this peer was being created";
/// The most keys that are looked at before other events are, because most of them may come to nothing.
const LOOKS_PER_TURN: usize = 1024;

/// Work, and the change that it asks of the plane.
type Prepared = Option<(Job, Change)>;

impl Reconciler {
    /// Hands work to the plane in batches, as long as there is room.
    pub(super) fn begin_batches(&mut self) {
        self.take_hints();
        let mut looks = 0;
        while self.has_room() && looks < LOOKS_PER_TURN {
            let (mut jobs, mut changes) = (Vec::new(), Vec::new());
            let most = self.plane.capabilities().batch.max(1);
            while jobs.len() < most
                && looks < LOOKS_PER_TURN
                && let Some(taken) = self.queue.pop()
            {
                looks += 1;
                if let Some((job, change)) = self.prepare(taken) {
                    jobs.push(job);
                    changes.push(change);
                }
            }
            if jobs.is_empty() {
                return;
            }
            self.begin_batch(jobs, changes);
        }
    }

    fn begin_batch(&mut self, jobs: Vec<Job>, changes: Vec<Change>) {
        self.applying += 1;
        let (plane, limit) = (self.plane.clone(), self.settings.call_limit);
        let batch = async move {
            let mut results = match timeout(limit, plane.apply_batch(&changes)).await {
                Ok(results) => results,
                Err(_) => vec![Err(PlaneError::retry("the plane did not answer in time")); jobs.len()],
            };
            // A driver that answers too little has not said what became of the rest.
            results.resize_with(jobs.len(), || Err(PlaneError::retry("the plane gave no answer")));
            Done::Applied(jobs.into_iter().zip(results).collect())
        };
        self.running.push(batch.boxed());
    }

    /// Something changed about a peer. Removals go to the head of the line; if the peer is just being made, additions
    /// that share a CIDR with it are held back from now on.
    pub(super) fn touch_peer(&mut self, peer: PeerId) {
        let key = Key::Peer(peer);
        let desired = self.records.peer(peer);
        match desired.filter(|desired| desired.wish != Wish::Present || desired.spec.is_err()) {
            Some(unwanted) => {
                if self.queue.is_running(&key) {
                    self.gate.close(&unwanted);
                }
                self.queue.touch(key, Cause::Removal);
            }
            None => self.queue.touch(key, Cause::Change),
        }
    }

    /// Takes the hints that are there, so that removals are known before anything is made that they make room for.
    pub(super) fn take_hints(&mut self) {
        if !self.passes.is_blind() {
            let hints = self.hints.try_take();
            hints.into_iter().for_each(|hint| self.take_hint(hint));
        }
    }

    /// Reads what a key should be by now. Whatever needs no call to the plane is settled here.
    fn prepare(&mut self, taken: Taken) -> Prepared {
        match &taken.key {
            Key::Peer(peer) => self.prepare_peer(*peer, &taken),
            Key::Network(source) => self.prepare_network(source.clone(), &taken),
            Key::Hosts(source) => self.prepare_hosts(source.clone(), &taken.key),
        }
    }

    fn prepare_peer(&mut self, peer: PeerId, taken: &Taken) -> Prepared {
        let key = taken.key.clone();
        let Some(desired) = self.records.peer(peer) else {
            self.shared.trouble().remove(&peer);
            self.open_gate(peer);
            if taken.unknown {
                return Some((Job { key, what: What::RemoveUnknown }, Change::RemovePeer(peer)));
            }
            self.queue.done(&key);
            return None;
        };
        if desired.hosts != 0 {
            self.queue.touch(Key::Hosts(Arc::new(desired.source.clone())), Cause::Change);
        }
        match (desired.wish, &desired.spec) {
            (Wish::Removing, _) => Some(self.removal(key, desired, Outcome::Removed)),
            (Wish::Cancelled, _) => Some(self.removal(key, desired, Outcome::Failed(CANCELLED.into()))),
            (Wish::Present, Ok(_)) => self.addition(key, desired),
            (Wish::Present, Err(why)) => {
                self.impossible.add(peer);
                let outcome = Outcome::Failed(why.clone().into());
                Some(self.removal(key, desired, outcome))
            }
        }
    }

    fn removal(&mut self, key: Key, desired: DesiredPeer, outcome: Outcome) -> (Job, Change) {
        self.gate.close(&desired);
        let change = Change::RemovePeer(desired.peer);
        (Job { key, what: What::Remove(Subject::of(desired), outcome) }, change)
    }

    fn addition(&mut self, key: Key, desired: DesiredPeer) -> Prepared {
        self.open_gate(desired.peer);
        let Ok(spec) = desired.spec.clone() else { return None };
        if self.must_wait(&key, &spec) {
            self.queue.park(&key);
            return None;
        }
        Some((Job { key, what: What::Ensure(Subject::of(desired)) }, Change::EnsurePeer(spec)))
    }

    /// Whether an addition waits for a removal or for its network.
    fn must_wait(&mut self, key: &Key, spec: &PeerSpec) -> bool {
        if self.gate.holds_back(spec, key) {
            let why = "waits until another peer that shares its addresses is removed".into();
            self.shared.trouble().insert(spec.peer, Progress { attempts: self.queue.attempts(key), why });
            return true;
        }
        if self.networks.admits(&spec.source, key, self.passes.number) {
            return false;
        }
        self.queue.touch(Key::Network(Arc::new(spec.source.source.clone())), Cause::Change);
        true
    }

    /// A removal is over, or no longer wanted: who waited for it looks again.
    pub(super) fn open_gate(&mut self, peer: PeerId) {
        for key in self.gate.open(peer) {
            self.queue.wake(&key);
        }
    }

    fn prepare_network(&mut self, source: Arc<SourceRef>, taken: &Taken) -> Prepared {
        let key = taken.key.clone();
        if let Some(net) = self.networks.missing(&source) {
            return Some((Job { key, what: What::EnsureNetwork(net.clone()) }, Change::EnsureNetwork(net)));
        }
        if taken.unknown && !self.networks.knows(&source) {
            return Some((Job { key, what: What::RemoveNetwork }, Change::RemoveNetwork(source)));
        }
        self.queue.done(&key);
        None
    }

    fn prepare_hosts(&mut self, source: Arc<SourceRef>, key: &Key) -> Prepared {
        if self.networks.wait(&source, key) {
            self.queue.touch(Key::Network(source), Cause::Change);
            self.queue.park(key);
            return None;
        }
        let began = Instant::now();
        let waiting = self.waiting_for_hosts.remove(&*source).unwrap_or_default();
        let table = self.records.hosts(&source);
        Some((Job { key: key.clone(), what: What::EnsureHosts { began, waiting } }, Change::EnsureHosts(source, table)))
    }

    /// A key failed and is tried again after a pause.
    pub(super) fn try_again(&mut self, key: &Key) {
        self.try_again_after(key, Duration::ZERO);
    }

    /// The same, but not before the plane wants to hear of it again.
    pub(super) fn try_again_after(&mut self, key: &Key, least: Duration) {
        let pause = backoff::delay(&self.settings, self.queue.attempts(key), key).max(least);
        self.queue.retry(key, Instant::now() + pause);
    }
}
