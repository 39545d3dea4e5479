use std::sync::Arc;

use bytes::Bytes;
use linkspan_model::{
    Cidr4, ConnectionId, ExternalId, NetworkBinding, Pool, PoolName, ProjectId, Queue, QueueName, RouteTable,
    SourceName, Subnet, Vpc,
};

use super::{ConnectionEntry, Lists, ProjectState, State};
use crate::rows::{Page, PageQuery, Renderer, select};
use crate::scope::Scope;

/// A project's things as a caller with a right to it sees them, at one instant.
pub struct ProjectView<'a> {
    pub(super) state: &'a State,
    pub(super) held: Option<&'a ProjectState>,
    pub(super) project: &'a ProjectId,
}

impl State {
    /// The things of the scope's project.
    #[must_use]
    pub fn project<'a>(&'a self, scope: &'a Scope) -> ProjectView<'a> {
        ProjectView { state: self, held: self.held(scope.project()), project: scope.project() }
    }
}

impl<'a> ProjectView<'a> {
    /// A page of the list of connections.
    #[must_use]
    pub fn page(&self, query: &PageQuery) -> Page {
        match self.held {
            Some(held) => select(self.state, &held.lists, self.renderer(), query),
            None => select(self.state, &Lists::default(), self.renderer(), query),
        }
    }

    /// Rows of the list, deleted ones included: what a scan would have to look at.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.held.map_or(0, |held| held.lists.of_status(None).len())
    }

    /// The last commit that changed the list of connections.
    #[must_use]
    pub fn list_revision(&self) -> u64 {
        self.held.map_or(0, |held| held.list_revision)
    }

    /// The row of one connection, deleted ones that are kept included.
    #[must_use]
    pub fn row(&self, id: ConnectionId) -> Option<Bytes> {
        let entry = self.state.connection(id)?;
        let held = self.held?;
        let list = held.lists.of_status(Some(entry.connection.status.is_active()));
        let (leaf, place) = list.find(entry.row_key())?;
        leaf.entry(place).filter(|found| found.connection.id == id)?;
        Some(leaf.row_json(place, &self.renderer()))
    }

    fn renderer(&self) -> Renderer {
        Renderer { render: self.state.render, viewer: self.project.clone() }
    }

    /// One connection that the project owns or is granted, deleted ones that are kept included.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> Option<&'a Arc<ConnectionEntry>> {
        let state = self.state;
        state.connection(id).filter(|entry| entry.connection.is_visible_to(self.project))
    }

    /// The connections that exist and that the project owns or is granted, newest first.
    pub fn connections(&self) -> impl Iterator<Item = &'a Arc<ConnectionEntry>> + use<'a> {
        // A row's entry may be older than what others bound to a shared connection, which its list does not show.
        let (state, rows) = (self.state, self.held.into_iter());
        rows.flat_map(|held| held.lists.of_status(Some(true)).entries())
            .filter_map(|row| state.connection(row.connection.id))
    }

    /// How many those are.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.held.map_or(0, |held| held.lists.of_status(Some(true)).len())
    }

    /// Whether a peer that the project unbound, or that another lost with a grant of this one, is still being cut off
    /// by the plane.
    #[must_use]
    pub fn is_removing(&self, peer: linkspan_model::PeerId) -> bool {
        let Some(removing) = self.state.removing.get(&peer).map(|removing| &removing.value) else { return false };
        let is_owner = |entry: &Arc<ConnectionEntry>| entry.connection.project == *self.project;
        removing.project == *self.project || self.state.connection(removing.connection).is_some_and(is_owner)
    }

    /// The queues in the order of their names, the preset one not included.
    pub fn queues(&self) -> impl Iterator<Item = &'a Queue> + use<'a> {
        self.held.into_iter().flat_map(|held| held.queues.values().map(|queue| &queue.value))
    }

    /// A queue by its folded name.
    #[must_use]
    pub fn queue(&self, name: &QueueName) -> Option<&'a Queue> {
        self.held?.queues.get(name).map(|queue| &queue.value)
    }

    /// The elastic resource pools in the order of their names.
    pub fn pools(&self) -> impl Iterator<Item = &'a Pool> + use<'a> {
        self.held.into_iter().flat_map(|held| held.pools.values().map(|pool| &pool.value))
    }

    /// A pool by its folded name.
    #[must_use]
    pub fn pool(&self, name: &PoolName) -> Option<&'a Pool> {
        self.held?.pools.get(name).map(|pool| &pool.value)
    }

    /// The network that a queue or pool really has; none for a queue in a pool, which has its pool's.
    #[must_use]
    pub fn source_cidr(&self, source: &SourceName) -> Option<Cidr4> {
        self.held?.source_cidr(source)
    }

    /// The VPCs of the project's directory.
    pub fn vpcs(&self) -> impl Iterator<Item = &'a Vpc> + use<'a> {
        self.held.into_iter().flat_map(|held| held.vpcs.values().map(|vpc| &vpc.value))
    }

    /// A VPC of the directory.
    #[must_use]
    pub fn vpc(&self, id: &ExternalId) -> Option<&'a Vpc> {
        self.held?.vpcs.get(id).map(|vpc| &vpc.value)
    }

    /// The subnets of the project's directory.
    pub fn subnets(&self) -> impl Iterator<Item = &'a Subnet> + use<'a> {
        self.held.into_iter().flat_map(|held| held.subnets.values().map(|subnet| &subnet.value))
    }

    /// A subnet of the directory.
    #[must_use]
    pub fn subnet(&self, id: &ExternalId) -> Option<&'a Subnet> {
        self.held?.subnets.get(id).map(|subnet| &subnet.value)
    }

    /// What the project's networks are bound to, in the order of the networks' ids.
    pub fn network_bindings(&self) -> impl Iterator<Item = &'a NetworkBinding> + use<'a> {
        self.held.into_iter().flat_map(|held| held.network_bindings.values().map(|binding| &binding.value))
    }

    /// What a network is bound to.
    #[must_use]
    pub fn network_binding(&self, network: &ExternalId) -> Option<&'a NetworkBinding> {
        self.held?.network_bindings.get(network).map(|binding| &binding.value)
    }

    /// The route tables of the project's directory.
    pub fn route_tables(&self) -> impl Iterator<Item = &'a RouteTable> + use<'a> {
        self.held.into_iter().flat_map(|held| held.route_tables.values().map(|table| &table.value))
    }

    /// A route table of the directory.
    #[must_use]
    pub fn route_table(&self, id: &ExternalId) -> Option<&'a RouteTable> {
        self.held?.route_tables.get(id).map(|table| &table.value)
    }

    /// The subnets that use a route table.
    pub fn users_of(&self, table: &'a RouteTable) -> impl Iterator<Item = &'a Subnet> + use<'a> {
        self.held.into_iter().flat_map(move |held| held.users_of(table))
    }

    /// Whether a connection has a peer whose creation has not come to an end.
    #[must_use]
    pub fn has_unsettled_peer(&self, id: ConnectionId) -> bool {
        self.connection(id).is_some_and(|entry| entry.unsettled_peer().is_some())
    }
}
