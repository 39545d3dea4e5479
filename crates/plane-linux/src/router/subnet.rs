use std::collections::BTreeSet;
use std::sync::Arc;

use linkspan_model::Cidr4;
use linkspan_plane::DestNet;

use super::bound::Onward;
use super::joint::Joint;
use super::room::Newcomer;
use super::state::{Router, Sources};
use crate::error::Outcome;
use crate::host::Host;
use crate::marks::{LinkMark, namespace_mark};
use crate::names::{InterfaceName, NamespaceName};
use crate::namespace::Namespace;
use crate::netlink::Link;

impl Host {
    /// Joins what a peer leads to with its router, and says over which of the router's interfaces it is reached, and
    /// whether anything had to be done. `needed` are the interfaces that were found so for peers that have no entry yet.
    pub(super) fn attach(
        &self,
        router: &Router,
        destination: &DestNet,
        (sources, needed): (&mut Sources, &BTreeSet<InterfaceName>),
    ) -> Outcome<(InterfaceName, bool)> {
        let allowed = sources.allowed(self);
        let onward = Onward::of(destination, &allowed)?;
        let name = onward.name();
        let changed = match &onward {
            Onward::Subnet(name, cidr) => self.attach_subnet(router, (name, *cidr), (sources, needed))?,
            Onward::Binding(entry) => self.attach_binding(router, entry, (sources, needed))?,
        };
        Ok((name.interface(), changed))
    }

    fn attach_subnet(
        &self,
        router: &Router,
        (name, cidr): (&NamespaceName, Cidr4),
        (sources, needed): (&mut Sources, &BTreeSet<InterfaceName>),
    ) -> Outcome<bool> {
        let mark = LinkMark { router: router.name().clone(), leads_to: name.clone() };
        let joint = Joint::with_subnet(&mark, cidr);
        let there = sources.subnet(self, name)?;
        if there.is_some_and(|far| joint.is_whole(&router.view, &far)) {
            return Ok(false);
        }
        sources.forget(name);
        let newcomer = Onward::Subnet(name.clone(), cidr);
        self.make_room(router, (&mut router.behind(), needed), &Newcomer::onward(&newcomer))?;
        let subnet = self.subnet_namespace(name)?;
        self.join_subnet(router, &subnet, &joint)?;
        Ok(true)
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
