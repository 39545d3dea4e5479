//! What peers lead to: subnets in namespaces of their own, and things of the host that its administrator allows.
//!
//! A thing of the host is joined to one router at a time, by a link that is named after everything its entry says: if the
//! administrator changes the entry, the link and what went over it are no longer right, and go.

use std::collections::BTreeSet;
use std::sync::Arc;

use linkspan_model::{BindingName, Cidr4, PeerId};
use linkspan_plane::{DestNet, PeerSpec, PlaneError};

use super::child::Child;
use super::ensure::Pending;
use super::joint::Joint;
use super::room::Newcomer;
use super::state::{Router, Sources};
use crate::addressing::destinations;
use crate::allowed::{Allowed, Entry, Target};
use crate::error::Outcome;
use crate::host::Host;
use crate::locks::{Mode, Scope};
use crate::marks::LinkMark;
use crate::names::{InterfaceName, NamespaceName};
use crate::namespace::{Namespace, foreign};
use crate::netlink::{Link, View};
use crate::rules::Guard;
use crate::work::Ticket;

/// What is behind a router.
#[derive(Debug)]
pub(super) enum Onward<'a> {
    /// A subnet in a namespace of its own, with its addresses.
    Subnet(NamespaceName, Cidr4),
    /// Something of the host.
    Binding(&'a Entry),
}

impl<'a> Onward<'a> {
    /// What a destination is, as far as it is allowed.
    pub(super) fn of(destination: &DestNet, allowed: &'a Allowed) -> Result<Self, PlaneError> {
        let DestNet { project, network, cidr, binding, .. } = destination;
        let Some(binding) = binding else {
            let Some(cidr) = cidr.filter(|cidr| cidr.prefix() < 32) else { return Err(unbound(destination)) };
            return Ok(Self::Subnet(NamespaceName::of_subnet(project, network), cidr));
        };
        let Some(entry) = allowed.named(binding).filter(|entry| entry.whom.includes(project)) else {
            let why = format!(
                "network {network} is bound to `{binding}`, which this host does not allow project {project}: let its \
                 administrator add it to netd.toml, or bind the network to another name"
            );
            return Err(PlaneError::Denied(why.into()));
        };
        match cidr.filter(|cidr| entry.serves(*cidr)) {
            Some(_) => Ok(Self::Binding(entry)),
            None => Err(beyond(destination, binding)),
        }
    }

    pub(super) fn name(&self) -> &NamespaceName {
        match self {
            Self::Subnet(name, _) => name,
            Self::Binding(entry) => &entry.link,
        }
    }
}

fn unbound(DestNet { network, cidr, .. }: &DestNet) -> PlaneError {
    let why = match cidr {
        Some(cidr) => format!("subnet {network} ({cidr}) has no room for a router and a data source; use a wider one"),
        None => format!("network {network} is not bound to anything on this host; bind it, or create it as a subnet"),
    };
    PlaneError::Invalid(why.into())
}

fn beyond(DestNet { network, cidr, .. }: &DestNet, binding: &BindingName) -> PlaneError {
    PlaneError::Denied(match cidr {
        Some(cidr) => format!(
            "{cidr} of network {network} is more than this host allows behind `{binding}`: let its administrator add it \
             to the entry's cidrs in netd.toml, or bind the network with fewer addresses"
        )
        .into(),
        None => format!("the addresses of network {network} are unknown; bind it with its CIDR").into(),
    })
}

/// Where something of the host is.
#[derive(Debug)]
pub(super) struct Outer {
    /// The namespace that holds it.
    namespace: Arc<Namespace>,
    view: View,
    place: Place,
}

/// What is there for a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The namespace itself.
    Inside,
    /// A bridge of the host, by its index.
    Bridge(u32),
    /// An interface of the host, and perhaps a VLAN of it.
    Interface(u32, Option<u16>),
}

impl Outer {
    /// None if it is not there.
    pub(super) fn find(host: &Host, target: &Target, name: &NamespaceName) -> Outcome<Option<Self>> {
        match target {
            Target::Namespace(path, _) => {
                let Some(namespace) = foreign(name, path)? else { return Ok(None) };
                let view = namespace.view()?;
                Ok(Some(Self { namespace: Arc::new(namespace), view, place: Place::Inside }))
            }
            Target::Bridge(name) | Target::Interface(name, _) => {
                let namespace = host.namespaces.host()?;
                let view = namespace.view()?;
                let place = view.link(name.as_str()).and_then(|link| match target {
                    Target::Interface(_, vlan) => Some(Place::Interface(link.index, *vlan)),
                    _ => link.is_bridge.then_some(Place::Bridge(link.index)),
                });
                Ok(place.map(|place| Self { namespace, view, place }))
            }
        }
    }

    fn is_whole(&self, host: &Host, router: &Router, (mark, entry): (&LinkMark, &Entry)) -> Outcome<bool> {
        let joint = |bridge| Joint::with_binding(mark, entry, bridge).is_whole(&router.view, &self.view);
        Ok(match self.place {
            Place::Inside => joint(None),
            Place::Bridge(index) => {
                joint(Some(index)) && host.filter.guard(&host.namespaces, &self.namespace)? == Guard::Whole
            }
            Place::Interface(parent, vlan) => Child::new(mark, entry, (parent, vlan)).is_whole(&router.view),
        })
    }
}

impl Router {
    /// Whether the link to something of the host is as it should be, and that thing is still allowed.
    pub(super) fn leads_out(&self, host: &Host, mark: &LinkMark, sources: &mut Sources) -> Outcome<bool> {
        let allowed = sources.allowed(host);
        let Some(entry) = allowed.entries.iter().find(|entry| entry.link == mark.leads_to) else { return Ok(false) };
        let Some(outer) = sources.outer(host, entry)? else { return Ok(false) };
        outer.is_whole(host, self, (mark, entry))
    }

    /// Links to things of the host that no peer needs but those that go.
    pub(super) fn unused_bindings<'a>(
        &'a self,
        going: &'a BTreeSet<PeerId>,
    ) -> impl Iterator<Item = InterfaceName> + 'a {
        let links = self.view.links.iter().map(|link| InterfaceName::known(&link.name));
        let staying = |link: &InterfaceName| {
            self.rules.peers.iter().any(|(peer, mark)| mark.onward == *link && !going.contains(peer))
        };
        links.filter(InterfaceName::leads_outside).filter(move |link| !staying(link))
    }
}

impl Host {
    /// Takes away peers that lead elsewhere than they should by now, or nowhere that is allowed; whether there were any.
    pub(super) fn cut_misled(&self, router: &Router, pending: &[Pending<'_>], sources: &mut Sources) -> Outcome<bool> {
        let allowed = sources.allowed(self);
        let misled = pending.iter().filter(|pending| {
            let onward = Onward::of(&pending.spec.destination, &allowed).map(|onward| onward.name().interface());
            let before = router.rules.peers.get(&pending.spec.peer).map(|mark| &mark.onward);
            before.is_some_and(|before| onward.as_ref() != Ok(before))
        });
        let misled: Vec<_> = misled.collect();
        if misled.is_empty() {
            return Ok(false);
        }
        let peers: Vec<_> = misled.iter().map(|pending| pending.spec.peer).collect();
        self.remove_peers(router.name(), &peers)?;
        misled.iter().for_each(|pending| sources.forget(&pending.source));
        Ok(true)
    }

    pub(super) fn attach_binding(
        &self,
        router: &Router,
        entry: &Entry,
        (sources, needed): (&mut Sources, &BTreeSet<InterfaceName>),
    ) -> Outcome<bool> {
        let mark = LinkMark { router: router.name().clone(), leads_to: entry.link.clone() };
        if sources.outer(self, entry)?.is_some() && router.leads_out(self, &mark, sources)? {
            return Ok(false);
        }
        sources.forget(&entry.link);
        self.make_room(router, (&mut router.behind(), needed), &Newcomer::onward(&Onward::Binding(entry)))?;
        let outer = Outer::find(self, &entry.target, &entry.link)?.ok_or_else(|| absent(entry))?;
        let bridge = match outer.place {
            Place::Inside => None,
            Place::Bridge(index) => Some(index),
            Place::Interface(parent, vlan) => {
                let _held = self.locks.take(host_alone(), &Ticket::default())?;
                self.refuse_shared(router, entry)?;
                Child::new(&mark, entry, (parent, vlan)).make(self, router, &outer.namespace)?;
                return Ok(true);
            }
        };
        let _held = bridge.map(|_| self.locks.take(host_alone(), &Ticket::default())).transpose()?;
        if bridge.is_some() && self.filter.guard(&self.namespaces, &outer.namespace)? != Guard::Whole {
            self.filter.put_guard(&outer.namespace, &self.writes)?;
        }
        let joint = Joint::with_binding(&mark, entry, bridge);
        let near = (&*router.namespace, &router.view);
        let joined = joint.join(self, near, (&outer.namespace, &outer.view))?;
        router.namespace.apply(("join something of the host to a router", joined.near_requests), &self.writes)?;
        outer.namespace.apply(("join something of the host to a router", joined.far_requests), &self.writes)?;
        Ok(true)
    }

    /// An interface of the host would take a second router, which would have the same address.
    fn refuse_shared(&self, router: &Router, entry: &Entry) -> Outcome<()> {
        for name in self.routers()?.iter().filter(|name| *name != router.name()) {
            let Some(other) = self.namespace(name)? else { continue };
            if Link::by_name(&other.netlink, entry.link.interface().as_str())?.is_some() {
                return Err(in_use().into());
            }
        }
        Ok(())
    }

    /// Takes the host's guard away when no router has a link there any more.
    pub(crate) fn unguard_if_unneeded(&self, ticket: &Ticket) -> Outcome<()> {
        let host = self.namespaces.host()?;
        if self.filter.guard(&self.namespaces, &host)? == Guard::None {
            return Ok(());
        }
        let _held = self.locks.take(host_alone(), ticket)?;
        let is_ours = |alias: &str| alias.parse::<LinkMark>().is_ok();
        if host.view()?.links.iter().any(|link| is_ours(&link.alias)) {
            return Ok(());
        }
        self.filter.remove_guard(&host, &self.writes)
    }

    /// Whether a peer could be made, as far as its destination goes.
    pub(crate) fn foresee(&self, spec: &PeerSpec) -> Outcome<()> {
        destinations(spec)?;
        let allowed = self.config.allowed();
        match Onward::of(&spec.destination, &allowed)? {
            Onward::Subnet(..) => Ok(()),
            Onward::Binding(entry) => {
                let there = Outer::find(self, &entry.target, &entry.link)?;
                there.map(drop).ok_or_else(|| absent(entry).into())
            }
        }
    }
}

/// An entry has one address for a router.
pub(super) fn in_use() -> PlaneError {
    let why = "this network is bound to what serves one VPC at a time; bind it to another entry of netd.toml";
    PlaneError::Conflict { with: "another VPC".into(), why: why.into() }
}

/// Whoever holds this waits for nobody.
fn host_alone() -> Vec<(Scope, Mode)> {
    vec![(Scope::Namespace(NamespaceName::of_host()), Mode::Alone)]
}

fn absent(Entry { name, target, .. }: &Entry) -> PlaneError {
    let (what, remedy) = match target {
        Target::Namespace(..) => ("the namespace", "start what lives in it"),
        Target::Bridge(_) => ("the bridge", "create it"),
        Target::Interface(..) => ("the interface", "set it up"),
    };
    PlaneError::Invalid(format!("{what} that `{name}` stands for is not there on this host; {remedy}").into())
}
