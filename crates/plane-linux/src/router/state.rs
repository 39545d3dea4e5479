use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use linkspan_model::{Cidr4, PeerId};

use super::bound::Outer;
use super::joint::Joint;
use crate::addressing::ROUTER_END;
use crate::allowed::{Allowed, Entry};
use crate::error::Outcome;
use crate::host::Host;
use crate::marks::{LinkMark, PeerMark};
use crate::names::{InterfaceName, NamespaceName, Role};
use crate::namespace::Namespace;
use crate::netlink::{Link, Route, View};
use crate::rules::{Permit, Rules};
use crate::source::Source;

/// A router as it is.
#[derive(Debug)]
pub(crate) struct Router {
    pub(crate) namespace: Arc<Namespace>,
    pub(crate) view: View,
    pub(crate) rules: Arc<Rules>,
}

/// The networks of queues and pools, and of subnets, that one piece of work has looked at.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    sources: BTreeMap<NamespaceName, Option<Arc<Source>>>,
    subnets: BTreeMap<NamespaceName, Option<Arc<View>>>,
    /// What networks are bound to.
    outer: BTreeMap<NamespaceName, Option<Arc<Outer>>>,
    allowed: Option<Arc<Allowed>>,
}

impl Sources {
    /// As it is; none if it is not there.
    pub(crate) fn get(&mut self, host: &Host, name: &NamespaceName) -> Outcome<Option<Arc<Source>>> {
        if let Some(known) = self.sources.get(name) {
            return Ok(known.clone());
        }
        let source = host.namespace(name)?.map(Source::read).transpose()?.map(Arc::new);
        self.sources.insert(name.clone(), source.clone());
        Ok(source)
    }

    pub(super) fn subnet(&mut self, host: &Host, name: &NamespaceName) -> Outcome<Option<Arc<View>>> {
        if let Some(known) = self.subnets.get(name) {
            return Ok(known.clone());
        }
        let view = host.namespace(name)?.map(|namespace| namespace.view()).transpose()?.map(Arc::new);
        self.subnets.insert(name.clone(), view.clone());
        Ok(view)
    }

    /// What an entry stands for; none if it is not there.
    pub(super) fn outer(&mut self, host: &Host, entry: &Entry) -> Outcome<Option<Arc<Outer>>> {
        if let Some(known) = self.outer.get(&entry.link) {
            return Ok(known.clone());
        }
        let outer = Outer::find(host, &entry.target, &entry.link)?.map(Arc::new);
        self.outer.insert(entry.link.clone(), outer.clone());
        Ok(outer)
    }

    /// What networks may be bound to, the same during one piece of work.
    pub(super) fn allowed(&mut self, host: &Host) -> Arc<Allowed> {
        self.allowed.get_or_insert_with(|| host.config.allowed()).clone()
    }

    /// What was known of them is not so any more.
    pub(super) fn forget(&mut self, name: &NamespaceName) {
        self.sources.remove(name);
        self.subnets.remove(name);
        self.outer.remove(name);
    }
}

impl Router {
    pub(crate) fn read(host: &Host, namespace: Arc<Namespace>) -> Outcome<Self> {
        let rules = host.filter.read(&host.namespaces, &namespace)?;
        let view = namespace.view()?;
        Ok(Self { namespace, view, rules })
    }

    pub(super) fn name(&self) -> &NamespaceName {
        &self.namespace.name
    }

    /// The router's interface of that name and where it leads, if it is one of ours.
    pub(super) fn link(&self, name: &InterfaceName) -> Option<(&Link, LinkMark)> {
        let link = self.view.link(name.as_str())?;
        let mark: LinkMark = link.alias.parse().ok()?;
        (mark.router == *self.name() && mark.leads_to.interface() == *name).then_some((link, mark))
    }

    /// The peers whose traffic takes a link.
    pub(super) fn peers_over<'a>(&'a self, link: &'a InterfaceName) -> impl Iterator<Item = (PeerId, &'a PeerMark)> {
        self.rules.peers.iter().filter(move |(_, mark)| mark.link == *link).map(|(peer, mark)| (*peer, mark))
    }

    /// Whether all parts of a peer are there, and nothing beside them on its link that belongs to nobody.
    pub(crate) fn is_whole(&self, host: &Host, mark: &PeerMark, sources: &mut Sources) -> Outcome<bool> {
        let Some((near, leads)) = self.link(&mark.link) else { return Ok(false) };
        let Some(source) = sources.get(host, &leads.leads_to)? else { return Ok(false) };
        let Some(cidr) = source.mark.as_ref().map(|mark| mark.cidr).filter(|_| source.digest() != 0) else {
            return Ok(false);
        };
        let joint = Joint::with_source(&leads, cidr);
        let ends = joint.ends(&self.view, &source.view);
        let Some((_, far)) = ends.filter(|_| joint.is_whole(&self.view, &source.view)) else { return Ok(false) };
        let routes = routes_over(&source.view, far.index);
        let complete = self.rules.intact && near.forwards && self.has_parts(mark, (&source, cidr), &routes);
        Ok(complete && self.nothing_else((&mark.link, cidr), &routes) && self.leads_on(host, &mark.onward, sources)?)
    }

    fn has_parts(&self, mark: &PeerMark, (source, cidr): (&Source, Cidr4), routes: &[Route]) -> bool {
        let own: Vec<_> = routes.iter().filter(|route| route.metric == mark.metric).collect();
        let address = source.address();
        own.len() == mark.routes
            && own.iter().all(|route| {
                let permit = Permit { link: mark.link.clone(), source: cidr, destination: route.destination };
                route.gateway == ROUTER_END && route.source == address && self.rules.permits.contains(&permit)
            })
    }

    /// Whether every route and permit of a link belongs to one of its peers, and every peer has a metric of its own.
    fn nothing_else(&self, (link, cidr): (&InterfaceName, Cidr4), routes: &[Route]) -> bool {
        let metrics: Vec<u32> = self.peers_over(link).map(|(_, mark)| mark.metric).collect();
        let distinct: BTreeSet<u32> = metrics.iter().copied().collect();
        let routed: BTreeSet<Cidr4> = routes.iter().map(|route| route.destination).collect();
        metrics.len() == distinct.len()
            && routes.iter().all(|route| distinct.contains(&route.metric))
            && self.permits_of(link).all(|permit| permit.source == cidr && routed.contains(&permit.destination))
    }

    pub(super) fn permits_of<'a>(&'a self, link: &'a InterfaceName) -> impl Iterator<Item = &'a Permit> {
        self.rules.permits.iter().filter(move |permit| permit.link == *link)
    }

    /// Whether the router's side towards a destination is in place.
    fn leads_on(&self, host: &Host, onward: &InterfaceName, sources: &mut Sources) -> Outcome<bool> {
        let Some((link, mark)) = self.link(onward) else { return Ok(false) };
        match mark.leads_to.role() {
            Role::Subnet => {}
            Role::Bound | Role::Masqueraded => return Ok(link.forwards && self.leads_out(host, &mark, sources)?),
            Role::Source | Role::Router => return Ok(false),
        }
        let Some(far) = sources.subnet(host, &mark.leads_to)? else { return Ok(false) };
        // The subnet's addresses are not on record here; the router's own address says them.
        let cidr = self.view.addresses.iter().find(|address| address.index == link.index);
        let cidr = cidr.map(|address| Cidr4::containing(address.address, address.prefix));
        Ok(link.forwards && cidr.is_some_and(|cidr| Joint::with_subnet(&mark, cidr).is_whole(&self.view, &far)))
    }
}

/// Our routes out of an interface.
pub(super) fn routes_over(view: &View, index: u32) -> Vec<Route> {
    view.routes.iter().filter(|route| route.index == index).copied().collect()
}
