use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use linkspan_model::{Cidr4, PeerId};
use linkspan_plane::{Applied, PeerSpec, PlaneError};
use nix::errno::Errno;

use super::joint::Joint;
use super::room::{Behind, Newcomer};
use super::state::{Router, Sources, routes_over};
use crate::addressing::{ROUTER_END, destinations, source_address};
use crate::error::{Fault, Outcome};
use crate::host::Host;
use crate::marks::{LinkMark, PeerMark};
use crate::names::{InterfaceName, NamespaceName};
use crate::netlink::Route;
use crate::rules::{Amendment, Permit};
use crate::source::Source;

/// A peer that is not in place as it should be.
pub(super) struct Pending<'a> {
    place: usize,
    pub(super) spec: &'a PeerSpec,
    pub(super) source: NamespaceName,
    destinations: Vec<Cidr4>,
    onward: InterfaceName,
}

/// What remains to be done for the peers over one link once its permits are in force.
struct Afterwards {
    source: Arc<Source>,
    stale: Vec<Route>,
}

/// What is behind a router, and the links there that are needed though no entry says so yet.
type Room<'a> = (&'a mut Behind, &'a BTreeSet<InterfaceName>);

type Results = Vec<Result<Applied, PlaneError>>;

impl Host {
    /// Makes the peers of one router, one result each in the order given. The caller holds the router and the peers
    /// alone, and the sources so that they stay as they are.
    pub(crate) fn ensure_peers(&self, name: &NamespaceName, specs: &[&PeerSpec]) -> Results {
        let mut results: Results = vec![Ok(Applied::UNCHANGED); specs.len()];
        let mut sources = Sources::default();
        let mut pending = Vec::new();
        let router = self.namespace(name).and_then(|there| there.map(|there| Router::read(self, there)).transpose());
        let mut router = match router {
            Ok(router) => router,
            Err(fault) => return vec![Err(fault.into()); specs.len()],
        };
        let mut refused = Vec::new();
        for (place, spec) in specs.iter().enumerate() {
            match self.pending(place, (spec, router.as_ref()), &mut sources) {
                Ok(None) => {}
                Ok(Some(wanting)) => pending.push(wanting),
                Err(fault) => {
                    let error = PlaneError::from(fault);
                    let is_there = router.as_ref().is_some_and(|router| router.rules.peers.contains_key(&spec.peer));
                    refused.extend((is_there && !error.is_passing()).then_some(spec.peer));
                    settle(&mut results, [place], Err(error));
                }
            }
        }
        if let (Some(before), false) = (&router, refused.is_empty()) {
            // What can't be as it should must not stay as it was: it may lead where it is no longer allowed to.
            let cut = self.remove_peers(name, &refused).and_then(|()| Router::read(self, before.namespace.clone()));
            match cut {
                Ok(after) => router = Some(after),
                Err(fault) => return vec![Err(fault.into()); specs.len()],
            }
            sources = Sources::default();
        }
        if !pending.is_empty() {
            let places: Vec<_> = pending.iter().map(|pending| pending.place).collect();
            settle(&mut results, places.iter().copied(), Ok(Applied::AT_ONCE));
            let made = self.make_peers((name, router), pending, (&mut sources, &mut results));
            let rechecked = self.recheck(name, &mut sources);
            if let Err(fault) = made.and(rechecked) {
                let error = PlaneError::from(fault);
                let good: Vec<_> =
                    places.into_iter().filter(|place| results.get(*place).is_some_and(Result::is_ok)).collect();
                settle(&mut results, good, Err(error));
            }
        }
        results
    }

    /// Cuts what was made if what this host allows has changed meanwhile: whoever looked for that may have looked too soon.
    fn recheck(&self, name: &NamespaceName, sources: &mut Sources) -> Outcome<()> {
        let (before, now) = (sources.allowed(self), self.config.allowed());
        if before.entries == now.entries {
            return Ok(());
        }
        if let Some(router) = self.namespace(name)? {
            self.sweep_held(router, &now)?;
        }
        Err(PlaneError::retry("what this host allows networks to be bound to has just changed").into())
    }

    /// What there is to do for a peer; none if nothing.
    fn pending<'a>(
        &self,
        place: usize,
        (spec, router): (&'a PeerSpec, Option<&Router>),
        sources: &mut Sources,
    ) -> Outcome<Option<Pending<'a>>> {
        let source = NamespaceName::of_source(&spec.source.source);
        let there = sources.get(self, &source)?;
        if there.is_none_or(|there| there.digest() != spec.source.digest()) {
            return Err(Fault::Plane(crate::host::absent(&spec.source.source)));
        }
        if let Some((router, mark)) = router.and_then(|router| Some((router, router.rules.peers.get(&spec.peer)?))) {
            let same = (mark.generation, mark.digest) == (spec.generation, spec.digest);
            if same && mark.link == source.interface() && router.is_whole(self, mark, sources)? {
                return Ok(None);
            }
        }
        let destinations = destinations(spec)?;
        // Known once the destination is attached.
        let onward = InterfaceName::known("");
        Ok(Some(Pending { place, spec, source, destinations, onward }))
    }

    fn make_peers(
        &self,
        (name, router): (&NamespaceName, Option<Router>),
        pending: Vec<Pending<'_>>,
        (sources, results): (&mut Sources, &mut Results),
    ) -> Outcome<()> {
        let mut router = match router {
            Some(router) => router,
            None => Router::read(self, self.router_namespace(name)?)?,
        };
        self.secure(&mut router)?;
        if self.cut_misled(&router, &pending, sources)? {
            router = Router::read(self, router.namespace)?;
        }
        let pending = self.attach_all(&mut router, pending, (sources, results))?;
        let needed = pending.iter().map(|pending| pending.onward.clone()).collect();
        let mut by_source: BTreeMap<NamespaceName, Vec<Pending<'_>>> = BTreeMap::new();
        for pending in pending {
            by_source.entry(pending.source.clone()).or_default().push(pending);
        }
        let (mut amendment, mut afterwards) = (Amendment::default(), Vec::new());
        let mut behind = router.behind();
        for (name, peers) in by_source {
            let room = (&mut behind, &needed);
            match self.lead(&router, (&name, &peers), (sources, room, &mut amendment)) {
                Ok(after) => afterwards.push(after),
                Err(fault) => settle(results, peers.iter().map(|peer| peer.place), Err(fault.into())),
            }
        }
        self.filter.amend(&router.namespace, (&router.rules, &amendment), &self.writes)?;
        for Afterwards { source, stale } in afterwards {
            let delete = stale.iter().map(|route| route.delete()).collect();
            let delete = ("remove routes of a peer", delete);
            source.namespace.apply_unless(delete, &[Errno::ESRCH, Errno::ENODEV], &self.writes)?;
        }
        Ok(())
    }

    /// Joins the destinations of peers with their router; those that can't be are settled and left out.
    fn attach_all<'a>(
        &self,
        router: &mut Router,
        pending: Vec<Pending<'a>>,
        (sources, results): (&mut Sources, &mut Results),
    ) -> Outcome<Vec<Pending<'a>>> {
        let (mut attached, mut needed) = (Vec::with_capacity(pending.len()), BTreeSet::new());
        for mut pending in pending {
            match self.attach(router, &pending.spec.destination, (sources, &needed)) {
                Ok((onward, changed)) => {
                    needed.insert(onward.clone());
                    // The next peer may lead to the same destination, which must not be taken for one that is not there.
                    if changed {
                        router.view = router.namespace.view()?;
                    }
                    pending.onward = onward;
                    attached.push(pending);
                }
                Err(fault) => settle(results, [pending.place], Err(fault.into())),
            }
        }
        Ok(attached)
    }

    /// Sees to it that a router drops what no rule permits, and forwards the rest.
    fn secure(&self, router: &mut Router) -> Outcome<()> {
        if !router.rules.intact {
            self.filter.amend(&router.namespace, (&router.rules, &Amendment::default()), &self.writes)?;
            router.rules = self.filter.read(&self.namespaces, &router.namespace)?;
            if !router.rules.intact {
                return Err(Fault::Rules("does not take the rules of a router".into()));
            }
        }
        if !router.view.links.iter().all(|link| link.forwards) {
            router.namespace.set(("net/ipv4/ip_forward", "1"), &self.writes)?;
        }
        Ok(())
    }

    /// Joins a queue's or pool's network with the router, makes the routes of its peers, and says which permits to
    /// give.
    fn lead(
        &self,
        router: &Router,
        (name, peers): (&NamespaceName, &[Pending<'_>]),
        (sources, (behind, needed), amendment): (&mut Sources, Room<'_>, &mut Amendment),
    ) -> Outcome<Afterwards> {
        let first = peers.first().ok_or_else(|| Fault::Unreadable("no peer".into()))?;
        let cidr = first.spec.source.cidr;
        self.make_room(router, (behind, needed), &Newcomer::source(name, cidr))?;
        let source =
            sources.get(self, name)?.ok_or_else(|| Fault::Plane(crate::host::absent(&first.spec.source.source)))?;
        let mark = LinkMark { router: router.name().clone(), leads_to: name.clone() };
        let joint = Joint::with_source(&mark, cidr);
        let near = (&*router.namespace, &router.view);
        let mut joined = joint.join(self, near, (&source.namespace, &source.view))?;
        behind.add(Newcomer::source(name, cidr));
        let there = routes_over(&source.view, joined.far_index);
        let plan = Plan::new((router, &name.interface()), peers, (&there, joined.far_index));
        joined.far_requests.extend(plan.missing.iter().map(|route| route.put()));
        router.namespace.apply(("join a queue to a router", joined.near_requests), &self.writes)?;
        source.namespace.apply(("lead a queue to a router", joined.far_requests), &self.writes)?;
        sources.forget(name);
        amendment.permit.extend(plan.permit);
        amendment.forbid.extend(plan.forbid);
        amendment.strike.extend(plan.strike);
        amendment.enter.extend(plan.enter);
        Ok(Afterwards { source, stale: plan.stale })
    }
}

/// What a link's peers need, compared with what is there. Pure.
#[derive(Debug, Default)]
struct Plan {
    missing: Vec<Route>,
    stale: Vec<Route>,
    permit: Vec<Permit>,
    forbid: Vec<Permit>,
    enter: Vec<(PeerId, PeerMark)>,
    strike: Vec<PeerId>,
}

impl Plan {
    fn new((router, link): (&Router, &InterfaceName), peers: &[Pending<'_>], (there, index): (&[Route], u32)) -> Self {
        let mut plan = Self::default();
        let others: BTreeMap<u32, PeerId> = router
            .peers_over(link)
            .filter(|(peer, _)| peers.iter().all(|pending| pending.spec.peer != *peer))
            .map(|(peer, mark)| (mark.metric, peer))
            .collect();
        let mut metrics: BTreeSet<u32> = others.keys().copied().collect();
        let mut routes = Vec::new();
        let mut permits = BTreeSet::new();
        for pending in peers {
            let cidr = pending.spec.source.cidr;
            let before = router.rules.peers.get(&pending.spec.peer);
            let metric = free_metric(pending.spec.peer, before, &metrics);
            metrics.insert(metric);
            for destination in pending.destinations.iter().copied() {
                let source = Some(source_address(cidr));
                routes.push(Route { destination, gateway: ROUTER_END, index, metric, source });
                permits.insert(Permit { link: link.clone(), source: cidr, destination });
            }
            let others = there.iter().filter(|route| others.contains_key(&route.metric));
            permits.extend(others.map(|route| Permit {
                link: link.clone(),
                source: cidr,
                destination: route.destination,
            }));
            plan.enter((pending, metric), (link, before));
        }
        plan.missing = routes.iter().filter(|route| !there.contains(route)).copied().collect();
        let belongs = |route: &Route| routes.contains(route) || others.contains_key(&route.metric);
        plan.stale = there.iter().filter(|route| !belongs(route)).copied().collect();
        plan.forbid = router.permits_of(link).filter(|permit| !permits.contains(permit)).cloned().collect();
        plan.permit = permits.into_iter().filter(|permit| !router.rules.permits.contains(permit)).collect();
        plan
    }

    fn enter(&mut self, (pending, metric): (&Pending<'_>, u32), (link, before): (&InterfaceName, Option<&PeerMark>)) {
        let PeerSpec { peer, generation, digest, .. } = *pending.spec;
        let (link, onward) = (link.clone(), pending.onward.clone());
        let mark = PeerMark { generation, digest, link, onward, metric, routes: pending.destinations.len() };
        if before != Some(&mark) {
            self.strike.extend(before.map(|_| peer));
            self.enter.push((peer, mark));
        }
    }
}

/// The metric of a peer's routes: the one it has, or one that no other peer over the link has. Its own id gives the
/// first try, so that another process arrives at the same.
fn free_metric(peer: PeerId, before: Option<&PeerMark>, taken: &BTreeSet<u32>) -> u32 {
    let first = before.map_or((peer.0.as_u128() as u32).max(1), |mark| mark.metric);
    let mut metric = first;
    while taken.contains(&metric) {
        metric = metric.checked_add(1).unwrap_or(1);
    }
    metric
}

fn settle(results: &mut Results, places: impl IntoIterator<Item = usize>, result: Result<Applied, PlaneError>) {
    for place in places {
        if let Some(slot) = results.get_mut(place) {
            *slot = result.clone();
        }
    }
}
