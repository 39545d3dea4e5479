//! A connection with what the vendor's show leaves out: every peer, tags, route table, progress.

use linkspan_model::{ConnectionId, ExternalId, Hosts, PeerId, ProjectId, Tags};
use serde::{Deserialize, Serialize};

use super::{Reachability, Time};

/// `GET /linkspan/v1/{project_id}/connections/{connection_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionDetail {
    /// Its id.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// The project that owns it.
    pub project_id: ProjectId,
    /// Whether it exists; a deleted one is kept for a while.
    pub active: bool,
    /// When it was created.
    pub create_time: Time,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_time: Option<Time>,
    /// The VPC of the data source.
    pub dest_vpc_id: ExternalId,
    /// The subnet of the data source.
    pub dest_network_id: ExternalId,
    /// The route table of that subnet, if one was named.
    pub routetable_id: Option<ExternalId>,
    /// Whether the data source's subnet has IPv6.
    pub ipv6: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its host records.
    pub hosts: Hosts,
    /// Its custom routes in the order added.
    pub routes: Vec<RouteDetail>,
    /// The projects it is granted to; the owner alone sees them.
    pub grantees: Vec<ProjectId>,
    /// Its peers in the order bound: the owner sees all of them, a grantee its own.
    pub peers: Vec<PeerDetail>,
}

/// A custom route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteDetail {
    /// Unique within the connection.
    pub name: String,
    /// As sent.
    pub cidr: String,
    /// When it was added.
    pub create_time: Time,
}

/// One peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerDetail {
    /// Its id.
    pub peer_id: PeerId,
    /// The project whose queue or pool it binds.
    pub project_id: ProjectId,
    /// What it binds.
    pub kind: PeerKind,
    /// The name of what it binds.
    pub name: String,
    /// Where it stands.
    pub status: PeerStatus,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub err_msg: String,
    /// When it counts as failed unless it is active by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Time>,
    /// What it waits for, while that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<PeerProgress>,
    /// Whether it leads to its data sources, while it is active and a plane is at work here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reachability: Option<Reachability>,
    /// When it was bound.
    pub create_time: Time,
    /// When its status last changed.
    pub update_time: Time,
}

/// Why a peer is not yet where it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerProgress {
    /// How often it was tried in vain, in a row.
    pub attempts: u32,
    /// What is in the way.
    pub why: String,
}

/// What a peer binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerKind {
    /// A queue outside any pool.
    Queue,
    /// An elastic resource pool.
    ElasticResourcePool,
}

/// Where a peer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PeerStatus {
    /// It is being made.
    Creating,
    /// It is in place.
    Active,
    /// It could not be made; it is tried again.
    Failed,
    /// Its creation is called off; `CREATING` on the vendor's paths.
    Cancelled,
}
