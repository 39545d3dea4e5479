use std::sync::Arc;

use linkspan_plane::{DestNet, PlaneError};

use super::joint::Joint;
use super::state::{Router, Sources};
use crate::error::Outcome;
use crate::host::Host;
use crate::marks::{LinkMark, namespace_mark};
use crate::names::{InterfaceName, NamespaceName};
use crate::namespace::Namespace;
use crate::netlink::Link;

impl Host {
    /// Joins the subnet that a peer leads to with its router, and says over which of the router's interfaces it is
    /// reached, and whether anything had to be done.
    pub(super) fn attach(
        &self,
        router: &Router,
        destination: &DestNet,
        sources: &mut Sources,
    ) -> Outcome<(InterfaceName, bool)> {
        let Some(cidr) = destination.cidr.filter(|cidr| cidr.prefix() < 32) else {
            return Err(unbound(destination).into());
        };
        let name = NamespaceName::of_subnet(&destination.project, &destination.network);
        let mark = LinkMark { router: router.name().clone(), leads_to: name.clone() };
        let joint = Joint::with_subnet(&mark, cidr);
        let there = sources.subnet(self, &name)?;
        if there.is_some_and(|far| joint.is_whole(&router.view, &far)) {
            return Ok((name.interface(), false));
        }
        sources.forget(&name);
        let subnet = self.subnet_namespace(&name)?;
        self.join_subnet(router, &subnet, &joint)?;
        Ok((name.interface(), true))
    }

    fn join_subnet(&self, router: &Router, subnet: &Namespace, joint: &Joint) -> Outcome<()> {
        let view = subnet.view()?;
        let joined = joint.join(self, (&router.namespace, &router.view), (subnet, &view))?;
        // A route needs its interface up at both ends.
        router.namespace.apply(("join a subnet to its router", joined.near_requests), &self.writes)?;
        subnet.apply(("join a subnet to its router", joined.far_requests), &self.writes)
    }

    /// The namespace of a subnet, made if need be. It stays when the last peer goes: data sources live in it.
    fn subnet_namespace(&self, name: &NamespaceName) -> Outcome<Arc<Namespace>> {
        if let Some(there) = self.namespace(name)? {
            return Ok(there);
        }
        self.namespaces.create(name, &self.writes, |namespace| {
            namespace.set(("net/ipv4/ip_forward", "0"), &self.writes)?;
            let raise = vec![Link::raise("lo", &namespace_mark(name))];
            namespace.apply(("set up the namespace of a subnet", raise), &self.writes)
        })
    }
}

fn unbound(destination: &DestNet) -> PlaneError {
    let DestNet { network, cidr, .. } = destination;
    let why = match cidr {
        Some(cidr) => format!("subnet {network} ({cidr}) has no room for a router and a data source; use a wider one"),
        None => format!("network {network} is not bound to anything on this host; bind it, or create it as a subnet"),
    };
    PlaneError::Invalid(why.into())
}
