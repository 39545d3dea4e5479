use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use linkspan_model::{ExternalId, NetworkBinding, Pool, PoolName, Queue, QueueName, RouteTable, Stamp, Subnet, Vpc};

use super::{Lists, Stored};

/// What one project holds.
#[derive(Clone, Default)]
pub(crate) struct ProjectState {
    /// The connections that it sees.
    pub lists: Lists,
    pub queues: OrdMap<QueueName, Arc<Stored<Queue>>>,
    pub pools: OrdMap<PoolName, Arc<Stored<Pool>>>,
    pub vpcs: OrdMap<ExternalId, Stored<Vpc>>,
    pub subnets: OrdMap<ExternalId, Stored<Subnet>>,
    pub route_tables: OrdMap<ExternalId, Stored<RouteTable>>,
    pub network_bindings: OrdMap<ExternalId, Stored<NetworkBinding>>,
    /// Its connectivity tests, oldest first.
    pub tests: OrdSet<Stamp>,
    /// Bytes of host records of its own connections.
    pub hosts_weight: usize,
    /// The last commit that changed its list of connections.
    pub list_revision: u64,
}

impl ProjectState {
    /// Whether nothing is left that it holds or sees.
    pub(crate) fn is_empty(&self) -> bool {
        let holds =
            self.queues.len() + self.pools.len() + self.vpcs.len() + self.subnets.len() + self.network_bindings.len();
        holds == 0 && self.lists.is_empty()
    }
}
