use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use linkspan_model::PeerId;

use super::{Broken, Rule, samples};
use crate::driver::{Change, Observed, Plane, Settled, Token};
use crate::hosts::HostTable;
use crate::spec::{PeerMark, PeerSpec};
use crate::verdict::Verdict;

const SUBNET: &str = "192.168.7.0/24";
const INSIDE: &str = "192.168.7.20";

macro_rules! rules {
    ($($name:ident),* $(,)?) => {
        /// Every rule.
        pub const RULES: &[Rule] = &[$(Rule { name: stringify!($name), check: |plane| Box::pin($name(plane)) }),*];
    };
}

rules![
    an_empty_plane_lists_nothing_of_ours,
    a_network_is_made_once_and_listed_with_its_digest,
    a_peer_needs_the_network_of_its_source,
    a_peer_is_made_once_and_listed_with_its_mark,
    another_generation_replaces_the_mark,
    removing_a_peer_leaves_nothing_and_removing_nothing_succeeds,
    host_records_are_replaced_whole_and_the_empty_table_is_none,
    removing_a_network_takes_everything_in_it,
    the_way_is_open_exactly_while_the_peer_is_there,
    custom_routes_open_the_way_too,
    names_resolve_by_the_host_records_of_their_own_queue,
    a_peer_is_observed_as_it_is_listed,
    what_is_foreseen_is_not_made,
    a_batch_answers_each_change_in_order,
    what_is_in_force_is_settled_at_once,
    a_call_that_was_dropped_is_mended_by_the_next,
    many_objects_may_be_worked_on_at_once,
];

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(otherwise())) }
}

/// Makes the source's network, then the peer, and waits until it is in force.
async fn make(plane: &dyn Plane, spec: &PeerSpec) -> Result<bool, Broken> {
    plane.ensure_network(&spec.source).await?;
    let applied = plane.ensure_peer(spec).await?;
    let settled = plane.settled(applied.token, Duration::from_secs(30)).await?;
    ensure(settled == Settled::Yes, || format!("not in force after 30 s: {settled:?}"))?;
    Ok(applied.changed)
}

/// A peer of another queue with another network, as the records demand of queues that are joined to one VPC.
fn from_elsewhere(number: u128, subnet: &str) -> PeerSpec {
    samples::spec_from(number, samples::source("other", "10.0.1.0/24"), subnet)
}

fn listed(spec: &PeerSpec) -> Observed {
    Observed::Peer { peer: spec.peer, generation: spec.generation, digest: spec.digest, intact: true }
}

async fn peers(plane: &dyn Plane) -> Result<Vec<Observed>, Broken> {
    Ok(plane.list().await?.into_iter().filter(|object| matches!(object, Observed::Peer { .. })).collect())
}

async fn an_empty_plane_lists_nothing_of_ours(plane: &dyn Plane) -> Result<(), Broken> {
    plane.check().await?;
    ensure(plane.capabilities().batch > 0, || "a batch holds at least one change".to_owned())?;
    let list = plane.list().await?;
    ensure(list.is_empty(), || format!("lists {list:?}"))
}

async fn a_network_is_made_once_and_listed_with_its_digest(plane: &dyn Plane) -> Result<(), Broken> {
    for cidr in ["10.0.0.0/24", "10.0.1.0/24"] {
        let net = samples::source("q", cidr);
        ensure(plane.ensure_network(&net).await?.changed, || format!("making {cidr} changed nothing"))?;
        ensure(!plane.ensure_network(&net).await?.changed, || format!("making {cidr} again changed something"))?;
        let expected = Observed::Network { source: Arc::new(net.source.clone()), digest: net.digest() };
        let list = plane.list().await?;
        ensure(list == [expected], || format!("lists {list:?} after making {cidr}"))?;
    }
    Ok(())
}

async fn a_peer_needs_the_network_of_its_source(plane: &dyn Plane) -> Result<(), Broken> {
    let spec = samples::spec(1, "q", SUBNET);
    for other in [None, Some(samples::source("q", "10.0.99.0/24"))] {
        if let Some(net) = &other {
            plane.ensure_network(net).await?;
        }
        let result = plane.ensure_peer(&spec).await;
        let refused = result.as_ref().is_err_and(crate::error::PlaneError::is_passing);
        ensure(refused, || format!("answers {result:?} with {other:?} in place"))?;
        let peers = peers(plane).await?;
        ensure(peers.is_empty(), || format!("lists {peers:?}"))?;
    }
    Ok(())
}

async fn a_peer_is_made_once_and_listed_with_its_mark(plane: &dyn Plane) -> Result<(), Broken> {
    let spec = samples::spec(1, "q", SUBNET);
    ensure(make(plane, &spec).await?, || "making it changed nothing".to_owned())?;
    ensure(!make(plane, &spec).await?, || "making it again changed something".to_owned())?;
    let peers = peers(plane).await?;
    ensure(peers == [listed(&spec)], || format!("lists {peers:?}"))
}

async fn another_generation_replaces_the_mark(plane: &dyn Plane) -> Result<(), Broken> {
    let first = samples::spec(1, "q", SUBNET);
    make(plane, &first).await?;
    let routes = Arc::from([samples::cidr("172.20.0.0/16")]);
    let mark = PeerMark { generation: 2, ..samples::mark(1) };
    let second = PeerSpec::new(mark, first.source.clone(), first.destination.clone(), routes);
    let third = PeerSpec { generation: 3, ..second.clone() };
    for spec in [second, third] {
        ensure(make(plane, &spec).await?, || format!("generation {} changed nothing", spec.generation))?;
        let peers = peers(plane).await?;
        ensure(peers == [listed(&spec)], || format!("lists {peers:?}"))?;
    }
    Ok(())
}

async fn removing_a_peer_leaves_nothing_and_removing_nothing_succeeds(plane: &dyn Plane) -> Result<(), Broken> {
    let spec = samples::spec(1, "q", SUBNET);
    plane.remove_peer(spec.peer).await?;
    make(plane, &spec).await?;
    let other = samples::spec(2, "q", "192.168.8.0/24");
    make(plane, &other).await?;
    for _ in 0..2 {
        plane.remove_peer(spec.peer).await?;
        let peers = peers(plane).await?;
        ensure(peers == [listed(&other)], || format!("lists {peers:?}"))?;
    }
    plane.remove_network(&samples::queue("never_made")).await?;
    ensure(make(plane, &spec).await?, || "making it after removal changed nothing".to_owned())
}

async fn host_records_are_replaced_whole_and_the_empty_table_is_none(plane: &dyn Plane) -> Result<(), Broken> {
    let (net, source) = (samples::source("q", "10.0.0.0/24"), samples::queue("q"));
    let one = HostTable::new(vec![samples::host_part(1, &[("kafka", INSIDE)])]);
    let two = HostTable::new(vec![samples::host_part(2, &[("redis", INSIDE)])]);
    let early = plane.ensure_hosts(&source, &one).await;
    ensure(early.is_err_and(|error| error.is_passing()), || "host records without a network".to_owned())?;
    plane.ensure_hosts(&source, &HostTable::default()).await?;
    plane.ensure_network(&net).await?;
    for table in [&one, &two, &HostTable::default()] {
        ensure(plane.ensure_hosts(&source, table).await?.changed, || format!("{table:?} changed nothing"))?;
        ensure(!plane.ensure_hosts(&source, table).await?.changed, || format!("{table:?} changed twice"))?;
        let list = plane.list().await?;
        let digests: Vec<_> = list.iter().filter_map(hosts_digest).collect();
        let expected: Vec<_> = Some(table.digest()).filter(|digest| *digest != 0).into_iter().collect();
        ensure(digests == expected, || format!("lists {list:?} for {table:?}"))?;
    }
    Ok(())
}

fn hosts_digest(object: &Observed) -> Option<u64> {
    match object {
        Observed::Hosts { digest, .. } => Some(*digest),
        _ => None,
    }
}

async fn removing_a_network_takes_everything_in_it(plane: &dyn Plane) -> Result<(), Broken> {
    let (inside, other) = (samples::spec(1, "q", SUBNET), from_elsewhere(2, SUBNET));
    make(plane, &inside).await?;
    make(plane, &other).await?;
    let source = samples::queue("q");
    plane.ensure_hosts(&source, &HostTable::new(vec![samples::host_part(1, &[("kafka", INSIDE)])])).await?;
    for _ in 0..2 {
        plane.remove_network(&source).await?;
        let list = plane.list().await?;
        let foreign = list.iter().filter(|object| match object {
            Observed::Peer { peer, .. } => *peer == inside.peer,
            Observed::Network { source: of, .. } | Observed::Hosts { source: of, .. } => **of == source,
        });
        ensure(foreign.count() == 0 && list.len() == 2, || format!("lists {list:?}"))?;
    }
    Ok(())
}

async fn verdict(plane: &dyn Plane, queue: &str, target: &str) -> Result<Verdict, Broken> {
    Ok(plane.probe(&samples::probe(queue, target)).await?.verdict)
}

/// Nothing need listen there, so a plane with packets may find other faults beyond; the queue's own part is in place.
fn leads_there(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::NoRouteInQueue | Verdict::DnsFailure | Verdict::BlockedByPolicy | Verdict::PeerLinkDown)
}

async fn the_way_is_open_exactly_while_the_peer_is_there(plane: &dyn Plane) -> Result<(), Broken> {
    let spec = samples::spec(1, "q", SUBNET);
    plane.ensure_network(&spec.source).await?;
    plane.ensure_network(&samples::source("other", "10.0.0.0/24")).await?;
    let before = verdict(plane, "q", INSIDE).await?;
    ensure(before == Verdict::NoRouteInQueue, || format!("{before} before"))?;
    make(plane, &spec).await?;
    let during = verdict(plane, "q", INSIDE).await?;
    ensure(leads_there(during), || format!("{during} while it is there"))?;
    for (queue, target) in [("q", "192.168.8.20"), ("other", INSIDE), ("never_made", INSIDE)] {
        let elsewhere = verdict(plane, queue, target).await?;
        ensure(elsewhere == Verdict::NoRouteInQueue, || format!("{elsewhere} from {queue} to {target}"))?;
    }
    plane.remove_peer(spec.peer).await?;
    let after = verdict(plane, "q", INSIDE).await?;
    ensure(after == Verdict::NoRouteInQueue, || format!("{after} after"))
}

async fn custom_routes_open_the_way_too(plane: &dyn Plane) -> Result<(), Broken> {
    let plain = samples::spec(1, "q", SUBNET);
    let routes = Arc::from([samples::cidr("172.20.0.0/16")]);
    let routed = PeerSpec::new(samples::mark(1), plain.source.clone(), plain.destination.clone(), routes);
    for (spec, open) in [(&routed, true), (&plain, false)] {
        make(plane, spec).await?;
        let verdict = verdict(plane, "q", "172.20.1.1").await?;
        ensure(leads_there(verdict) == open, || format!("{verdict} with routes {:?}", spec.routes))?;
    }
    Ok(())
}

async fn names_resolve_by_the_host_records_of_their_own_queue(plane: &dyn Plane) -> Result<(), Broken> {
    make(plane, &samples::spec(1, "q", SUBNET)).await?;
    make(plane, &from_elsewhere(2, SUBNET)).await?;
    plane
        .ensure_hosts(&samples::queue("q"), &HostTable::new(vec![samples::host_part(1, &[("Kafka", INSIDE)])]))
        .await?;
    let report = plane.probe(&samples::probe("q", "kafka")).await?;
    let by = report.resolved_by == Some(samples::mark(1).connection) && report.address == INSIDE.parse().ok();
    ensure(leads_there(report.verdict) && by, || format!("{report:?}"))?;
    for (queue, name) in [("q", "redis"), ("other", "kafka"), ("never_made", "kafka")] {
        let verdict = verdict(plane, queue, name).await?;
        ensure(verdict == Verdict::DnsFailure, || format!("{verdict} for {name} from {queue}"))?;
    }
    Ok(())
}

async fn a_peer_is_observed_as_it_is_listed(plane: &dyn Plane) -> Result<(), Broken> {
    let (one, other) = (samples::spec(1, "q", SUBNET), from_elsewhere(2, "192.168.9.0/24"));
    make(plane, &other).await?;
    for is_there in [false, true, false] {
        if is_there {
            make(plane, &one).await?;
        } else {
            plane.remove_peer(one.peer).await?;
        }
        let listed = peers(plane).await?;
        for spec in [&one, &other] {
            let is_it = |seen: &&Observed| matches!(seen, Observed::Peer { peer, .. } if *peer == spec.peer);
            let (listed, observed) = (listed.iter().find(is_it), plane.observe(spec.peer).await?);
            ensure(listed == observed.as_ref(), || format!("listed {listed:?}, observed {observed:?}"))?;
        }
    }
    Ok(())
}

async fn what_is_foreseen_is_not_made(plane: &dyn Plane) -> Result<(), Broken> {
    let spec = samples::spec(1, "q", SUBNET);
    for is_there in [false, true] {
        plane.foresee(&spec).await?;
        let list = plane.list().await?;
        ensure(list.is_empty() != is_there, || format!("lists {list:?}"))?;
        ensure(make(plane, &spec).await? != is_there, || "making it changed nothing, or twice".to_owned())?;
    }
    Ok(())
}

async fn a_batch_answers_each_change_in_order(plane: &dyn Plane) -> Result<(), Broken> {
    let (spec, orphan) = (samples::spec(1, "q", SUBNET), samples::spec(2, "never_made", SUBNET));
    plane.ensure_network(&spec.source).await?;
    let changes = [
        Change::EnsurePeer(orphan),
        Change::EnsurePeer(spec.clone()),
        Change::RemovePeer(samples::mark(3).peer),
        Change::EnsureHosts(Arc::new(samples::queue("q")), HostTable::default()),
        Change::EnsureNetwork(samples::source("third", "10.0.0.0/24")),
        Change::RemoveNetwork(Arc::new(samples::queue("fourth"))),
    ];
    let results = plane.apply_batch(&changes).await;
    let good: Vec<_> = results.iter().map(Result::is_ok).collect();
    ensure(good == [false, true, true, true, true, true], || format!("answers {results:?}"))?;
    let peers = peers(plane).await?;
    ensure(peers == [listed(&spec)], || format!("lists {peers:?}"))
}

async fn what_is_in_force_is_settled_at_once(plane: &dyn Plane) -> Result<(), Broken> {
    let settled = plane.settled(Token::IN_FORCE, Duration::ZERO).await?;
    ensure(settled == Settled::Yes, || format!("{settled:?}"))
}

async fn a_call_that_was_dropped_is_mended_by_the_next(plane: &dyn Plane) -> Result<(), Broken> {
    let spec = samples::spec(1, "q", SUBNET);
    // Polled once and dropped, wherever that leaves it.
    let _ = plane.ensure_network(&spec.source).now_or_never();
    plane.ensure_network(&spec.source).await?;
    let _ = plane.ensure_peer(&spec).now_or_never();
    make(plane, &spec).await?;
    let made = peers(plane).await?;
    ensure(made == [listed(&spec)], || format!("lists {made:?}"))?;
    let _ = plane.remove_peer(spec.peer).now_or_never();
    plane.remove_peer(spec.peer).await?;
    let removed = peers(plane).await?;
    ensure(removed.is_empty(), || format!("lists {removed:?}"))
}

async fn many_objects_may_be_worked_on_at_once(plane: &dyn Plane) -> Result<(), Broken> {
    let nets: Vec<_> =
        (0..4).map(|queue| samples::source(&format!("q{queue}"), &format!("10.0.{queue}.0/24"))).collect();
    let numbers = 1..=20u128;
    let specs: Vec<_> = numbers
        .zip(nets.iter().cycle())
        .map(|(number, net)| samples::spec_from(number, net.clone(), &format!("192.168.{number}.0/24")))
        .collect();
    for result in join_all(nets.iter().map(|net| plane.ensure_network(net))).await {
        result?;
    }
    for result in join_all(specs.iter().map(|spec| make(plane, spec))).await {
        result?;
    }
    let made: BTreeSet<PeerId> = peers(plane).await?.iter().filter_map(peer_id).collect();
    ensure(made.len() == specs.len(), || format!("{} of {} are there", made.len(), specs.len()))?;
    for result in join_all(specs.iter().map(|spec| plane.remove_peer(spec.peer))).await {
        result?;
    }
    let left = peers(plane).await?;
    ensure(left.is_empty(), || format!("lists {left:?}"))
}

fn peer_id(object: &Observed) -> Option<PeerId> {
    match object {
        Observed::Peer { peer, .. } => Some(*peer),
        _ => None,
    }
}
