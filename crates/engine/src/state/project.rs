use std::sync::Arc;

use imbl::OrdMap;
use linkspan_model::{
    ConnectionId, ConnectionName, ExternalId, Pool, PoolName, Queue, QueueName, Stamp, Subnet, UnixMillis, Vpc,
};

use super::Stored;
use crate::rows::RowList;

/// What one project holds.
#[derive(Clone, Default)]
pub(crate) struct ProjectState {
    /// Connections that exist: its own, and those granted to it.
    pub live: Rows,
    /// Its own deleted connections that are still kept.
    pub deleted: Rows,
    /// The deleted ones in the order of their deletion.
    pub deleted_at: OrdMap<(UnixMillis, Stamp), ConnectionId>,
    pub queues: OrdMap<QueueName, Arc<Stored<Queue>>>,
    pub pools: OrdMap<PoolName, Arc<Stored<Pool>>>,
    pub vpcs: OrdMap<ExternalId, Stored<Vpc>>,
    pub subnets: OrdMap<ExternalId, Stored<Subnet>>,
    /// Bytes of host records of its own connections.
    pub hosts_weight: usize,
    /// The last commit that changed its list of connections.
    pub list_revision: u64,
}

/// A list of rows and the way to them by name.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) list: RowList,
    pub(crate) names: OrdMap<(ConnectionName, Stamp), ConnectionId>,
}

impl Rows {
    /// The connections with a name, oldest first.
    pub(crate) fn named(&self, name: &ConnectionName) -> impl Iterator<Item = (Stamp, ConnectionId)> {
        let first = Stamp::new(UnixMillis::MIN, 0);
        let last = Stamp::new(UnixMillis::MAX, u32::MAX);
        let range = (name.clone(), first)..=(name.clone(), last);
        self.names.range(range).map(|((_, stamp), id)| (*stamp, *id))
    }
}

impl ProjectState {
    /// The rows of one status.
    pub(crate) fn rows_mut(&mut self, active: bool) -> &mut Rows {
        if active { &mut self.live } else { &mut self.deleted }
    }
}
