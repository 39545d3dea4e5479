use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use linkspan_model::{Cidr, ExternalId, PeerId, ProjectId};

use super::queue::Key;
use crate::records::DesiredPeer;
use crate::spec::{PeerSpec, SourceRef};

/// Holds additions back while a removal that shares a CIDR with them is under way.
///
/// Two peers share a CIDR if the same queue routes it to both, or if two queues of the same addresses lead to one
/// VPC. Removals are grouped by place and CIDR, and additions wait for a group: a queue with a hundred thousand peers
/// that all change places takes as many steps, not their square.
#[derive(Debug, Default)]
pub(super) struct Gate {
    removals: HashMap<PeerId, (SourceRef, Vec<(Place, Span)>)>,
    places: HashMap<Place, BTreeMap<Span, Group>>,
}

/// Where CIDRs must not meet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    /// The routes of a queue or pool.
    Source(SourceRef),
    /// The routes of a VPC's router, back to the queues.
    Vpc(ProjectId, ExternalId),
}

/// A CIDR of either family as a range of IPv6 addresses: its first one (IPv4 mapped) and its number of network bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span(u128, u8);

/// Removals of one CIDR in one place.
#[derive(Debug, Default)]
struct Group {
    by_source: BTreeMap<SourceRef, usize>,
    waiting: Vec<Key>,
}

impl Span {
    const EVERYTHING: Self = Self(0, 0);

    fn of(cidr: &Cidr) -> Self {
        match cidr {
            Cidr::V4(cidr) => Self(mapped(IpAddr::V4(cidr.network())), cidr.prefix() + 96),
            Cidr::V6 { network, prefix } => Self(mapped(IpAddr::V6(*network)), *prefix),
        }
    }

    fn mask(prefix: u8) -> u128 {
        u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
    }

    /// The spans that hold this one, itself included.
    fn around(self) -> impl Iterator<Item = Self> {
        (0..=self.1).map(move |prefix| Self(self.0 & Self::mask(prefix), prefix))
    }

    /// The range in which the spans inside this one lie.
    fn inside(self) -> std::ops::RangeInclusive<Self> {
        self..=Self(self.0 | !Self::mask(self.1), u8::MAX)
    }
}

fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// Where a peer takes part, with which CIDRs. A destination of unknown addresses shares none.
fn parts(spec: &PeerSpec) -> Vec<(Place, Span)> {
    let source = &spec.source.source;
    let towards = spec.destination.cidr.map(Cidr::V4);
    let mut parts: Vec<_> =
        towards.iter().chain(spec.routes.iter()).map(|cidr| (Place::Source(source.clone()), Span::of(cidr))).collect();
    let vpc = Place::Vpc(spec.destination.project.clone(), spec.destination.vpc.clone());
    parts.push((vpc, Span::of(&Cidr::V4(spec.source.cidr))));
    parts
}

impl Gate {
    /// A removal is under way. If nothing is known of the peer but its queue, it may share any CIDR of that queue.
    pub(super) fn close(&mut self, peer: &DesiredPeer) {
        if self.removals.contains_key(&peer.peer) {
            return;
        }
        let parts = match &peer.spec {
            Ok(spec) => parts(spec),
            Err(_) => vec![(Place::Source(peer.source.clone()), Span::EVERYTHING)],
        };
        for (place, span) in &parts {
            let group = self.places.entry(place.clone()).or_default().entry(*span).or_default();
            *group.by_source.entry(peer.source.clone()).or_default() += 1;
        }
        self.removals.insert(peer.peer, (peer.source.clone(), parts));
    }

    /// A removal is over, or no longer wanted. Returns who may look again.
    pub(super) fn open(&mut self, peer: PeerId) -> Vec<Key> {
        let mut woken = Vec::new();
        let Some((source, parts)) = self.removals.remove(&peer) else { return woken };
        for (place, span) in parts {
            let Some(spans) = self.places.get_mut(&place) else { continue };
            let Some(group) = spans.get_mut(&span) else { continue };
            if let Some(count) = group.by_source.get_mut(&source) {
                *count -= 1;
                if *count > 0 {
                    continue;
                }
            }
            group.by_source.remove(&source);
            woken.append(&mut group.waiting);
            if group.by_source.is_empty() {
                spans.remove(&span);
            }
            if spans.is_empty() {
                self.places.remove(&place);
            }
        }
        woken
    }

    /// Whether an addition must wait; if so, it is among those that [`Gate::open`] returns.
    pub(super) fn holds_back(&mut self, spec: &PeerSpec, key: &Key) -> bool {
        if self.removals.is_empty() {
            return false;
        }
        for (place, span) in parts(spec) {
            let Some(spans) = self.places.get_mut(&place) else { continue };
            let around = span.around().find(|outer| shares(&place, spans.get(outer), spec));
            let inner = || spans.range(span.inside()).find(|(_, group)| shares(&place, Some(group), spec));
            if let Some(found) = around.or_else(|| inner().map(|(found, _)| *found)) {
                if let Some(group) = spans.get_mut(&found) {
                    group.waiting.push(key.clone());
                }
                return true;
            }
        }
        false
    }
}

/// Whether a group is in the way. Peers of one queue that lead to one VPC share the way back and do not collide there.
fn shares(place: &Place, group: Option<&Group>, spec: &PeerSpec) -> bool {
    let Some(group) = group else { return false };
    match place {
        Place::Source(_) => !group.by_source.is_empty(),
        Place::Vpc(..) => group.by_source.len() > usize::from(group.by_source.contains_key(&spec.source.source)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conformance::samples;
    use crate::records::Wish;

    fn key() -> Key {
        Key::Peer(samples::mark(99).peer)
    }

    fn removal(spec: Result<PeerSpec, Box<str>>, queue: &str) -> DesiredPeer {
        DesiredPeer { spec, wish: Wish::Removing, ..samples::desired(1, queue, "192.168.0.0/24") }
    }

    fn held_back(removal_spec: &PeerSpec, addition: &PeerSpec) -> bool {
        let (mut gate, removal) =
            (Gate::default(), removal(Ok(removal_spec.clone()), removal_spec.source.source.name.as_str()));
        gate.close(&removal);
        let held = gate.holds_back(addition, &key());
        let woken = gate.open(removal.peer);
        assert_eq!(woken.contains(&key()), held);
        assert!(gate.places.is_empty() && gate.removals.is_empty());
        assert!(!gate.holds_back(addition, &key()));
        held
    }

    #[test]
    fn cidrs_of_one_queue_must_not_meet() {
        let from = |subnet| samples::spec(2, "q", subnet);
        let removed = samples::spec(1, "q", "192.168.4.0/24");
        for (subnet, held) in [
            ("192.168.4.0/24", true),
            ("192.168.0.0/16", true),
            ("192.168.4.128/25", true),
            ("0.0.0.0/0", true),
            ("192.168.5.0/24", false),
            ("192.168.3.0/24", false),
        ] {
            assert_eq!(held_back(&removed, &from(subnet)), held, "{subnet}");
        }
    }

    #[test]
    fn custom_routes_of_both_families_count() {
        let with = |number, route: &str| {
            let plain = samples::spec(number, "q", if number == 1 { "192.168.1.0/24" } else { "192.168.2.0/24" });
            PeerSpec::new(samples::mark(number), plain.source, plain.destination, Arc::from([samples::cidr(route)]))
        };
        assert!(held_back(&with(1, "10.9.0.0/16"), &with(2, "10.9.3.0/24")));
        assert!(held_back(&with(1, "2001:db8::/48"), &with(2, "2001:db8::/32")));
        assert!(held_back(&with(1, "192.168.2.7"), &with(2, "10.9.0.0/16")));
        assert!(!held_back(&with(1, "10.9.0.0/16"), &with(2, "10.10.0.0/16")));
        assert!(!held_back(&with(1, "2001:db8::/48"), &with(2, "10.10.0.0/16")));
    }

    #[test]
    fn two_queues_of_equal_addresses_must_not_meet_in_one_vpc() {
        let removed = samples::spec(1, "q", "192.168.4.0/24");
        assert!(held_back(&removed, &samples::spec(2, "other", "192.168.9.0/24")));
        let elsewhere = PeerSpec::new(
            samples::mark(2),
            samples::source("other", "10.7.0.0/24"),
            samples::destination("n", Some("192.168.9.0/24")),
            Arc::default(),
        );
        assert!(!held_back(&removed, &elsewhere));
        assert!(!held_back(&removed, &samples::spec(2, "q", "192.168.9.0/24")), "one queue, one way back");
    }

    #[test]
    fn a_removal_of_which_only_the_queue_is_known_holds_back_that_queue() {
        let mut gate = Gate::default();
        let removal = removal(Err("the queue is gone".into()), "q");
        gate.close(&removal);
        assert!(gate.holds_back(&samples::spec(2, "q", "192.168.9.0/24"), &key()));
        assert!(!gate.holds_back(&samples::spec(2, "other", "192.168.9.0/24"), &key()));
        assert_eq!(gate.open(removal.peer), [key()]);
    }

    #[test]
    fn a_group_opens_with_its_last_removal() {
        let mut gate = Gate::default();
        let removals = [1, 2].map(|number| samples::desired(number, "q", "192.168.4.0/24"));
        removals.iter().for_each(|removal| gate.close(removal));
        assert!(gate.holds_back(&samples::spec(3, "q", "192.168.4.0/24"), &key()));
        assert_eq!(gate.open(removals[0].peer), []);
        assert_eq!(gate.open(removals[1].peer), [key()]);
    }
}
