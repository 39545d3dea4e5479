use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{ConnectionId, PeerId, ProjectId};
use crate::names::{PoolName, QueueName};
use crate::stamp::{Stamp, UnixMillis};

/// The joint of one queue or pool with a connection's destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Its id.
    pub id: PeerId,
    /// The connection it belongs to.
    pub connection: ConnectionId,
    /// The project whose queue or pool it binds: the owner's, or a grantee's.
    pub project: ProjectId,
    /// What it binds.
    pub source: SourceName,
    /// Counts the desired states it has had; a report about an older one is dropped.
    pub generation: u32,
    /// Where it stands.
    pub state: PeerState,
    /// When it was bound, UTC; never earlier than one that was bound before, whatever the clock did.
    pub create_time: UnixMillis,
    /// Its place among what was created in the same millisecond.
    #[serde(default)]
    pub place: u32,
    /// When `state` last changed, UTC.
    pub update_time: UnixMillis,
}

impl Peer {
    /// When it was bound, to the place within the millisecond: orders peers as they were bound.
    #[must_use]
    pub fn bound(&self) -> Stamp {
        Stamp::new(self.create_time, self.place)
    }
}

/// Where a peer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeerState {
    /// The reconciler is making it, until the deadline.
    Creating {
        /// When it counts as failed even if nobody reports, UTC.
        deadline: UnixMillis,
    },
    /// Installed and verified up to the destination subnet's gateway.
    Active,
    /// It could not be made; the reconciler goes on trying.
    Failed(Failure),
    /// Its creation is called off because its connection is being deleted; `CREATING` on the wire.
    Cancelled,
    /// Gone from the wire; kept until the plane has removed it.
    Removing,
}

/// Why a peer could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Why, and what to change.
    pub reason: Box<str>,
    /// What a project is told that the connection is only granted to, where the reason names what is the owner's alone;
    /// none = the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_grantee: Option<Box<str>>,
}

impl Failure {
    /// What is told to the owner of the connection, or to a grantee.
    #[must_use]
    pub fn told(&self, to_owner: bool) -> &str {
        self.to_grantee.as_ref().filter(|_| !to_owner).unwrap_or(&self.reason)
    }
}

/// A reason that everyone may read who sees the peer.
impl From<Box<str>> for Failure {
    fn from(reason: Box<str>) -> Self {
        Self { reason, to_grantee: None }
    }
}

impl From<&str> for Failure {
    fn from(reason: &str) -> Self {
        Box::<str>::from(reason).into()
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        reason.into_boxed_str().into()
    }
}

/// A queue outside any pool, or an elastic resource pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceKind {
    /// A queue outside any pool.
    Queue,
    /// An elastic resource pool.
    Pool,
}

/// The name of a source within its project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceName {
    /// A queue outside any pool.
    Queue(QueueName),
    /// An elastic resource pool.
    Pool(PoolName),
}

impl SourceName {
    /// Which of the two it is.
    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::Queue(_) => SourceKind::Queue,
            Self::Pool(_) => SourceKind::Pool,
        }
    }

    /// The bare name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Queue(name) => name.as_str(),
            Self::Pool(name) => name.as_str(),
        }
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(name) => write!(f, "queue {name}"),
            Self::Pool(name) => write!(f, "elastic resource pool {name}"),
        }
    }
}
