use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use linkspan_model::{Cidr, PeerId};
use tokio::time::Instant;

use super::faults::Drift;
use crate::driver::Observed;
use crate::error::PlaneError;
use crate::hosts::HostTable;
use crate::reach::{Coverage, PeerFacts};
use crate::spec::{DestNet, PeerSpec, SourceNet, SourceRef};

/// The simulated networks: who is there, and what leads where. Knows no clock; times are handed in.
///
/// A peer costs its entry here and nothing else: both of its sides are shared with every peer that has the same,
/// whatever the caller shared, and a tree has no moment at which everything is copied to make room.
#[derive(Debug, Default)]
pub(super) struct Graph {
    networks: HashMap<SourceRef, Network>,
    destinations: HashSet<Arc<DestNet>>,
    peers: BTreeMap<PeerId, Entry>,
    unsettled: HashMap<PeerId, Ready>,
    damage: BinaryHeap<Reverse<(Instant, PeerId, Drift)>>,
}

#[derive(Debug)]
struct Network {
    name: Arc<SourceRef>,
    net: Arc<SourceNet>,
    hosts: HostTable,
    peers: usize,
}

#[derive(Debug)]
pub(super) struct Entry {
    source: Arc<SourceNet>,
    destination: Arc<DestNet>,
    /// Thin, because most peers have none.
    routes: Option<Box<Arc<[Cidr]>>>,
    digest: u64,
    generation: u32,
    drift: Option<Drift>,
}

const _: () = assert!(size_of::<Entry>() <= 40, "a million peers must fit");

/// When a peer is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ready {
    At(Instant),
    Never,
}

impl Entry {
    pub(super) fn sides(&self) -> (&SourceRef, &DestNet) {
        (&self.source.source, &self.destination)
    }

    fn holds(&self, spec: &PeerSpec) -> bool {
        self.drift.is_none() && (self.generation, self.digest) == (spec.generation, spec.digest)
    }

    fn facts(&self, peer: PeerId) -> PeerFacts<'_> {
        let routes = self.routes.as_deref().map_or(&[][..], |routes| routes);
        let all = Coverage::Of { subnet: self.destination.cidr, routes };
        let unless = |drift| if self.drift == Some(drift) { Coverage::Nothing } else { all };
        PeerFacts {
            peer,
            routes: unless(Drift::RouteGone),
            permits: unless(Drift::PermitGone),
            link_up: self.drift != Some(Drift::LinkDown),
            beyond: None,
        }
    }
}

impl Graph {
    /// Takes over peers that are in place already, all at once.
    pub(super) fn resume(specs: Vec<PeerSpec>) -> Self {
        let mut graph = Self::default();
        let mut entries = Vec::with_capacity(specs.len());
        for spec in specs {
            graph.ensure_network(&spec.source);
            entries.push((spec.peer, graph.entry(&spec)));
        }
        graph.peers = entries.into_iter().collect();
        graph
    }

    pub(super) fn ensure_network(&mut self, net: &Arc<SourceNet>) -> bool {
        if let Some(network) = self.networks.get_mut(&net.source) {
            if network.net == *net {
                return false;
            }
            let before = std::mem::replace(&mut network.net, net.clone());
            if network.peers > 0 {
                // Peers of the old addresses stand, but lead nowhere until they are made anew.
                for entry in self.peers.values_mut().filter(|entry| Arc::ptr_eq(&entry.source, &before)) {
                    entry.drift = Some(Drift::RouteGone);
                }
            }
            return true;
        }
        let name = Arc::new(net.source.clone());
        let network = Network { name, net: net.clone(), hosts: HostTable::default(), peers: 0 };
        self.networks.insert(net.source.clone(), network);
        true
    }

    pub(super) fn ensure_hosts(&mut self, source: &SourceRef, hosts: &HostTable) -> Result<bool, PlaneError> {
        let Some(network) = self.networks.get_mut(source) else {
            return if hosts.digest() == 0 { Ok(false) } else { Err(absent(source)) };
        };
        let changed = network.hosts.digest() != hosts.digest();
        network.hosts = hosts.clone();
        Ok(changed)
    }

    pub(super) fn ensure_peer(&mut self, spec: &PeerSpec) -> Result<bool, PlaneError> {
        if self.networks.get(&spec.source.source).is_none_or(|network| network.net != spec.source) {
            return Err(absent(&spec.source.source));
        }
        if self.peers.get(&spec.peer).is_some_and(|entry| entry.holds(spec)) {
            return Ok(false);
        }
        let entry = self.entry(spec);
        if let Some(before) = self.peers.insert(spec.peer, entry) {
            self.forget(&before);
        }
        Ok(true)
    }

    /// An entry whose sides are shared with all others. The source's network must be there.
    fn entry(&mut self, spec: &PeerSpec) -> Entry {
        let destination = match self.destinations.get(&spec.destination) {
            Some(known) => known.clone(),
            None => {
                self.destinations.insert(spec.destination.clone());
                spec.destination.clone()
            }
        };
        let source = match self.networks.get_mut(&spec.source.source) {
            Some(network) => {
                network.peers += 1;
                network.net.clone()
            }
            None => spec.source.clone(),
        };
        let routes = (!spec.routes.is_empty()).then(|| Box::new(spec.routes.clone()));
        Entry { source, destination, routes, digest: spec.digest, generation: spec.generation, drift: None }
    }

    pub(super) fn remove_peer(&mut self, peer: PeerId) {
        self.unsettled.remove(&peer);
        if let Some(entry) = self.peers.remove(&peer) {
            self.forget(&entry);
        }
    }

    /// Counts an entry out that is no longer in the tree.
    fn forget(&mut self, entry: &Entry) {
        if let Some(network) = self.networks.get_mut(&entry.source.source) {
            network.peers = network.peers.saturating_sub(1);
        }
        // The set's own and the entry's.
        if Arc::strong_count(&entry.destination) <= 2 {
            self.destinations.remove(&entry.destination);
        }
    }

    pub(super) fn remove_network(&mut self, source: &SourceRef) {
        if self.networks.get(source).is_some_and(|network| network.peers > 0) {
            let inside = self.peers.iter().filter(|(_, entry)| entry.source.source == *source);
            for peer in inside.map(|(peer, _)| *peer).collect::<Vec<_>>() {
                self.remove_peer(peer);
            }
        }
        self.networks.remove(source);
    }

    pub(super) fn peer(&self, peer: PeerId) -> Option<&Entry> {
        self.peers.get(&peer)
    }

    pub(super) fn peer_count(&self) -> usize {
        self.peers.len()
    }

    /// When a peer is in force; none if it is already, as far as is known here.
    pub(super) fn ready(&self, peer: PeerId) -> Option<Ready> {
        self.unsettled.get(&peer).copied()
    }

    pub(super) fn set_ready(&mut self, peer: PeerId, ready: Option<Ready>) {
        match ready {
            Some(ready) => drop(self.unsettled.insert(peer, ready)),
            None => drop(self.unsettled.remove(&peer)),
        }
    }

    /// Damages a peer now; false if it is not there.
    pub(super) fn damage(&mut self, peer: PeerId, drift: Drift) -> bool {
        if drift == Drift::PeerGone {
            let there = self.peers.contains_key(&peer);
            self.remove_peer(peer);
            return there;
        }
        let Some(entry) = self.peers.get_mut(&peer) else { return false };
        entry.drift = Some(drift);
        true
    }

    /// Damages a peer later.
    pub(super) fn damage_at(&mut self, at: Instant, peer: PeerId, drift: Drift) {
        self.damage.push(Reverse((at, peer, drift)));
    }

    /// When the next damage is due.
    pub(super) fn next_damage(&self) -> Option<Instant> {
        self.damage.peek().map(|Reverse((at, ..))| *at)
    }

    /// Does the damage that is due, and says to whom.
    pub(super) fn do_damage(&mut self, now: Instant) -> Vec<PeerId> {
        let mut damaged = Vec::new();
        while self.next_damage().is_some_and(|at| at <= now) {
            let Some(Reverse((_, peer, drift))) = self.damage.pop() else { break };
            if self.damage(peer, drift) {
                damaged.push(peer);
            }
        }
        damaged
    }

    pub(super) fn list_networks(&self, into: &mut Vec<Observed>) {
        for network in self.networks.values() {
            let source = network.name.clone();
            into.push(Observed::Network { source: source.clone(), digest: network.net.digest() });
            if network.hosts.digest() != 0 {
                into.push(Observed::Hosts { source, digest: network.hosts.digest() });
            }
        }
    }

    /// The next peers in the order of their ids, so that nobody holds the graph for long.
    pub(super) fn peers_after(&self, last: Option<PeerId>, most: usize) -> impl Iterator<Item = (PeerId, &Entry)> {
        let from = last.map_or(Bound::Unbounded, Bound::Excluded);
        self.peers.range((from, Bound::Unbounded)).take(most).map(|(peer, entry)| (*peer, entry))
    }

    /// The network of a queue or pool, and its host records.
    pub(super) fn network(&self, source: &SourceRef) -> Option<(Arc<SourceNet>, HostTable)> {
        self.networks.get(source).map(|network| (network.net.clone(), network.hosts.clone()))
    }

    /// What is in place and in force of a peer of that network.
    pub(super) fn facts<'a>(&self, net: &Arc<SourceNet>, (peer, entry): (PeerId, &'a Entry)) -> Option<PeerFacts<'a>> {
        let inside = Arc::ptr_eq(&entry.source, net) && !self.unsettled.contains_key(&peer);
        inside.then(|| entry.facts(peer))
    }

    /// Forgets that peers were not in force until a time that has come.
    pub(super) fn settle(&mut self, now: Instant) {
        if !self.unsettled.is_empty() {
            self.unsettled.retain(|_, ready| !matches!(ready, Ready::At(at) if *at <= now));
        }
    }
}

impl Entry {
    pub(super) fn observed(&self, peer: PeerId) -> Observed {
        let (generation, digest) = (self.generation, self.digest);
        Observed::Peer { peer, generation, digest, intact: self.drift.is_none() }
    }
}

fn absent(source: &SourceRef) -> PlaneError {
    PlaneError::retry(format!("the network of {source} is not there as specified"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    fn graph_of(specs: &[PeerSpec]) -> Graph {
        let mut graph = Graph::default();
        for spec in specs {
            graph.ensure_network(&spec.source);
            graph.ensure_peer(spec).unwrap();
        }
        graph
    }

    #[test]
    fn equal_sides_are_shared_and_given_up_with_the_last_peer() {
        // Each specification has sides of its own, as a caller that shares nothing would send them.
        let specs = [1, 2, 3].map(|number| samples::spec(number, "q", "192.168.0.0/24"));
        let mut graph = graph_of(&specs);
        let strong = |graph: &Graph| Arc::strong_count(graph.destinations.iter().next().unwrap());
        // The set, three entries, and the first specification.
        assert_eq!((graph.destinations.len(), strong(&graph)), (1, 5));
        drop(specs);
        for number in 1..=3 {
            assert_eq!(graph.destinations.len(), 1);
            graph.remove_peer(samples::mark(number).peer);
        }
        assert_eq!((graph.destinations.len(), graph.networks[&samples::queue("q")].peers), (0, 0));
    }

    #[test]
    fn resuming_equals_making() {
        let specs: Vec<_> = (1..50).map(|n| samples::spec(n, &format!("q{}", n % 3), "192.168.0.0/24")).collect();
        let (made, resumed) = (graph_of(&specs), Graph::resume(specs));
        let list = |graph: &Graph| {
            let mut list: Vec<_> = graph.peers_after(None, 99).map(|(peer, entry)| entry.observed(peer)).collect();
            list.sort_by_key(|observed| format!("{observed:?}"));
            list
        };
        assert_eq!(list(&made), list(&resumed));
        for (source, network) in &made.networks {
            assert_eq!(network.peers, resumed.networks[source].peers);
        }
    }

    #[test]
    fn new_addresses_of_a_network_break_its_peers_until_they_are_made_anew() {
        let mut graph = graph_of(&[samples::spec(1, "q", "192.168.0.0/24")]);
        assert!(graph.ensure_network(&samples::source("q", "10.1.0.0/24")));
        let old = samples::spec(1, "q", "192.168.0.0/24");
        assert!(graph.ensure_peer(&old).unwrap_err().is_passing());
        let (peer, entry) = graph.peers_after(None, 1).next().unwrap();
        assert!(matches!(entry.observed(peer), Observed::Peer { intact: false, .. }));
    }
}
