//! A project's networks as a graph.

use linkspan_model::{Cidr4, PeerId, ProjectId};
use serde::{Deserialize, Serialize};

use super::{PeerStatus, ReachabilityState};
use crate::error::{Problem, ProblemKind};
use crate::query::Query;

/// `GET /linkspan/v1/{project_id}/topology`: everything at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Topology {
    /// What there is.
    pub nodes: Vec<TopologyNode>,
    /// How it hangs together.
    pub edges: Vec<TopologyEdge>,
    /// Connections, queues, pools, VPCs and subnets beyond the limit that are not among the nodes.
    pub left_out: usize,
}

/// One thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopologyNode {
    /// Names it within this answer, and in every later one while it exists.
    pub id: String,
    /// What it is.
    pub kind: TopologyKind,
    /// Its name; the id of a VPC or subnet without one.
    pub name: String,
    /// The project that owns it.
    pub project_id: ProjectId,
    /// Its addresses, if the project in the path may know them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<Cidr4>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopologyKind {
    /// A queue.
    Queue,
    /// An elastic resource pool.
    ElasticResourcePool,
    /// A connection.
    Connection,
    /// The subnet of data sources.
    Subnet,
    /// The VPC of such subnets.
    Vpc,
}

/// How two things hang together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopologyEdge {
    /// A node's id.
    pub from: String,
    /// Another's.
    pub to: String,
    /// How.
    pub kind: TopologyRelation,
    /// For a peer: which, and where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<TopologyPeer>,
}

/// How two things hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopologyRelation {
    /// A queue lives in a pool.
    LivesIn,
    /// A queue or pool is bound to a connection.
    Peer,
    /// A connection leads to a subnet.
    LeadsTo,
    /// A subnet is part of a VPC.
    PartOf,
}

/// A peer, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopologyPeer {
    /// Its id.
    pub peer_id: PeerId,
    /// Where it stands.
    pub status: PeerStatus,
    /// Whether it leads to its data sources, while it is active and a plane is at work here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reachability: Option<ReachabilityState>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub err_msg: String,
}

/// The parameters of the topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopologyQuery {
    /// Most things of each kind, connections newest first; what their edges lead to comes beside.
    pub limit: usize,
}

impl TopologyQuery {
    /// The most that may be asked for.
    pub const MOST: usize = 5_000;
    /// What is answered unless something else is asked for.
    pub const DEFAULT: usize = 500;

    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 with what is wrong.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let Some(text) = Query::new(query).get("limit")? else { return Ok(Self { limit: Self::DEFAULT }) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text.parse().ok().filter(|_| digits).filter(|limit| (1..=Self::MOST).contains(limit));
        let why = || Problem::new(ProblemKind::InvalidInput, format!("limit must be 1 to {}.", Self::MOST));
        limit.map(|limit| Self { limit }).ok_or_else(why)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let body = concat!(
            r#"{"nodes":[{"id":"queue:etl","kind":"queue","name":"etl","project_id":"p","cidr":"10.0.0.0/24"},"#,
            r#"{"id":"connection:c","kind":"connection","name":"c","project_id":"p"}],"#,
            r#""edges":[{"from":"queue:etl","to":"connection:c","kind":"peer","#,
            r#""peer":{"peer_id":"d2ae6628-fa37-4e04-806d-c59c497492d1","status":"FAILED","err_msg":"why"}},"#,
            r#"{"from":"connection:c","to":"subnet:n","kind":"leads_to"}],"left_out":0}"#
        );
        let found: Topology = read(body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(write(&found)).unwrap(), body);
    }

    #[test]
    fn a_limit_is_in_bounds() {
        assert_eq!(TopologyQuery::parse("").unwrap().limit, 500);
        assert_eq!(TopologyQuery::parse("limit=5000").unwrap().limit, 5000);
        for bad in ["limit=0", "limit=5001", "limit=x", "limit=%2B5"] {
            assert_eq!(TopologyQuery::parse(bad).unwrap_err().status(), 400, "{bad}");
        }
    }
}
