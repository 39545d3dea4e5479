use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::conformance::samples;

/// A plane of maps: what is marked, by key, and how many unmarked objects stand beside it.
#[derive(Debug, Clone, Default, PartialEq)]
struct World {
    peers: BTreeMap<PeerId, (u32, u64, bool)>,
    networks: BTreeMap<SourceRef, u64>,
    hosts: BTreeMap<SourceRef, u64>,
}

impl World {
    fn list(&self) -> Vec<Observed> {
        let peers = self.peers.iter().map(|(peer, (generation, digest, intact))| Observed::Peer {
            peer: *peer,
            generation: *generation,
            digest: *digest,
            intact: *intact,
        });
        let shared = |source: &SourceRef| Arc::new(source.clone());
        let networks =
            self.networks.iter().map(|(source, digest)| Observed::Network { source: shared(source), digest: *digest });
        let hosts =
            self.hosts.iter().map(|(source, digest)| Observed::Hosts { source: shared(source), digest: *digest });
        // Backwards, because a plane lists in any order.
        peers.chain(networks).chain(hosts).rev().collect()
    }

    /// Carries out a step on exactly the object that it names.
    fn apply(&mut self, step: &Step, desired: &Desired) {
        match step {
            Step::RemovePeer { peer, .. } => {
                self.peers.remove(peer);
            }
            Step::RemoveNetwork(source) => {
                self.networks.remove(&**source);
                self.hosts.remove(&**source);
            }
            Step::EnsureNetwork(network) => {
                self.networks.insert(network.source.clone(), network.digest());
            }
            Step::EnsureHosts(source) => match desired.sources[&**source].hosts {
                0 => drop(self.hosts.remove(&**source)),
                digest => drop(self.hosts.insert((**source).clone(), digest)),
            },
            Step::EnsurePeer(peer) => {
                let wanted = desired.peers.iter().find(|wanted| wanted.peer == *peer).unwrap();
                let Want::Whole { generation, digest } = wanted.want else { panic!("{wanted:?} is not to be made") };
                self.peers.insert(*peer, (generation, digest, true));
            }
            Step::ReportImpossible(peer) => assert!(!self.peers.contains_key(peer)),
        }
    }
}

fn wanted(number: u128, kind: u8, state: u8, recorded: bool) -> WantedPeer {
    let want = match kind {
        0 => Want::Removing,
        1 => Want::Cancelled,
        2 => Want::Impossible,
        _ => Want::Whole { generation: u32::from(state), digest: u64::from(state) },
    };
    WantedPeer { peer: samples::mark(number).peer, want, recorded }
}

prop_compose! {
    fn desired()(
        peers in vec((0u8..9, 0u8..3, any::<bool>()), 12),
        sources in vec((any::<bool>(), 0u64..3), 4),
    ) -> Desired {
        let peers = peers.into_iter().enumerate().filter(|(_, (kind, ..))| *kind < 8);
        let peers = peers.map(|(i, (kind, state, recorded))| wanted(i as u128, kind, state, recorded)).collect();
        let sources = sources.into_iter().enumerate().map(|(i, (network, hosts))| {
            let net = samples::source(&format!("q{i}"), "10.0.0.0/24");
            (net.source.clone(), WantedSource { network: network.then_some(net), hosts })
        });
        Desired { peers, sources: sources.collect() }
    }
}

prop_compose! {
    fn world()(
        peers in vec((0u32..3, 0u64..3, any::<bool>(), any::<bool>()), 16),
        networks in vec((any::<bool>(), 0u64..2, 0u64..3), 6),
    ) -> World {
        let mut world = World::default();
        for (i, (generation, digest, intact, there)) in peers.into_iter().enumerate() {
            if there {
                world.peers.insert(samples::mark(i as u128).peer, (generation, digest, intact));
            }
        }
        for (i, (there, altered, hosts)) in networks.into_iter().enumerate().filter(|(_, (there, ..))| *there) {
            assert!(there);
            let net = samples::source(&format!("q{i}"), "10.0.0.0/24");
            world.networks.insert(net.source.clone(), net.digest() ^ altered);
            if hosts > 0 {
                world.hosts.insert(net.source.clone(), hosts);
            }
        }
        world
    }
}

/// What the records would say once every step was carried out and reported.
fn reported(desired: &Desired) -> Desired {
    let mut after = desired.clone();
    after.peers.retain(|wanted| wanted.want != Want::Removing);
    for wanted in &mut after.peers {
        if wanted.want == Want::Cancelled {
            wanted.want = Want::Impossible;
        }
        wanted.recorded = true;
    }
    after
}

fn run(world: &mut World, desired: &Desired, before: &Suspects) -> Plan {
    let plan = plan(desired.clone(), world.list(), before);
    for step in &plan.steps {
        world.apply(step, desired);
    }
    plan
}

proptest! {
    #[test]
    fn two_passes_make_the_plane_what_is_desired_and_a_third_does_nothing(desired in desired(), mut world in world()) {
        let first = run(&mut world, &desired, &Suspects::new());
        let desired = reported(&desired);
        let second = run(&mut world, &desired, &first.suspects);
        for wanted in &desired.peers {
            let there = world.peers.get(&wanted.peer).copied();
            let expected = match wanted.want {
                Want::Whole { generation, digest } => Some((generation, digest, true)),
                _ => None,
            };
            prop_assert_eq!(there, expected);
        }
        let known = |peer: &PeerId| desired.peers.iter().any(|wanted| wanted.peer == *peer);
        prop_assert!(world.peers.keys().all(known));
        prop_assert!(world.networks.keys().all(|source| desired.sources.contains_key(source)));
        for (name, source) in desired.sources.iter().filter(|(_, source)| source.network.is_some()) {
            prop_assert_eq!(world.networks.get(name).copied(), source.network.as_ref().map(|net| net.digest()));
            prop_assert_eq!(world.hosts.get(name).copied().unwrap_or(0), source.hosts);
        }
        let third = run(&mut world, &desired, &second.suspects);
        prop_assert_eq!((third.steps, third.suspects), (Vec::new(), Suspects::new()));
        let impossible = desired.peers.iter().filter(|wanted| wanted.want == Want::Impossible);
        prop_assert_eq!(third.impossible, impossible.map(|wanted| wanted.peer).collect::<Vec<_>>());
    }

    #[test]
    fn removals_come_first_and_those_being_removed_before_all(desired in desired(), world in world()) {
        let suspects = plan(Desired::default(), world.list(), &Suspects::new()).suspects;
        let plan = plan(desired.clone(), world.list(), &suspects);
        let rank = |step: &Step| match step {
            Step::RemovePeer { peer, .. } => {
                u8::from(!desired.peers.contains(&WantedPeer { peer: *peer, want: Want::Removing, recorded: false })
                    && !desired.peers.contains(&WantedPeer { peer: *peer, want: Want::Removing, recorded: true }))
            }
            Step::RemoveNetwork(_) => 2,
            Step::EnsureNetwork(_) | Step::EnsureHosts(_) => 3,
            Step::EnsurePeer(_) | Step::ReportImpossible(_) => 4,
        };
        prop_assert!(plan.steps.is_sorted_by_key(rank), "{:?}", plan.steps);
    }

    #[test]
    fn every_peer_that_the_records_do_not_know_the_outcome_of_gets_a_step(desired in desired(), world in world()) {
        let plan = plan(desired.clone(), world.list(), &Suspects::new());
        for wanted in desired.peers.iter().filter(|wanted| !wanted.recorded) {
            let about = plan.steps.iter().filter(|step| match step {
                Step::RemovePeer { peer, .. } | Step::EnsurePeer(peer) | Step::ReportImpossible(peer) => {
                    *peer == wanted.peer
                }
                _ => false,
            });
            prop_assert_eq!(about.count(), 1, "{:?}", wanted);
        }
    }

    #[test]
    fn only_objects_of_the_records_or_seen_twice_are_named(desired in desired(), world in world()) {
        let first = plan(desired.clone(), world.list(), &Suspects::new());
        for step in &first.steps {
            let known = match step {
                Step::RemovePeer { peer, .. } | Step::EnsurePeer(peer) | Step::ReportImpossible(peer) => {
                    desired.peers.iter().any(|wanted| wanted.peer == *peer)
                }
                Step::RemoveNetwork(_) => false,
                Step::EnsureNetwork(network) => desired.sources.contains_key(&network.source),
                Step::EnsureHosts(source) => desired.sources.contains_key(&**source),
            };
            prop_assert!(known, "{step:?}");
        }
        // Something else is unknown now: what was suspected before is not what is seen.
        let other = Suspects::from([ObjectKey::Peer(samples::mark(99).peer)]);
        prop_assert_eq!(plan(desired.clone(), world.list(), &other).steps, first.steps);
    }
}

#[test]
fn a_peer_that_is_in_place_but_not_recorded_so_is_looked_at_again() {
    let desired = Desired { peers: vec![wanted(1, 3, 1, false)], ..Desired::default() };
    let mut world = World::default();
    world.peers.insert(samples::mark(1).peer, (1, 1, true));
    let plan = plan(desired, world.list(), &Suspects::new());
    assert_eq!(plan.steps, [Step::EnsurePeer(samples::mark(1).peer)]);
}

#[test]
fn desired_peers_bring_their_network_and_the_sum_of_their_host_records() {
    let mut desired = Desired::default();
    for number in 1..=2 {
        desired.add(&samples::desired(number, "q", "192.168.0.0/24"));
    }
    let source = desired.sources.values().next().unwrap();
    assert_eq!((desired.sources.len(), source.hosts), (1, 0));
    assert!(source.network.is_some());
    let mut with_hosts = samples::desired(3, "q", "192.168.0.0/24");
    with_hosts.hosts = 7;
    desired.add(&with_hosts);
    let part = samples::host_part(3, &[("kafka", "10.0.0.1")]);
    let table = HostTable::new(vec![crate::HostPart { digest: 7, ..part }]);
    assert_eq!(desired.sources.values().next().unwrap().hosts, table.digest());
}
