//! What to do so that the plane becomes what the records want: a pure function of the two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use linkspan_model::PeerId;

use crate::driver::Observed;
use crate::hosts::HostTable;
use crate::records::{DesiredPeer, Recorded, Wish};
use crate::spec::{SourceNet, SourceRef};

#[cfg(test)]
mod tests;

/// The desired state of one instant, reduced to what planning needs: some 40 bytes a peer.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// Every peer of the records, in any order.
    pub peers: Vec<WantedPeer>,
    /// Every queue or pool that a peer of the records binds.
    pub sources: BTreeMap<SourceRef, WantedSource>,
}

/// A peer as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedPeer {
    /// The peer.
    pub peer: PeerId,
    /// What should be there of it.
    pub want: Want,
    /// Whether the record says already what the plane would be reported to hold.
    pub recorded: bool,
}

/// What should be there of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// All of it.
    Whole {
        /// Its generation.
        generation: u32,
        /// Its specification's digest.
        digest: u64,
    },
    /// Nothing, because it cannot be made.
    Impossible,
    /// Nothing, because it is being removed.
    Removing,
    /// Nothing, because its creation was called off.
    Cancelled,
}

/// The network of a queue or pool as it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedSource {
    /// Its network, if any of its peers should be there.
    pub network: Option<Arc<SourceNet>>,
    /// The digest of its table of host records.
    pub hosts: u64,
}

impl Desired {
    /// Takes in one more peer of the records.
    pub fn add(&mut self, peer: &DesiredPeer) {
        let (want, recorded) = match (peer.wish, &peer.spec) {
            (Wish::Removing, _) => (Want::Removing, false),
            (Wish::Cancelled, _) => (Want::Cancelled, false),
            (Wish::Present, Ok(spec)) => {
                (Want::Whole { generation: spec.generation, digest: spec.digest }, peer.recorded == Recorded::Active)
            }
            (Wish::Present, Err(why)) => {
                (Want::Impossible, matches!(&peer.recorded, Recorded::Failed(said) if said.reason == *why))
            }
        };
        self.peers.push(WantedPeer { peer: peer.peer, want, recorded });
        if peer.wish != Wish::Present {
            return;
        }
        // Looked up first, so that the name is copied once per queue and not once per peer.
        if !self.sources.contains_key(&peer.source) {
            self.sources.insert(peer.source.clone(), WantedSource::default());
        }
        if let Some(source) = self.sources.get_mut(&peer.source) {
            source.hosts = source.hosts.wrapping_add(HostTable::part_digest(peer.peer, peer.hosts));
            if let Ok(spec) = &peer.spec {
                source.network.get_or_insert_with(|| spec.source.clone());
            }
        }
    }
}

/// Names one object of a plane.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKey {
    /// A peer.
    Peer(PeerId),
    /// The network of a queue or pool, its host records included.
    Network(Arc<SourceRef>),
}

/// Marked objects that no record knows, as of the last look: only what is unknown twice in a row is removed, because
/// the two states are not read at one instant.
pub type Suspects = BTreeSet<ObjectKey>;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Remove a peer; report it if a record knows it.
    RemovePeer {
        /// The peer.
        peer: PeerId,
        /// Whether a record knows it.
        known: bool,
    },
    /// Remove a network that no record knows.
    RemoveNetwork(Arc<SourceRef>),
    /// Make or mend a network.
    EnsureNetwork(Arc<SourceNet>),
    /// Replace a network's host records.
    EnsureHosts(Arc<SourceRef>),
    /// Make or mend a peer, or look whether it is in force; then report it.
    EnsurePeer(PeerId),
    /// Report that a peer cannot be made; there is nothing of it.
    ReportImpossible(PeerId),
}

/// What to do, in order, and what to suspect the next time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// All removals, peers being removed first, then everything that is made: whatever shares a CIDR with an addition
    /// is gone before it.
    pub steps: Vec<Step>,
    /// What is unknown now.
    pub suspects: Suspects,
    /// Peers that cannot be made, of which nothing is there and all is reported.
    pub impossible: Vec<PeerId>,
}

/// Compares what should be with what is.
#[must_use]
pub fn plan(mut desired: Desired, observed: Vec<Observed>, before: &Suspects) -> Plan {
    desired.peers.sort_unstable_by_key(|wanted| wanted.peer);
    let mut seen = Seen::sort(observed);
    let mut sorter = Sorter::new(before);
    sorter.peers(&desired.peers, &seen.peers);
    sorter.sources(&desired.sources, &mut seen);
    sorter.finish()
}

/// A peer as it is.
struct SeenPeer {
    peer: PeerId,
    generation: u32,
    digest: u64,
    intact: bool,
}

struct Seen {
    peers: Vec<SeenPeer>,
    networks: BTreeMap<Arc<SourceRef>, u64>,
    hosts: BTreeMap<Arc<SourceRef>, u64>,
}

impl Seen {
    fn sort(observed: Vec<Observed>) -> Self {
        let mut seen = Self { peers: Vec::new(), networks: BTreeMap::new(), hosts: BTreeMap::new() };
        for object in observed {
            match object {
                Observed::Peer { peer, generation, digest, intact } => {
                    seen.peers.push(SeenPeer { peer, generation, digest, intact });
                }
                Observed::Network { source, digest } => {
                    seen.networks.insert(source, digest);
                }
                Observed::Hosts { source, digest } => {
                    seen.hosts.insert(source, digest);
                }
            }
        }
        seen.peers.sort_unstable_by_key(|seen| seen.peer);
        seen
    }
}

/// Collects steps by the order in which they must happen.
struct Sorter<'a> {
    removing: Vec<Step>,
    removals: Vec<Step>,
    networks: Vec<Step>,
    additions: Vec<Step>,
    before: &'a Suspects,
    suspects: Suspects,
    impossible: Vec<PeerId>,
}

impl<'a> Sorter<'a> {
    fn new(before: &'a Suspects) -> Self {
        Self {
            removing: Vec::new(),
            removals: Vec::new(),
            networks: Vec::new(),
            additions: Vec::new(),
            before,
            suspects: Suspects::new(),
            impossible: Vec::new(),
        }
    }

    /// Both sides are sorted by peer and are walked side by side, because a million of them is no time for look-ups.
    fn peers(&mut self, wanted: &[WantedPeer], seen: &[SeenPeer]) {
        let mut seen = seen.iter().peekable();
        for wanted in wanted {
            while let Some(unknown) = seen.next_if(|seen| seen.peer < wanted.peer) {
                self.unknown_peer(unknown.peer);
            }
            let there = seen.next_if(|seen| seen.peer == wanted.peer);
            self.known_peer(wanted, there);
        }
        for unknown in seen {
            self.unknown_peer(unknown.peer);
        }
    }

    fn known_peer(&mut self, wanted: &WantedPeer, there: Option<&SeenPeer>) {
        let peer = wanted.peer;
        let remove = Step::RemovePeer { peer, known: true };
        match (wanted.want, there) {
            (Want::Removing, _) => self.removing.push(remove),
            (Want::Cancelled, _) | (Want::Impossible, Some(_)) => self.removals.push(remove),
            (Want::Impossible, None) if wanted.recorded => self.impossible.push(peer),
            (Want::Impossible, None) => self.additions.push(Step::ReportImpossible(peer)),
            (Want::Whole { generation, digest }, Some(there))
                if wanted.recorded && there.intact && (there.generation, there.digest) == (generation, digest) => {}
            (Want::Whole { .. }, _) => self.additions.push(Step::EnsurePeer(peer)),
        }
    }

    fn unknown_peer(&mut self, peer: PeerId) {
        if self.suspect(ObjectKey::Peer(peer)) {
            self.removals.push(Step::RemovePeer { peer, known: false });
        }
    }

    fn sources(&mut self, wanted: &BTreeMap<SourceRef, WantedSource>, seen: &mut Seen) {
        for (name, source) in wanted {
            let there = seen.networks.remove(name);
            let hosts = seen.hosts.remove(name).unwrap_or(0);
            let Some(network) = &source.network else {
                // Its peers cannot be made at present; its network, if any, may stay for when they can.
                continue;
            };
            if there != Some(network.digest()) {
                self.networks.push(Step::EnsureNetwork(network.clone()));
            }
            if hosts != source.hosts {
                self.networks.push(Step::EnsureHosts(Arc::new(name.clone())));
            }
        }
        let unknown: BTreeSet<_> = seen.networks.keys().chain(seen.hosts.keys()).cloned().collect();
        for source in unknown {
            if self.suspect(ObjectKey::Network(source.clone())) {
                self.removals.push(Step::RemoveNetwork(source));
            }
        }
    }

    /// Whether this is the second look at which it is unknown.
    fn suspect(&mut self, key: ObjectKey) -> bool {
        let again = self.before.contains(&key);
        self.suspects.insert(key);
        again
    }

    fn finish(self) -> Plan {
        let parts = [self.removing, self.removals, self.networks, self.additions];
        Plan { steps: parts.into_iter().flatten().collect(), suspects: self.suspects, impossible: self.impossible }
    }
}
