//! Trying the way from a queue to an address: a real TCP connection out of the queue's network, and a raw socket that
//! hears what routers say about it, because an error number alone cannot tell a rule from a dead host, nor who spoke.
//! What packets leave open is read from tables: routes, links and neighbours of every namespace on the way.
//!
//! Invariants: everything seen is collected first and judged afterwards, by a function without input or output; nothing
//! is sent but one connection, which is closed at once, or without a port one question for an echo.
//!
//! To tell one more fault apart: what shows it goes into `Seen`, what it means into `verdict.rs`.

mod attempt;
mod echo;
mod icmp;
mod verdict;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use linkspan_model::{ConnectionId, PeerId};
use linkspan_plane::{FOREIGN_RULES, Finding, ProbeReport, ProbeSpec, ProbeTarget, Stage, Verdict};

use self::attempt::{Attempt, Ending};
use self::verdict::judge;
use crate::addressing::ROUTER_END;
use crate::error::Outcome;
use crate::host::Host;
use crate::marks::LinkMark;
use crate::names::{NamespaceName, Role};
use crate::namespace::Namespace;
use crate::netlink::{Link, Neighbour, Route};
use crate::rules::Rules;
use crate::source::Source;

/// Everything that was seen on the way.
#[derive(Debug, Default)]
struct Seen {
    /// The queue's route, and the interface it leads out of.
    route: Option<(Route, Link)>,
    /// The peer whose route that is.
    peer: Option<PeerId>,
    /// What became of the connection; none if it was not worth trying.
    attempt: Option<Attempt>,
    /// Whether it was no connection but a question for an echo.
    by_echo: bool,
    router: Option<AtRouter>,
    /// Whether the destination has a route back; unknown unless its namespace is ours.
    returns: Option<bool>,
}

/// What the router's tables say.
#[derive(Debug, Default)]
struct AtRouter {
    /// The way on, and the interface it leads out of.
    route: Option<(Route, Option<Link>)>,
    /// Whether it forwards what comes in over the queue's link.
    forwards: bool,
    /// Whether the way back leads into the link that the question came by.
    returns: bool,
    neighbour: Option<Neighbour>,
    /// Whether the router's own rules let it through.
    permitted: bool,
    /// Tables of others that see packets there; not looked for if the way is open.
    foreign: BTreeSet<String>,
}

impl Host {
    /// Tries the way from a queue or pool to an address or a name of its host records.
    pub(crate) fn probe(&self, probe: &ProbeSpec) -> Outcome<ProbeReport> {
        let name = NamespaceName::of_source(&probe.source);
        let namespace = self.namespace(&name)?;
        let resolved = match &probe.target {
            ProbeTarget::Address(address) => Some((*address, None)),
            ProbeTarget::Name(target) if namespace.is_some() => {
                let found = self.files.zone(&name)?.and_then(|zone| zone.resolve(target));
                found.map(|found| (IpAddr::V4(found.address), Some(found.connection)))
            }
            ProbeTarget::Name(_) => None,
        };
        let Some(resolved) = resolved else { return Ok(ProbeReport::unresolved(probe)) };
        let (Some(namespace), IpAddr::V4(address)) = (namespace, resolved.0) else {
            let nothing = Finding { verdict: Verdict::NoRouteInQueue, peer: None, in_place: 0 };
            return Ok(ProbeReport::of(probe, &nothing, Some(resolved)));
        };
        self.try_way(probe, (Source::read(namespace)?, address), resolved)
    }

    fn try_way(
        &self,
        probe: &ProbeSpec,
        (source, address): (Source, Ipv4Addr),
        resolved: (IpAddr, Option<ConnectionId>),
    ) -> Outcome<ProbeReport> {
        let routers = self.routers_of(&source)?;
        let in_place = routers.iter().map(|(_, rules)| peers_of(rules, &source.namespace.name).count()).sum();
        let (route, by_echo) = (route_of(&source, address)?, probe.port.is_none());
        let mut seen = Seen { route, by_echo, ..Seen::default() };
        let router = seen.route.as_ref().and_then(|(_, link)| {
            let mark: LinkMark = link.alias.parse().ok()?;
            routers.iter().find(|(namespace, _)| namespace.name == mark.router)
        });
        if let Some((_, rules)) = router {
            seen.peer = peer_behind(&source, rules, &seen);
        }
        if seen.route.as_ref().is_some_and(|(_, link)| link.carrier) {
            seen.attempt = Some(match probe.port {
                Some(port) => Attempt::make(&source, (address, port), probe.limit)?,
                None => echo::ask(&source, address, probe.limit)?,
            });
        }
        if let Some((namespace, rules)) = router {
            self.look_beyond((namespace, rules), (&source, address), &mut seen)?;
        }
        let (verdict, certainty) = judge(&seen);
        let mut report = ProbeReport::of(probe, &Finding { verdict, peer: seen.peer, in_place }, Some(resolved));
        report.certainty = certainty;
        seen.tell(&mut report);
        Ok(report)
    }

    /// The routers that a queue or pool has a link to.
    fn routers_of(&self, source: &Source) -> Outcome<Vec<(Arc<Namespace>, Arc<Rules>)>> {
        let mut routers = Vec::new();
        for link in &source.view.links {
            let Ok(mark) = link.alias.parse::<LinkMark>() else { continue };
            if let Some(namespace) = self.namespace(&mark.router)? {
                let rules = self.filter.read(&self.namespaces, &namespace)?;
                routers.push((namespace, rules));
            }
        }
        Ok(routers)
    }

    fn look_beyond(
        &self,
        (router, rules): (&Namespace, &Rules),
        (source, address): (&Source, Ipv4Addr),
        seen: &mut Seen,
    ) -> Outcome<()> {
        let view = router.view()?;
        let link_of = |index| view.links.iter().find(|link| link.index == index).cloned();
        let link = source.namespace.name.interface();
        let near = view.link(link.as_str());
        let mut there = AtRouter { forwards: near.is_some_and(|near| near.forwards), ..AtRouter::default() };
        if seen.ending() != Some(Ending::Open) {
            there.foreign = self.filter.foreign(router)?;
        }
        if let Some(own) = source.address() {
            there.permitted = rules.let_through(&link, (own, address));
            let back = Route::towards(&router.netlink, own)?.and_then(|route| link_of(route.index));
            there.returns = back.is_some_and(|back| *back.name == *link.as_str());
        }
        let onward = Route::towards(&router.netlink, address)?;
        if let Some(route) = onward {
            let hop = if route.gateway.is_unspecified() { address } else { route.gateway };
            there.neighbour = Neighbour::at(&router.netlink, route.index, hop)?;
            let link = link_of(route.index);
            seen.returns = self.returns_from(link.as_ref(), source)?;
            there.route = Some((route, link));
        }
        seen.router = Some(there);
        Ok(())
    }

    /// Whether the namespace behind a router's interface has a route back, if it is one of ours.
    fn returns_from(&self, link: Option<&Link>, source: &Source) -> Outcome<Option<bool>> {
        let leads_to = link.and_then(|link| link.alias.parse::<LinkMark>().ok()).map(|mark| mark.leads_to);
        let Some(subnet) = leads_to.filter(|name| name.role() == Role::Subnet) else { return Ok(None) };
        let (Some(subnet), Some(own)) = (self.namespace(&subnet)?, source.address()) else { return Ok(None) };
        Ok(Some(Route::towards(&subnet.netlink, own)?.is_some()))
    }
}

fn route_of(source: &Source, address: Ipv4Addr) -> Outcome<Option<(Route, Link)>> {
    let route = Route::towards(&source.namespace.netlink, address)?;
    Ok(route.and_then(|route| {
        let link = source.view.links.iter().find(|link| link.index == route.index)?;
        Some((route, link.clone()))
    }))
}

/// The peers of a queue or pool that a router knows.
fn peers_of<'a>(rules: &'a Rules, source: &NamespaceName) -> impl Iterator<Item = (&'a PeerId, u32)> {
    let link = source.interface();
    rules.peers.iter().filter(move |(_, mark)| mark.link == link).map(|(peer, mark)| (peer, mark.metric))
}

/// The peer whose route the kernel chose: the narrowest, and of equal ones that with the least metric.
fn peer_behind(source: &Source, rules: &Rules, seen: &Seen) -> Option<PeerId> {
    let (chosen, link) = seen.route.as_ref()?;
    let target = chosen.destination.network();
    let over = source.view.routes.iter().filter(|route| route.index == link.index);
    let covering = over.filter(|route| route.destination.contains(target));
    let best = covering.min_by_key(|route| (u8::MAX - route.destination.prefix(), route.metric))?;
    peers_of(rules, &source.namespace.name).find(|(_, metric)| *metric == best.metric).map(|(peer, _)| *peer)
}

impl Seen {
    /// Writes what was seen to the hops where it was.
    fn tell(&self, report: &mut ProbeReport) {
        if let Some((route, link)) = &self.route {
            report.saw(Stage::Queue, ("via", route.gateway));
            report.saw(Stage::Queue, ("dev", &link.name));
            report.saw(Stage::Peering, ("carrier", if link.carrier { "up" } else { "down" }));
        } else {
            report.saw(Stage::Queue, ("route", "none"));
        }
        if let Some(attempt) = &self.attempt {
            let (connect, took) = (attempt.ending, attempt.took.as_secs_f64() * 1000.0);
            report.saw(Stage::Destination, (if self.by_echo { "echo" } else { "connect" }, connect));
            report.saw(Stage::Destination, ("ms", format!("{took:.1}")));
            if let Some(heard) = attempt.heard {
                let stage = if heard.from == ROUTER_END { report.verdict.stage() } else { Stage::Destination };
                report.saw(stage, ("icmp", format!("{}/{}", heard.kind, heard.code)));
                report.saw(stage, ("from", heard.from));
            }
        }
        if let Some(router) = &self.router {
            let onward = router.route.as_ref().and_then(|(_, link)| link.as_ref()).map_or("none", |link| &link.name);
            report.saw(Stage::Router, ("route", onward));
            if !router.forwards {
                report.saw(Stage::Router, ("forwards", "no"));
            }
            report.saw(Stage::Router, ("route back", if router.returns { "there" } else { "none" }));
            let neighbour = match router.neighbour {
                Some(Neighbour::Answered) => "answered",
                Some(Neighbour::Silent) => "silent",
                None => "not asked",
            };
            report.saw(Stage::Router, ("neighbour", neighbour));
            if !router.foreign.is_empty() {
                let tables: Vec<_> = router.foreign.iter().map(String::as_str).collect();
                report.saw(Stage::Router, (FOREIGN_RULES, tables.join(", ")));
            }
        }
        if let Some(returns) = self.returns {
            report.saw(Stage::Destination, ("route back", if returns { "there" } else { "none" }));
        }
    }

    fn ending(&self) -> Option<Ending> {
        self.attempt.as_ref().map(|attempt| attempt.ending)
    }
}
