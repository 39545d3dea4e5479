use linkspan_model::{Cidr4, ExternalId, ProjectId, SourceName, Subnet};

use super::{ProjectState, SourceRef, State};

impl State {
    /// The network that a queue or pool really has; a queue in a pool has its pool's.
    pub(crate) fn source_cidr(&self, source: &SourceRef) -> Option<Cidr4> {
        self.held(&source.project)?.source_cidr(&source.name)
    }

    /// A subnet of a project's directory.
    pub(crate) fn subnet(&self, project: &ProjectId, network: &ExternalId) -> Option<&Subnet> {
        self.held(project)?.subnets.get(network).map(|subnet| &subnet.value)
    }

    /// Whether a peer of some connection leads to the VPC.
    pub(crate) fn is_vpc_joined(&self, project: &ProjectId, vpc: &ExternalId) -> bool {
        self.index
            .joined(project, vpc)
            .any(|source| self.joins(source, |it| &it.dest_vpc == vpc && &it.project == project))
    }

    /// Whether a peer of some connection leads to the subnet.
    pub(crate) fn is_subnet_joined(&self, project: &ProjectId, network: &ExternalId) -> bool {
        self.index.leading_to(project, network).filter_map(|id| self.connection(id)).any(|entry| {
            let connection = &entry.connection;
            connection.project == *project && connection.dest_network == *network && !entry.peers.is_empty()
        })
    }

    fn joins(&self, source: &SourceRef, wanted: impl Fn(&linkspan_model::Connection) -> bool) -> bool {
        self.index.bound(source).filter_map(|id| self.connection(id)).any(|entry| {
            wanted(&entry.connection) && entry.peers.iter().any(|peer| SourceRef::of(&peer.value) == *source)
        })
    }
}

impl ProjectState {
    pub(crate) fn source_cidr(&self, name: &SourceName) -> Option<Cidr4> {
        match name {
            SourceName::Queue(name) => self.queues.get(name).map(|queue| queue.value.cidr_in_subnet),
            SourceName::Pool(name) => self.pools.get(name).map(|pool| pool.value.cidr_in_subnet),
        }
    }

    /// The networks that the project's queues and pools have.
    pub(crate) fn used_cidrs(&self) -> Vec<Cidr4> {
        let queues = self.queues.values().filter(|queue| queue.value.pool.is_none());
        let pools = self.pools.values().map(|pool| pool.value.cidr_in_subnet);
        queues.map(|queue| queue.value.cidr_in_subnet).chain(pools).collect()
    }
}
