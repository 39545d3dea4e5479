//! The networks of queues and pools: a namespace each, with the network's first address on its loopback.
//!
//! Invariants: it forwards nothing; its mark is written last, so a network that is marked is whole; another network of
//! the same queue replaces the address in place, because work may be running inside.

use std::net::Ipv4Addr;
use std::sync::Arc;

use linkspan_model::Cidr4;
use linkspan_plane::{Applied, SourceNet, SourceRef};
use nix::errno::Errno;

use crate::addressing::source_address;
use crate::error::{Fault, Outcome};
use crate::host::Host;
use crate::locks::{Mode, Scope};
use crate::marks::SourceMark;
use crate::names::NamespaceName;
use crate::namespace::Namespace;
use crate::netlink::{Address, Link, Request, View};
use crate::work::Ticket;
use crate::writes::Writes;

/// A queue's or pool's namespace as it is.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) namespace: Arc<Namespace>,
    pub(crate) view: View,
    pub(crate) mark: Option<SourceMark>,
}

impl Source {
    pub(crate) fn read(namespace: Arc<Namespace>) -> Outcome<Self> {
        let view = namespace.view()?;
        let mark = view.loopback().and_then(|loopback| loopback.alias.parse().ok());
        Ok(Self { namespace, view, mark })
    }

    /// The address of whatever runs inside, once it has one.
    pub(crate) fn address(&self) -> Option<Ipv4Addr> {
        self.mark.as_ref().map(|mark| source_address(mark.cidr))
    }

    /// The digest of its specification, if it is whole; 0 if it is not.
    pub(crate) fn digest(&self) -> u64 {
        let Some(mark) = &self.mark else { return 0 };
        let whole = has_address(&self.view, mark.cidr) && !forwards(&self.view);
        let expected = SourceNet::new(mark.source.clone(), mark.cidr).digest();
        if whole && mark.digest == expected { expected } else { 0 }
    }
}

fn has_address(view: &View, cidr: Cidr4) -> bool {
    let up = |loopback: &&Link| loopback.up;
    view.loopback().filter(up).is_some_and(|loopback| view.has_address(&own_address(loopback.index, cidr)))
}

fn own_address(index: u32, cidr: Cidr4) -> Address {
    Address { index, address: source_address(cidr), prefix: 32 }
}

/// A new namespace takes over what the host's own says about forwarding, and some hosts forward.
fn forwards(view: &View) -> bool {
    view.links.iter().any(|link| link.forwards)
}

impl Host {
    pub(crate) fn ensure_source(&self, net: &SourceNet, ticket: &Ticket) -> Outcome<Applied> {
        let name = NamespaceName::of_source(&net.source);
        let _held = self.locks.take(vec![(Scope::Namespace(name.clone()), Mode::Alone)], ticket)?;
        let Some(namespace) = self.namespace(&name)? else {
            let made =
                self.namespaces.create(&name, &self.writes, |namespace| complete(namespace, net, &self.writes))?;
            self.attend(&made);
            return Ok(Applied::AT_ONCE);
        };
        let source = Source::read(namespace)?;
        if source.digest() == net.digest() {
            return Ok(Applied::UNCHANGED);
        }
        complete(&source.namespace, net, &self.writes)?;
        self.attend(&source.namespace);
        Ok(Applied::AT_ONCE)
    }

    pub(crate) fn remove_source(&self, source: &SourceRef, ticket: &Ticket) -> Outcome<()> {
        let name = NamespaceName::of_source(source);
        let _held = self.locks.take(vec![(Scope::Namespace(name.clone()), Mode::Alone)], ticket)?;
        // Work inside keeps a namespace alive without its handle: what it reaches is taken away first.
        self.detach_everywhere(&name, ticket)?;
        self.responder.get().into_iter().for_each(|responder| responder.leave(&name));
        self.files.remove(&name, &self.writes)?;
        self.namespaces.remove(&name, &self.writes)
    }
}

/// Makes a namespace what the specification says, whatever it was.
fn complete(namespace: &Namespace, net: &SourceNet, writes: &Writes) -> Outcome<()> {
    let source = namespace.view()?;
    let Some(loopback) = source.loopback() else {
        return Err(Fault::kernel("find the loopback of a network namespace", Errno::ENODEV));
    };
    if forwards(&source) || source.links.iter().all(|link| !link.up) {
        namespace.set(("net/ipv4/ip_forward", "0"), writes)?;
    }
    let before: Option<SourceMark> = loopback.alias.parse().ok();
    let replaced = before.map(|mark| mark.cidr).filter(|cidr| source_address(*cidr) != source_address(net.cidr));
    if let Some(cidr) = replaced {
        // The kernel takes the routes along whose packets would bear it.
        let gone = vec![own_address(loopback.index, cidr).delete()];
        let gone = ("take an address from a network namespace", gone);
        namespace.apply_unless(gone, &[Errno::EADDRNOTAVAIL], writes)?;
    }
    let mark = SourceMark { source: net.source.clone(), cidr: net.cidr, digest: net.digest() };
    let requests: Vec<Request> = vec![
        own_address(loopback.index, net.cidr).put(),
        Link::raise("lo", &loopback.alias),
        Link::raise("lo", &mark.to_string()),
    ];
    namespace.apply(("give a network namespace its address", requests), writes)
}
