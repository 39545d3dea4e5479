//! A plane that watches how it is used, and fails at random if asked to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::BoxStream;
use linkspan_model::PeerId;
use tokio::task::yield_now;

use crate::*;

/// Random numbers from a seed.
pub(super) struct Dice(Mutex<u64>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1))
    }

    /// A number below `sides`.
    pub(super) fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 11) % sides
    }
}

pub(super) struct Watched {
    pub(super) inner: SimulatedPlane,
    dice: Dice,
    /// One call in so many fails; 0 is none.
    failing: AtomicUsize,
    busy: Mutex<BTreeSet<String>>,
    installed: Mutex<BTreeMap<PeerId, PeerSpec>>,
    pub(super) calls: Mutex<Vec<String>>,
}

/// Marks an object as being worked on, until the call ends or is dropped.
struct Busy<'a>(&'a Watched, String);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.lock().unwrap().remove(&self.1);
    }
}

impl Watched {
    pub(super) fn new(inner: SimulatedPlane, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            inner,
            dice: Dice::new(seed),
            failing: AtomicUsize::new(0),
            busy: Mutex::default(),
            installed: Mutex::default(),
            calls: Mutex::default(),
        })
    }

    pub(super) fn fail_one_in(&self, calls: usize) {
        self.failing.store(calls, Ordering::Relaxed);
    }

    pub(super) fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    /// Every call begins here: one at a time per object, with other tasks in between, and perhaps a failure.
    async fn call(&self, verb: &str, object: String) -> Result<Busy<'_>, PlaneError> {
        self.calls.lock().unwrap().push(format!("{verb} {object}"));
        let fresh = self.busy.lock().unwrap().insert(object.clone());
        assert!(fresh, "{object} is worked on twice at once");
        let busy = Busy(self, object);
        for _ in 0..self.dice.roll(4) {
            yield_now().await;
        }
        match self.failing.load(Ordering::Relaxed) as u64 {
            failing if failing == 0 || self.dice.roll(failing) > 0 => Ok(busy),
            _ => Err(match self.dice.roll(3) {
                0 => PlaneError::retry("busy"),
                1 => PlaneError::Unavailable("gone for lunch".into()),
                _ => PlaneError::Conflict { with: "a bridge".into(), why: "remove the bridge".into() },
            }),
        }
    }

    async fn carry_out(&self, change: &Change) -> Result<Applied, PlaneError> {
        let (verb, object) = match change {
            Change::EnsureNetwork(network) => ("network", network.source.to_string()),
            Change::EnsureHosts(source, _) => ("hosts", format!("hosts of {source}")),
            Change::EnsurePeer(peer) => ("ensure", peer.peer.to_string()),
            Change::RemovePeer(peer) => ("remove", peer.to_string()),
            Change::RemoveNetwork(source) => ("drop", source.to_string()),
        };
        let _busy = self.call(verb, object).await?;
        if let Change::EnsurePeer(peer) = change {
            self.check_overlap(peer);
        }
        let applied = self.inner.apply_batch(std::slice::from_ref(change)).await.remove(0)?;
        self.note(change);
        yield_now().await;
        Ok(applied)
    }

    /// Keeps what a change left installed.
    fn note(&self, change: &Change) {
        let mut installed = self.installed.lock().unwrap();
        match change {
            Change::EnsurePeer(peer) => drop(installed.insert(peer.peer, peer.clone())),
            Change::RemovePeer(peer) => drop(installed.remove(peer)),
            Change::RemoveNetwork(source) => installed.retain(|_, spec| spec.source.source != **source),
            Change::EnsureNetwork(_) | Change::EnsureHosts(..) => {}
        }
    }

    /// No two peers of a queue may ever lead to the same subnet.
    fn check_overlap(&self, spec: &PeerSpec) {
        let installed = self.installed.lock().unwrap();
        let other = installed.values().find(|other| {
            other.peer != spec.peer
                && other.source.source == spec.source.source
                && other.destination.cidr.zip(spec.destination.cidr).is_some_and(|(one, two)| one.overlaps(two))
        });
        assert!(other.is_none(), "{spec:?} was made before the removal of {other:?}");
    }
}

impl Plane for Watched {
    fn capabilities(&self) -> Capabilities {
        Capabilities { batch: 3, ..self.inner.capabilities() }
    }

    fn check(&self) -> Doing<'_, Ready> {
        self.inner.check()
    }

    fn apply_batch<'a>(&'a self, changes: &'a [Change]) -> BoxFuture<'a, Vec<Result<Applied, PlaneError>>> {
        async move {
            let mut results = Vec::new();
            for change in changes {
                results.push(self.carry_out(change).await);
            }
            results
        }
        .boxed()
    }

    fn settled(&self, token: Token, limit: Duration) -> Doing<'_, Settled> {
        self.inner.settled(token, limit)
    }

    fn list(&self) -> Doing<'_, Vec<Observed>> {
        async move {
            match self.failing.load(Ordering::Relaxed) as u64 {
                failing if failing == 0 || self.dice.roll(failing) > 0 => self.inner.list().await,
                _ => Err(PlaneError::Unavailable("cannot list".into())),
            }
        }
        .boxed()
    }

    fn watch(&self) -> BoxStream<'static, DriftHint> {
        self.inner.watch()
    }

    fn probe<'a>(&'a self, probe: &'a ProbeSpec) -> Doing<'a, ProbeReport> {
        self.inner.probe(probe)
    }
}
