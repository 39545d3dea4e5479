//! A plane without packets: networks, peers and host records in memory, with faults on demand.
//!
//! Invariants: it answers in microseconds unless a rule says otherwise; it keeps nothing but what it was asked to make,
//! some 90 bytes a peer; a probe is judged by the same function over routes, permits and links that real planes use.
//!
//! It must not check what the engine checks (overlaps, unknown networks), nor survive its process: after a restart it
//! is resumed from the records. To add a fault: a variant of [`FaultEffect`], and one question in `faults.rs`.

mod faults;
mod graph;

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{self, BoxStream, StreamExt};
use linkspan_model::PeerId;
use tokio::sync::{Notify, broadcast};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use self::faults::{Settling, Subject};
use self::graph::{Graph, Ready as InForce};
use crate::driver::{Applied, Capabilities, Change, Doing, DriftHint, Observed, Plane, Ready, Settled, Token};
use crate::error::PlaneError;
use crate::probe::{ProbeReport, ProbeSpec};
use crate::reach::{Finding, Judge};
use crate::records::{Recorded, Records, Wish};
use crate::spec::{PeerSpec, SourceNet, SourceRef};
use crate::verdict::Verdict;

pub use self::faults::{Drift, FailOn, FaultEffect, FaultMatch, FaultRule, Faults, RuleId};

/// Peers that are gone through before the graph is let go for others.
const CHUNK: usize = 4096;

/// The simulated plane; clones share the same networks.
#[derive(Debug, Clone)]
pub struct SimulatedPlane {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    graph: Mutex<Graph>,
    faults: Faults,
    hints: broadcast::Sender<DriftHint>,
    /// Rung when damage is due earlier than whoever waits for it knows.
    alarm: Notify,
    start: Instant,
}

impl Default for SimulatedPlane {
    fn default() -> Self {
        Self::with(Graph::default())
    }
}

impl SimulatedPlane {
    /// A plane without anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A plane that holds what the records say is active, host records included, so that a restart changes nothing.
    #[must_use]
    pub fn resume(records: &dyn Records) -> Self {
        let mut specs = Vec::new();
        let mut with_hosts = HashSet::new();
        let (found, sources) = mpsc::channel::<SourceRef>();
        let (mut graph, tables) = thread::scope(|threads| {
            // Host tables take as long as peers do, so they are made beside them.
            let tables = threads.spawn(|| sources.into_iter().map(|it| (records.hosts(&it), it)).collect::<Vec<_>>());
            records.for_each_peer(&mut |peer| {
                if peer.wish != Wish::Present {
                    return;
                }
                if peer.hosts != 0 && !with_hosts.contains(&peer.source) {
                    with_hosts.insert(peer.source.clone());
                    // The other thread takes them until there are no more.
                    let _taken = found.send(peer.source.clone());
                }
                if let (Recorded::Active, Ok(spec)) = (&peer.recorded, peer.spec) {
                    specs.push(spec);
                }
            });
            drop(found);
            let graph = Graph::resume(specs);
            (graph, tables.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        for (table, source) in tables {
            // A network without an active peer is not there yet.
            let _is_there = graph.ensure_hosts(&source, &table);
        }
        Self::with(graph)
    }

    fn with(graph: Graph) -> Self {
        let (hints, _) = broadcast::channel(1024);
        let inner = Inner {
            graph: Mutex::new(graph),
            faults: Faults::default(),
            hints,
            alarm: Notify::new(),
            start: Instant::now(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The rules by which things go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Damages a peer as somebody else on the host would; false if it is not there.
    pub fn damage(&self, peer: PeerId, drift: Drift) -> bool {
        let done = self.inner.graph().damage(peer, drift);
        if done {
            self.inner.hint(peer);
        }
        done
    }

    /// How many peers are in place.
    #[must_use]
    pub fn peer_count(&self) -> usize {
        self.inner.graph().peer_count()
    }
}

impl Inner {
    /// The graph as of now: what was due to happen has happened.
    fn graph(&self) -> MutexGuard<'_, Graph> {
        let mut graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner);
        if graph.next_damage().is_some() {
            for peer in graph.do_damage(Instant::now()) {
                self.hint(peer);
            }
        }
        graph
    }

    fn hint(&self, peer: PeerId) {
        // Nobody listening is no error.
        let _ = self.hints.send(DriftHint::Peer(peer));
    }

    fn apply(&self, change: &Change) -> Result<Applied, PlaneError> {
        match change {
            Change::EnsureNetwork(network) => Ok(applied(self.graph().ensure_network(network))),
            Change::EnsureHosts(source, hosts) => self.graph().ensure_hosts(source, hosts).map(applied),
            Change::EnsurePeer(peer) => self.ensure_peer(peer),
            Change::RemovePeer(peer) => self.remove_peer(*peer).map(|()| Applied::AT_ONCE),
            Change::RemoveNetwork(source) => {
                self.graph().remove_network(source);
                Ok(Applied::AT_ONCE)
            }
        }
    }

    fn ensure_peer(&self, spec: &PeerSpec) -> Result<Applied, PlaneError> {
        let subject = Subject { peer: spec.peer, sides: Some((&spec.source.source, &spec.destination)) };
        self.faults.fail(FailOn::Ensure, subject)?;
        let now = Instant::now();
        let mut graph = self.graph();
        let changed = graph.ensure_peer(spec)?;
        let ready = match (self.faults.settling(subject), graph.ready(spec.peer)) {
            (Settling::Never, before) if changed || before.is_some() => Some(InForce::Never),
            (Settling::After(latency), _) if changed => Some(InForce::At(now + latency)),
            (_, Some(InForce::At(at))) => Some(InForce::At(at)),
            (Settling::After(latency), Some(InForce::Never)) => Some(InForce::At(now + latency)),
            (_, before) => before,
        };
        let ready = ready.filter(|ready| !matches!(ready, InForce::At(at) if *at <= now));
        graph.set_ready(spec.peer, ready);
        if changed {
            for (after, drift) in self.faults.drifts(subject) {
                graph.damage_at(now + after, spec.peer, drift);
                self.alarm.notify_waiters();
            }
        }
        Ok(Applied { changed, token: self.token(ready) })
    }

    /// The token of a time: microseconds since the start, counted from one.
    fn token(&self, ready: Option<InForce>) -> Token {
        match ready {
            None => Token::IN_FORCE,
            Some(InForce::Never) => Token(u64::MAX),
            Some(InForce::At(at)) => {
                let micros = at.saturating_duration_since(self.start).as_micros();
                Token(u64::try_from(micros).unwrap_or(u64::MAX - 1).saturating_add(1))
            }
        }
    }

    fn remove_peer(&self, peer: PeerId) -> Result<(), PlaneError> {
        let mut graph = self.graph();
        let subject = Subject { peer, sides: graph.peer(peer).map(graph::Entry::sides) };
        self.faults.fail(FailOn::Remove, subject)?;
        graph.remove_peer(peer);
        Ok(())
    }

    async fn settled(&self, token: Token, limit: Duration) -> Settled {
        if token == Token::IN_FORCE {
            return Settled::Yes;
        }
        let until = Instant::now() + limit;
        let ready = (token.0 != u64::MAX).then(|| self.start + Duration::from_micros(token.0));
        match ready {
            Some(ready) if ready <= until => {
                sleep_until(ready).await;
                Settled::Yes
            }
            _ => {
                sleep_until(until).await;
                Settled::NotYet("the simulated plane was told to take its time".into())
            }
        }
    }

    async fn list(&self) -> Vec<Observed> {
        let mut list = Vec::with_capacity(self.graph().peer_count());
        self.graph().list_networks(&mut list);
        let mut last = None;
        loop {
            let before = last;
            for (peer, entry) in self.graph().peers_after(before, CHUNK) {
                list.push(entry.observed(peer));
                last = Some(peer);
            }
            if last == before {
                return list;
            }
            yield_now().await;
        }
    }

    async fn probe(&self, probe: &ProbeSpec) -> ProbeReport {
        let (net, hosts) = self.graph().network(&probe.source).unzip();
        let Some(resolved) = probe.target.resolve(&hosts.unwrap_or_default()) else {
            return ProbeReport::unresolved(probe);
        };
        let Some(net) = net else {
            let nothing = Finding { verdict: Verdict::NoRouteInQueue, peer: None, in_place: 0 };
            return ProbeReport::of(probe, &nothing, Some(resolved));
        };
        let mut judge = Judge::new(resolved.0);
        let mut last = None;
        loop {
            let before = last;
            last = self.consider(&net, before, &mut judge);
            if last == before {
                return ProbeReport::of(probe, &judge.finish(), Some(resolved));
            }
            yield_now().await;
        }
    }

    /// Tells the judge about the network's peers among the next ones; returns the last one looked at.
    fn consider(&self, net: &Arc<SourceNet>, last: Option<PeerId>, judge: &mut Judge) -> Option<PeerId> {
        let mut graph = self.graph();
        graph.settle(Instant::now());
        let mut seen = last;
        for (peer, entry) in graph.peers_after(last, CHUNK) {
            seen = Some(peer);
            if let Some(mut facts) = graph.facts(net, (peer, entry)) {
                facts.beyond = self.faults.beyond(Subject { peer, sides: Some(entry.sides()) });
                judge.consider(&facts);
            }
        }
        seen
    }

    /// The next hint; damage that falls due meanwhile is done.
    async fn next_hint(&self, hints: &mut broadcast::Receiver<DriftHint>) -> DriftHint {
        loop {
            let alarm = self.alarm.notified();
            let due = self.graph().next_damage();
            let damage = async {
                match due {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                hint = hints.recv() => match hint {
                    Ok(hint) => return hint,
                    Err(broadcast::error::RecvError::Lagged(_)) => return DriftHint::Resync,
                    // Cannot happen: `self` holds a sender.
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                },
                () = damage => {}
                () = alarm => {}
            }
        }
    }
}

impl Plane for SimulatedPlane {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "simulated",
            real_packets: false,
            multi_host: true,
            stateful: false,
            dns: true,
            ipv6: true,
            max_peers_hint: None,
            batch: 64,
        }
    }

    fn check(&self) -> Doing<'_, Ready> {
        std::future::ready(Ok(Ready::default())).boxed()
    }

    fn apply_batch<'a>(&'a self, changes: &'a [Change]) -> BoxFuture<'a, Vec<Result<Applied, PlaneError>>> {
        async { changes.iter().map(|change| self.inner.apply(change)).collect() }.boxed()
    }

    fn settled(&self, token: Token, limit: Duration) -> Doing<'_, Settled> {
        self.inner.settled(token, limit).map(Ok).boxed()
    }

    fn list(&self) -> Doing<'_, Vec<Observed>> {
        self.inner.list().map(Ok).boxed()
    }

    fn observe(&self, id: PeerId) -> Doing<'_, Option<Observed>> {
        async move { Ok(self.inner.graph().peer(id).map(|entry| entry.observed(id))) }.boxed()
    }

    fn watch(&self) -> BoxStream<'static, DriftHint> {
        let state = (self.inner.clone(), self.inner.hints.subscribe());
        stream::unfold(state, |(inner, mut hints)| async move {
            let hint = inner.next_hint(&mut hints).await;
            Some((hint, (inner, hints)))
        })
        .boxed()
    }

    fn foresee<'a>(&'a self, peer: &'a PeerSpec) -> Doing<'a, ()> {
        let subject = Subject { peer: peer.peer, sides: Some((&peer.source.source, &peer.destination)) };
        std::future::ready(self.inner.faults.foresee(FailOn::Ensure, subject)).boxed()
    }

    fn probe<'a>(&'a self, probe: &'a ProbeSpec) -> Doing<'a, ProbeReport> {
        self.inner.probe(probe).map(Ok).boxed()
    }
}

fn applied(changed: bool) -> Applied {
    if changed { Applied::AT_ONCE } else { Applied::UNCHANGED }
}

#[cfg(test)]
mod tests;
