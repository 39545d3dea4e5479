//! Things that come from elsewhere with the ids and times that they have there.
//!
//! What only one thing can be wrong about is a text here and checked thing by thing, unlike everywhere else: one queue
//! with a strange name must not keep a hundred others out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PeerKind, RouteDetail, Time};
use crate::error::Problem;
use crate::query::Query;

/// `POST /linkspan/v1/{project_id}/import`: taken over in this order, pools, queues, connections.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// Elastic resource pools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elastic_resource_pools: Vec<ImportPool>,
    /// Queues; the pools they live in are here already or come with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<ImportQueue>,
    /// Connections; what they bind is here already or comes with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<ImportConnection>,
}

impl ImportRequest {
    /// Most things of one call.
    pub const MOST: usize = 250;

    /// How many things there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elastic_resource_pools.len() + self.queues.len() + self.connections.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the creation of a queue or pool elsewhere chose by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportBirth {
    /// Its `resource_id`.
    pub resource_id: String,
    /// When it was created, to the millisecond.
    pub create_time: Time,
    /// Its place among what was created in the same millisecond, 0 to 999.
    #[serde(default)]
    pub place: u32,
    /// Who made it; absent = the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The network it really has, inside `cidr_in_vpc`; absent = as a creation here chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr_in_subnet: Option<String>,
}

/// A pool to import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportPool {
    /// What its creation chose.
    pub birth: ImportBirth,
    /// When it last changed; absent = when it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_time: Option<Time>,
    /// The body that would create it (dli_02_0326); tags are not compared if it has no member `tags`.
    pub create: Value,
}

/// A queue to import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportQueue {
    /// What its creation chose.
    pub birth: ImportBirth,
    /// What `cidr_in_vpc` reads; absent = the documented default. Inside a pool the pool's counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr_in_vpc: Option<String>,
    /// Its scaling policies in its pool, as dli_02_0332 writes them; absent = not known, and not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling_policies: Option<Value>,
    /// The body that would create it (dli_02_0194); neither tags nor properties are compared if it has no such member.
    pub create: Value,
}

/// A connection to import. Its peers begin anew: they are created here like those of a binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportConnection {
    /// Its id.
    pub id: String,
    /// When it was created, to the millisecond.
    pub create_time: Time,
    /// Its place among what was created in the same millisecond, 0 to 999: orders the list.
    #[serde(default)]
    pub place: u32,
    /// Whether its data source's subnet has IPv6; absent = as the directory of networks says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_enable: Option<bool>,
    /// Its routes in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<RouteDetail>,
    /// The projects it is granted to; absent = that is not known, and not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grantees: Option<Vec<String>>,
    /// The ids of its peers; one without gets a new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peer_ids: Vec<ImportPeerId>,
    /// The body that would create it (dli_02_0187), with what it binds; tags are not compared if it has no member
    /// `tags`, the route table if it has no `routetable_id`.
    pub create: Value,
}

/// The id of one peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportPeerId {
    /// What the peer binds.
    pub kind: PeerKind,
    /// The name of what it binds.
    pub name: String,
    /// Its id.
    pub peer_id: String,
}

/// The parameters of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportQuery {
    /// Only say what would become of the things.
    pub dry_run: bool,
}

impl ImportQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 naming the parameter.
    pub fn parse(raw_query: &str) -> Result<Self, Problem> {
        Ok(Self { dry_run: Query::new(raw_query).bool("dry_run")?.unwrap_or(false) })
    }
}

/// What became of the things, in the order in which they were taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportAnswer {
    /// Whether nothing was changed in any case.
    pub dry_run: bool,
    /// One for each thing.
    pub outcomes: Vec<ImportedThing>,
}

/// What became of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedThing {
    /// What it is.
    pub kind: ImportKind,
    /// Its id, or `resource_id`, as sent.
    pub id: String,
    /// Its name as sent; empty if there was none.
    pub name: String,
    /// What became of it.
    pub outcome: ImportVerdict,
    /// The fields in which the thing here differs from the one that was sent, as the vendor's list names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// An elastic resource pool.
    ElasticResourcePool,
    /// A queue.
    Queue,
    /// A connection.
    Connection,
}

/// What became of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportVerdict {
    /// It was made here, or would be.
    Created,
    /// It is here already.
    Identical,
    /// It is here already with other content, which was left alone.
    Differs,
    /// It can't be made here.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let body = r#"{"elastic_resource_pools":[{"birth":{"resource_id":"r","create_time":"2019-08-27T06:40:11.125Z","place":0},"create":{"max_cu":64}}],"queues":[{"birth":{"resource_id":"r","create_time":"2019-08-27T06:40:11.125Z","place":1,"owner":"o","cidr_in_subnet":"10.0.0.0/24"},"cidr_in_vpc":"10.0.0.0/24","scaling_policies":[],"create":{}}],"connections":[{"id":"c","create_time":"2019-08-27T06:40:11.125Z","place":7,"ipv6_enable":false,"routes":[{"name":"r","cidr":"10.0.0.0/8","create_time":"2019-08-27T06:40:11.125Z"}],"grantees":[],"peer_ids":[{"kind":"queue","name":"q","peer_id":"p"}],"create":{"name":"c"}}]}"#;
        let request: ImportRequest = read(body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(write(&request)).unwrap(), body);
        assert_eq!((request.len(), read::<ImportRequest>(b"").unwrap().is_empty()), (3, true));
        for bad in [r#"{"connection":[]}"#, r#"{"connections":[{"id":"c","create_time":5,"create":{}}]}"#] {
            assert_eq!(read::<ImportRequest>(bad.as_bytes()).unwrap_err().status(), 400, "{bad}");
        }
    }

    #[test]
    fn parameters() {
        assert!(!ImportQuery::parse("").unwrap().dry_run);
        assert!(ImportQuery::parse("dry_run=true").unwrap().dry_run);
        assert_eq!(ImportQuery::parse("dry_run=yes").unwrap_err().status(), 400);
    }
}
