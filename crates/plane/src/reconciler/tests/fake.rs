//! Records in memory that take reports as the engine does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use linkspan_model::PeerId;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::conformance::samples;
use crate::*;

pub(super) const OVERLAP: &str = "the subnet overlaps one that the queue reaches already; unbind that first";

#[derive(Default)]
struct Table {
    peers: BTreeMap<PeerId, (DesiredPeer, PeerSpec)>,
    hosts: BTreeMap<PeerId, HostPart>,
    reports: Vec<PeerReport>,
    batches: Vec<usize>,
    refusals: Vec<ReportRefused>,
}

pub(super) struct Fake {
    table: Mutex<Table>,
    hints: Arc<Hints>,
    changed: Notify,
}

impl Fake {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { table: Mutex::default(), hints: Arc::new(Hints::new(1000)), changed: Notify::new() })
    }

    /// Binds the peer of that number; impossible if its subnet is one the queue has already.
    pub(super) fn bind(&self, number: u128, queue: &str, subnet: &str) -> PeerId {
        self.bind_spec(samples::spec(number, queue, subnet))
    }

    pub(super) fn bind_spec(&self, spec: PeerSpec) -> PeerId {
        let possible = self.table.lock().unwrap().check(&spec);
        self.bind_unchecked(spec, possible)
    }

    pub(super) fn bind_unchecked(&self, spec: PeerSpec, possible: Result<PeerSpec, Box<str>>) -> PeerId {
        let peer = spec.peer;
        let mut table = self.table.lock().unwrap();
        let source = spec.source.source.clone();
        let sample = samples::desired(spec.peer.0.as_u128(), "q", "10.9.0.0/24");
        let desired = DesiredPeer { source, spec: possible, ..sample };
        table.peers.insert(peer, (desired, spec));
        drop(table);
        self.hint(peer);
        peer
    }

    /// Gives the connection of a peer other host records.
    pub(super) fn set_hosts(&self, number: u128, hosts: &[(&str, &str)]) {
        let part = samples::host_part(number, hosts);
        let mut table = self.table.lock().unwrap();
        let Some((desired, _)) = table.peers.get_mut(&part.peer) else { return };
        desired.hosts = if hosts.is_empty() { 0 } else { part.digest };
        let source = desired.source.clone();
        table.hosts.insert(part.peer, part);
        drop(table);
        self.hints.send(Hint::Hosts(source));
    }

    /// Asks something else of a peer: its next generation.
    pub(super) fn alter(&self, peer: PeerId, alter: impl FnOnce(&mut DesiredPeer)) {
        let mut table = self.table.lock().unwrap();
        if let Some((desired, spec)) = table.peers.get_mut(&peer) {
            desired.generation += 1;
            spec.generation = desired.generation;
            if let Ok(possible) = &mut desired.spec {
                possible.generation = desired.generation;
            }
            alter(desired);
        }
        drop(table);
        self.hint(peer);
    }

    pub(super) fn unbind(&self, peer: PeerId) {
        self.alter(peer, |desired| desired.wish = Wish::Removing);
        let mut table = self.table.lock().unwrap();
        let impossible: Vec<_> = table.peers.values().filter(|(desired, _)| desired.spec.is_err()).cloned().collect();
        for (desired, spec) in impossible {
            if let Ok(possible) = table.check(&spec) {
                // Nobody hints at that.
                table.peers.insert(desired.peer, (DesiredPeer { spec: Ok(possible), ..desired.clone() }, spec));
            }
        }
    }

    pub(super) fn hint(&self, peer: PeerId) {
        self.hints.send(Hint::Peer(peer));
    }

    /// The next batches of reports are refused so.
    pub(super) fn refuse(&self, refusals: &[ReportRefused]) {
        self.table.lock().unwrap().refusals.extend(refusals);
    }

    pub(super) fn recorded(&self, peer: PeerId) -> Option<Recorded> {
        self.table.lock().unwrap().peers.get(&peer).map(|(desired, _)| desired.recorded.clone())
    }

    pub(super) fn reports(&self) -> Vec<PeerReport> {
        self.table.lock().unwrap().reports.clone()
    }

    pub(super) fn outcomes(&self, peer: PeerId) -> Vec<Outcome> {
        self.reports().into_iter().filter(|report| report.peer == peer).map(|report| report.outcome).collect()
    }

    pub(super) fn largest_batch(&self) -> usize {
        self.table.lock().unwrap().batches.iter().copied().max().unwrap_or(0)
    }

    pub(super) fn peers(&self) -> Vec<DesiredPeer> {
        self.table.lock().unwrap().peers.values().map(|(desired, _)| desired.clone()).collect()
    }

    /// Waits until the records say so; they are looked at after every batch of reports.
    pub(super) async fn until(&self, mut holds: impl FnMut(&Self) -> bool) {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                if holds(self) {
                    return;
                }
                changed.await;
            }
        };
        if timeout(Duration::from_secs(3600), wait).await.is_err() {
            let short = |peer: &DesiredPeer| (peer.peer, peer.wish, peer.recorded.clone(), peer.spec.is_ok());
            panic!("waited in vain: {:?}", self.peers().iter().map(short).collect::<Vec<_>>());
        }
    }

    /// The same for many peers, looked at only once so many reports have come.
    pub(super) async fn until_reports(&self, count: usize, holds: impl Fn(&Self) -> bool) {
        self.until(|fake| fake.table.lock().unwrap().reports.len() >= count && holds(fake)).await;
    }

    pub(super) async fn until_active(&self, peer: PeerId) {
        self.until(|fake| fake.recorded(peer) == Some(Recorded::Active)).await;
    }
}

impl Table {
    /// The engine's rule, as far as these tests go.
    fn check(&self, spec: &PeerSpec) -> Result<PeerSpec, Box<str>> {
        let taken = self.peers.values().any(|(desired, other)| {
            desired.peer != spec.peer
                // One whose creation was called off is wanted again once it has failed.
                && desired.wish != Wish::Removing
                && desired.spec.is_ok()
                && other.source == spec.source
                && other.destination.cidr == spec.destination.cidr
        });
        if taken { Err(OVERLAP.into()) } else { Ok(spec.clone()) }
    }

    fn take(&mut self, report: &PeerReport) {
        let Some((desired, _)) = self.peers.get_mut(&report.peer) else { return };
        if desired.generation != report.generation {
            return;
        }
        match &report.outcome {
            Outcome::Active => desired.recorded = Recorded::Active,
            Outcome::Failed(why) => {
                desired.recorded = Recorded::Failed(why.clone());
                desired.wish = Wish::Present;
            }
            Outcome::Removed => {
                assert_eq!(desired.wish, Wish::Removing, "nobody asked for the removal of {desired:?}");
                self.peers.remove(&report.peer);
                self.hosts.remove(&report.peer);
            }
        }
    }
}

impl Records for Fake {
    fn for_each_peer(&self, each: &mut dyn FnMut(DesiredPeer)) {
        self.peers().into_iter().for_each(each);
    }

    fn peer(&self, id: PeerId) -> Option<DesiredPeer> {
        self.table.lock().unwrap().peers.get(&id).map(|(desired, _)| desired.clone())
    }

    fn hosts(&self, source: &SourceRef) -> HostTable {
        let table = self.table.lock().unwrap();
        let present = table
            .peers
            .values()
            .filter(|(desired, _)| desired.source == *source && desired.wish == Wish::Present && desired.hosts != 0);
        HostTable::new(present.map(|(desired, _)| table.hosts[&desired.peer].clone()).collect())
    }

    fn report(&self, reports: Vec<PeerReport>) -> BoxFuture<'_, Result<(), ReportRefused>> {
        async move {
            tokio::task::yield_now().await;
            let mut table = self.table.lock().unwrap();
            if !table.refusals.is_empty() {
                return Err(table.refusals.remove(0));
            }
            reports.iter().for_each(|report| table.take(report));
            table.batches.push(reports.len());
            table.reports.extend(reports);
            drop(table);
            self.changed.notify_waiters();
            Ok(())
        }
        .boxed()
    }

    fn hints(&self) -> Arc<Hints> {
        self.hints.clone()
    }
}
