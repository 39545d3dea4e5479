//! What an import brings: things as they are elsewhere, with the ids and times that they have there.

use linkspan_model::{
    Cidr4, ConnectionId, PeerId, PoolName, ProjectId, QueueName, ResourceId, Route, ScalingPolicy, SourceName, Stamp,
};

use super::{NewConnection, NewPool, NewQueue};
use crate::refusal::Refusal;

/// Things to import, each judged by itself in this order; what comes later may need what comes before.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The things, at most [`Import::MOST`].
    pub items: Vec<Imported>,
    /// Only say what would become of them.
    pub dry_run: bool,
}

impl Import {
    /// Most things of one command: enough for a connection with everything that it can bind.
    pub const MOST: usize = 250;

    /// Bytes that it takes while it waits, roughly.
    pub(crate) fn weight(&self) -> usize {
        const FIXED: usize = 1024;
        let hosts = |item: &Imported| match item {
            Imported::Connection(it) => it.new.hosts.weight(),
            Imported::Pool(_) | Imported::Queue(_) => 0,
        };
        self.items.iter().map(|item| FIXED + hosts(item)).sum()
    }
}

/// One thing to import.
#[derive(Debug, Clone)]
pub enum Imported {
    /// An elastic resource pool.
    Pool(Box<ImportedPool>),
    /// A queue.
    Queue(Box<ImportedQueue>),
    /// A connection.
    Connection(Box<ImportedConnection>),
}

/// What the creation of a queue or pool elsewhere chose by itself.
#[derive(Debug, Clone)]
pub struct Birth {
    /// Its `resource_id`, which no other may have.
    pub resource_id: ResourceId,
    /// When it was created.
    pub created: Stamp,
    /// Who made it; none = the caller.
    pub owner: Option<Box<str>>,
    /// The network it really has; none, or one that is not inside `cidr_in_vpc` = as a creation here chooses it.
    pub cidr_in_subnet: Option<Cidr4>,
    /// Whether its tags are known: they are not compared otherwise.
    pub knows_tags: bool,
}

/// A pool to import.
#[derive(Debug, Clone)]
pub struct ImportedPool {
    /// What creation chose.
    pub birth: Birth,
    /// What the caller chose.
    pub new: NewPool,
    /// When it last changed; none = when it was created.
    pub update_time: Option<linkspan_model::UnixMillis>,
}

/// A queue to import.
#[derive(Debug, Clone)]
pub struct ImportedQueue {
    /// What creation chose.
    pub birth: Birth,
    /// What the caller chose.
    pub new: NewQueue,
    /// What `cidr_in_vpc` reads; none = the documented default. The pool's counts inside one.
    pub cidr_in_vpc: Option<Cidr4>,
    /// Whether its properties are known: they are not compared otherwise.
    pub knows_properties: bool,
    /// What it may take of its pool and when; none if that is not known, which compares as equal.
    pub policies: Option<Vec<ScalingPolicy>>,
}

/// A connection to import.
#[derive(Debug, Clone)]
pub struct ImportedConnection {
    /// Its id.
    pub id: ConnectionId,
    /// When it was created.
    pub created: Stamp,
    /// What the caller chose, with what it binds.
    pub new: NewConnection,
    /// The ids of its peers by what they bind; a peer without one gets a new one.
    pub peer_ids: Vec<(SourceName, PeerId)>,
    /// Its routes in order.
    pub routes: Vec<Route>,
    /// Whether its data source's subnet has IPv6; none = as the directory of networks says.
    pub ipv6: Option<bool>,
    /// The projects it is granted to; none if that is not known, which compares as equal.
    pub grantees: Option<Vec<ProjectId>>,
    /// Whether its tags are known: they are not compared otherwise.
    pub knows_tags: bool,
}

/// What became of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It was made here, or would be.
    Created,
    /// It is here already, the same in everything that is compared.
    Identical,
    /// It is here already, and these of its fields, named as on the wire, are others. Nothing was changed.
    Differs(Vec<&'static str>),
    /// It can't be made here.
    Refused(Refusal),
}

/// What tells the things of one command apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ImportKey {
    Pool(PoolName),
    Queue(QueueName),
    Connection(ConnectionId),
}

impl Imported {
    pub(crate) fn key(&self) -> ImportKey {
        match self {
            Self::Pool(pool) => ImportKey::Pool(pool.new.name.clone()),
            Self::Queue(queue) => ImportKey::Queue(queue.new.template.name.clone()),
            Self::Connection(connection) => ImportKey::Connection(connection.id),
        }
    }
}

impl std::fmt::Display for ImportKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pool(name) => write!(f, "elastic resource pool {name}"),
            Self::Queue(name) => write!(f, "queue {name}"),
            Self::Connection(id) => write!(f, "connection {id}"),
        }
    }
}
