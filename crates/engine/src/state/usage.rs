use super::{ConnectionEntry, ProjectView};

/// How much a project has of what is limited, and of what could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Compute units of the queues outside pools, and those that the pools always have.
    pub cus: u64,
    /// Queues, the preset one not counted.
    pub queues: usize,
    /// Elastic resource pools.
    pub pools: usize,
    /// Connections of its own that exist.
    pub connections: usize,
    /// Bytes of the host records of its own connections.
    pub host_bytes: usize,
    /// Connectivity tests.
    pub tests: usize,
    /// What its fullest connections have, each number of another one perhaps.
    pub fullest: Fullest,
}

/// The most that any connection of a project has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fullest {
    /// Queues and pools bound, those of grantees among them.
    pub peers: usize,
    /// Host records.
    pub hosts: usize,
    /// Custom routes.
    pub routes: usize,
    /// Projects it is granted to.
    pub grantees: usize,
}

impl Fullest {
    fn or(self, entry: &ConnectionEntry) -> Self {
        let connection = &entry.connection;
        Self {
            peers: self.peers.max(entry.peers.len()),
            hosts: self.hosts.max(entry.hosts().len()),
            routes: self.routes.max(connection.routes.len()),
            grantees: self.grantees.max(connection.grantees.len()),
        }
    }
}

impl ProjectView<'_> {
    /// How much the project has. Looks at every connection that exists: a look that grows with their number.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let Some(held) = self.held else { return Usage::default() };
        let alone = self.queues().filter(|queue| queue.pool.is_none());
        let mut usage = Usage {
            cus: alone.map(|queue| u64::from(queue.cu_count)).sum(),
            queues: held.queues.len(),
            pools: held.pools.len(),
            host_bytes: held.hosts_weight,
            tests: held.tests.len(),
            ..Usage::default()
        };
        usage.cus += self.pools().map(|pool| u64::from(pool.min_cu)).sum::<u64>();
        let shown = held.lists.of_status(Some(true)).entries();
        for entry in shown.filter(|entry| entry.connection.project == *self.project) {
            usage.connections += 1;
            usage.fullest = usage.fullest.or(entry);
        }
        usage
    }
}
