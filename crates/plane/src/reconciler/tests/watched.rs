//! A plane that watches how it is used, and fails at random if asked to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::FutureExt;
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

    fn ensure_network<'a>(&'a self, network: &'a Arc<SourceNet>) -> Doing<'a, Applied> {
        async move {
            let _busy = self.call("network", network.source.to_string()).await?;
            self.inner.ensure_network(network).await
        }
        .boxed()
    }

    fn ensure_peer<'a>(&'a self, peer: &'a PeerSpec) -> Doing<'a, Applied> {
        async move {
            let _busy = self.call("ensure", peer.peer.to_string()).await?;
            self.check_overlap(peer);
            let applied = self.inner.ensure_peer(peer).await?;
            self.installed.lock().unwrap().insert(peer.peer, peer.clone());
            yield_now().await;
            Ok(applied)
        }
        .boxed()
    }

    fn ensure_hosts<'a>(&'a self, source: &'a SourceRef, hosts: &'a HostTable) -> Doing<'a, Applied> {
        async move {
            let _busy = self.call("hosts", format!("hosts of {source}")).await?;
            self.inner.ensure_hosts(source, hosts).await
        }
        .boxed()
    }

    fn remove_peer(&self, peer: PeerId) -> Doing<'_, ()> {
        async move {
            let _busy = self.call("remove", peer.to_string()).await?;
            self.inner.remove_peer(peer).await?;
            self.installed.lock().unwrap().remove(&peer);
            yield_now().await;
            Ok(())
        }
        .boxed()
    }

    fn remove_network<'a>(&'a self, source: &'a SourceRef) -> Doing<'a, ()> {
        async move {
            let _busy = self.call("drop", source.to_string()).await?;
            self.installed.lock().unwrap().retain(|_, spec| spec.source.source != *source);
            self.inner.remove_network(source).await
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
