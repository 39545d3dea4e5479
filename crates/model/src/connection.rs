use serde::{Deserialize, Serialize};

use crate::ids::{ConnectionId, ExternalId, ProjectId};
use crate::names::ConnectionName;
use crate::route::Route;
use crate::stamp::{Stamp, UnixMillis};
use crate::tag::Tags;

/// An enhanced datasource connection without its peers and hosts, which are records of their own (dli_02_0187).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The project that owns it.
    pub project: ProjectId,
    /// Unique among the project's own connections that exist.
    pub name: ConnectionName,
    /// The VPC of the data source.
    pub dest_vpc: ExternalId,
    /// The subnet of the data source, by its network id.
    pub dest_network: ExternalId,
    /// The route table of that subnet, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_table: Option<ExternalId>,
    /// When it was created; orders the list.
    pub created: Stamp,
    /// Whether it exists.
    pub status: ConnectionStatus,
    /// Tags, read through the tag API only.
    #[serde(default)]
    pub tags: Tags,
    /// Custom routes in the order added.
    #[serde(default)]
    pub routes: Box<[Route]>,
    /// Whether the data source's subnet has IPv6.
    #[serde(default)]
    pub ipv6: bool,
    /// The projects it is granted to, in the order granted.
    #[serde(default)]
    pub grantees: Box<[ProjectId]>,
}

/// Whether a connection exists. `CREATING` and `FAILED` belong to its peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConnectionStatus {
    /// It exists.
    Active,
    /// It was deleted; its record is kept for a while, frozen.
    Deleted {
        /// When it was deleted, UTC.
        at: UnixMillis,
    },
}

impl ConnectionStatus {
    /// Whether the connection exists.
    #[must_use]
    pub fn is_active(self) -> bool {
        self == Self::Active
    }
}

impl Connection {
    /// Whether a project sees it: the owner always, a grantee while it exists.
    #[must_use]
    pub fn is_visible_to(&self, project: &ProjectId) -> bool {
        self.project == *project || (self.status.is_active() && self.grantees.contains(project))
    }
}
