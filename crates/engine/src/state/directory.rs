use std::net::Ipv4Addr;

use linkspan_model::{Cidr4, ExternalId, NetworkBinding, ProjectId, RouteTable, SourceName, Subnet};

use super::{ConnectionEntry, ProjectState, SourceRef, State};

impl State {
    /// The network that a queue or pool really has; a queue in a pool has its pool's.
    #[must_use]
    pub fn source_cidr(&self, source: &SourceRef) -> Option<Cidr4> {
        self.held(&source.project)?.source_cidr(&source.name)
    }

    /// A subnet of a project's directory.
    pub(crate) fn subnet(&self, project: &ProjectId, network: &ExternalId) -> Option<&Subnet> {
        self.held(project)?.subnets.get(network).map(|subnet| &subnet.value)
    }

    /// The subnet of a project's directory that holds an address: the narrowest, if there are several.
    #[must_use]
    pub fn subnet_with(&self, project: &ProjectId, address: Ipv4Addr) -> Option<&Subnet> {
        let subnets = self.held(project)?.subnets.values().map(|subnet| &subnet.value);
        subnets.filter(|subnet| subnet.cidr.contains(address)).max_by_key(|subnet| subnet.cidr.prefix())
    }

    /// What a network is bound to.
    pub(crate) fn network_binding(&self, project: &ProjectId, network: &ExternalId) -> Option<&NetworkBinding> {
        self.held(project)?.network_bindings.get(network).map(|binding| &binding.value)
    }

    /// The addresses of a network: those in the directory, else those that it was bound with.
    pub(crate) fn network_cidr(&self, project: &ProjectId, network: &ExternalId) -> Option<Cidr4> {
        let registered = self.subnet(project, network).map(|subnet| subnet.cidr);
        registered.or_else(|| self.network_binding(project, network)?.cidr)
    }

    /// The connections with peers that lead to a VPC of a project's directory.
    pub(crate) fn leading_to_vpc<'a>(
        &'a self,
        project: &'a ProjectId,
        vpc: &'a ExternalId,
    ) -> impl Iterator<Item = &'a ConnectionEntry> {
        let bound = self.index.joined(project, vpc).flat_map(|source| self.index.bound(source));
        let entries = bound.filter_map(|id| self.connection(id)).map(AsRef::as_ref);
        entries.filter(move |entry| entry.connection.project == *project && entry.connection.dest_vpc == *vpc)
    }

    /// The connections with peers that lead to a known subnet.
    pub(crate) fn leading_to<'a>(&'a self, subnet: &'a Subnet) -> impl Iterator<Item = &'a ConnectionEntry> {
        let entries = self.leading_to_vpc(&subnet.project, &subnet.vpc);
        entries.filter(|entry| entry.connection.dest_network == subnet.id && !entry.peers.is_empty())
    }
}

impl ProjectState {
    pub(crate) fn source_cidr(&self, name: &SourceName) -> Option<Cidr4> {
        match name {
            SourceName::Queue(name) => self.queues.get(name).map(|queue| queue.value.cidr_in_subnet),
            SourceName::Pool(name) => self.pools.get(name).map(|pool| pool.value.cidr_in_subnet),
        }
    }

    /// Every network whose addresses are known.
    pub(crate) fn known_networks(&self) -> impl Iterator<Item = (&ExternalId, Cidr4)> {
        let subnets = self.subnets.iter().map(|(id, subnet)| (id, subnet.value.cidr));
        let bound = self.network_bindings.iter().filter(|(id, _)| !self.subnets.contains_key(*id));
        subnets.chain(bound.filter_map(|(id, binding)| Some((id, binding.value.cidr?))))
    }

    /// The subnets of a VPC.
    pub(crate) fn subnets_of<'a>(&'a self, vpc: &'a ExternalId) -> impl Iterator<Item = &'a Subnet> {
        self.subnets.values().map(|subnet| &subnet.value).filter(move |subnet| subnet.vpc == *vpc)
    }

    /// The route tables of a VPC.
    pub(crate) fn tables_of<'a>(&'a self, vpc: &'a ExternalId) -> impl Iterator<Item = &'a RouteTable> {
        self.route_tables.values().map(|table| &table.value).filter(move |table| table.vpc == *vpc)
    }

    /// The subnets that use a route table.
    pub(crate) fn users_of<'a>(&'a self, table: &'a RouteTable) -> impl Iterator<Item = &'a Subnet> {
        self.subnets_of(&table.vpc).filter(|subnet| subnet.uses(table))
    }

    /// The networks that the project's queues and pools have.
    pub(crate) fn used_cidrs(&self) -> Vec<UsedCidr> {
        let used = |shown: Cidr4, cidr: Cidr4| UsedCidr { cidr, is_default: shown != cidr };
        let queues = self.queues.values().map(|queue| &queue.value).filter(|queue| queue.pool.is_none());
        let pools = self.pools.values().map(|pool| &pool.value);
        let queues = queues.map(|queue| used(queue.cidr_in_vpc, queue.cidr_in_subnet));
        queues.chain(pools.map(|pool| used(pool.cidr_in_vpc, pool.cidr_in_subnet))).collect()
    }
}

/// A network that a queue or pool has.
pub(crate) struct UsedCidr {
    pub cidr: Cidr4,
    /// Whether it was chosen here and not given: then `cidr_in_vpc` shows the documented default instead.
    pub is_default: bool,
}
