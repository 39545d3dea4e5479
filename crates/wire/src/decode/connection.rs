use serde::{Deserialize, Serialize};

use super::lenient;

/// One connection of a list or of show (dli_02_0190, dli_02_0189).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ConnectionInfo {
    /// Its id.
    #[serde(deserialize_with = "lenient::or_default")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
    /// `ACTIVE` or `DELETED`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub status: String,
    /// The queues outside pools that it binds.
    #[serde(deserialize_with = "lenient::or_default")]
    pub available_queue_info: Vec<PeerInfo>,
    /// The pools that it binds.
    #[serde(deserialize_with = "lenient::or_default")]
    pub elastic_resource_pools: Vec<PeerInfo>,
    /// The VPC of the data source.
    #[serde(deserialize_with = "lenient::or_default")]
    pub dest_vpc_id: String,
    /// The network id of the data source's subnet.
    #[serde(deserialize_with = "lenient::or_default")]
    pub dest_network_id: String,
    /// When it was created, milliseconds since 1970 UTC.
    #[serde(deserialize_with = "lenient::int")]
    pub create_time: i64,
    /// Host records.
    #[serde(deserialize_with = "lenient::or_default")]
    pub hosts: Vec<HostInfo>,
    /// Custom routes; no document lists them.
    #[serde(deserialize_with = "lenient::or_default")]
    pub routes: Vec<RouteInfo>,
    /// False once it is granted to a project; none if the answer does not say.
    #[serde(rename = "isPrivis")]
    pub is_privis: Option<bool>,
    /// Whether the data source's subnet has IPv6.
    #[serde(deserialize_with = "lenient::flag")]
    pub ipv6_enable: bool,
}

/// A bound queue or pool (dli_02_0190, table 5).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PeerInfo {
    /// Its id.
    #[serde(deserialize_with = "lenient::or_default")]
    pub peer_id: String,
    /// `CREATING`, `ACTIVE` or `FAILED`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub status: String,
    /// The name of the queue or pool.
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
    /// Why it failed.
    #[serde(deserialize_with = "lenient::or_default")]
    pub err_msg: String,
    /// When it last changed, milliseconds since 1970 UTC.
    #[serde(deserialize_with = "lenient::int")]
    pub update_time: i64,
}

/// A host record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct HostInfo {
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
    /// Its address.
    #[serde(deserialize_with = "lenient::or_default")]
    pub ip: String,
}

/// A custom route.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RouteInfo {
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
    /// Its destination.
    #[serde(deserialize_with = "lenient::or_default")]
    pub cidr: String,
    /// When it was added, milliseconds since 1970 UTC.
    #[serde(deserialize_with = "lenient::int")]
    pub create_time: i64,
}

/// A list of connections (dli_02_0190).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConnectionList {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The page.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub connections: Vec<ConnectionInfo>,
    /// The number of connections in this answer.
    #[serde(default, deserialize_with = "lenient::int")]
    pub count: i64,
}

/// The answer of show (dli_02_0189): the connection beside the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShownConnection {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The connection.
    #[serde(flatten)]
    pub connection: ConnectionInfo,
}

/// The answer of create (dli_02_0187).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CreatedConnection {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not, or what was bound.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The new id; empty if it failed.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub connection_id: String,
}

/// The grants of a connection (dli_02_0256).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PrivilegeList {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The connection.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub connection_id: String,
    /// One per project.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub privileges: Vec<PrivilegeInfo>,
}

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PrivilegeInfo {
    /// `edsconnections.{connection_id}`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub object: String,
    /// The grantee as the documents name it.
    #[serde(deserialize_with = "lenient::or_default")]
    pub applicant_project_id: String,
    /// The grantee as Terraform reads it.
    #[serde(deserialize_with = "lenient::or_default")]
    pub project_id: String,
    /// `BIND_QUEUE`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub privileges: Vec<String>,
}

impl PrivilegeInfo {
    /// The grantee under whichever of its two names it came.
    #[must_use]
    pub fn grantee(&self) -> &str {
        if self.applicant_project_id.is_empty() { &self.project_id } else { &self.applicant_project_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_document() {
        let list: ConnectionList = serde_json::from_str(include_str!("../responses/samples/dli_02_0190.json")).unwrap();
        assert_eq!((list.is_success, list.count, list.connections.len()), (true, 1, 1));
        let connection = &list.connections[0];
        assert_eq!((connection.name.as_str(), connection.create_time), ("withvpc", 1_566_888_011_125));
        assert_eq!(connection.available_queue_info[0].name, "resource_mode_1");
        assert_eq!((connection.is_privis, connection.hosts.len()), (None, 0));
    }

    #[test]
    fn a_shown_connection_with_every_field() {
        let body = r#"{"is_success": true, "message": "", "name": "withvpc", "id": "i", "status": "ACTIVE", "isPrivis": true, "ipv6_enable": false, "available_queue_info": [{"status": "ACTIVE", "name": "resource_mode_1", "peer_id": "p", "err_msg": "", "update_time": 1566889577861}], "elastic_resource_pools": [{"status": "CREATING", "name": "pool_1", "peer_id": "p-1", "err_msg": "", "update_time": 1566889577861}], "dest_vpc_id": "v", "dest_network_id": "n", "create_time": 1566888011125, "hosts": [{"name": "ecs-97f8-0001", "ip": "192.168.0.167"}], "routes": [{"name": "r1", "cidr": "10.1.0.0/16", "create_time": 1566888011125}], "later": {}}"#;
        let shown: ShownConnection = serde_json::from_str(body).unwrap();
        let connection = shown.connection;
        assert_eq!((connection.is_privis, connection.routes[0].cidr.as_str()), (Some(true), "10.1.0.0/16"));
        assert_eq!(connection.elastic_resource_pools[0].status, "CREATING");
        assert_eq!(connection.hosts[0].ip, "192.168.0.167");
        assert_eq!(connection.available_queue_info[0].update_time, 1_566_889_577_861);
    }

    #[test]
    fn null_arrays_are_empty_and_a_text_is_read_as_a_number() {
        let body = r#"{"connections":[{"id":"a","hosts":null,"available_queue_info":null,"create_time":"1566888011125","isPrivis":null}],"count":"1"}"#;
        let list: ConnectionList = serde_json::from_str(body).unwrap();
        assert!(list.is_success && list.connections[0].hosts.is_empty());
        assert_eq!((list.connections[0].create_time, list.count), (1_566_888_011_125, 1));
        let list: ConnectionList = serde_json::from_str(r#"{"is_success":false,"connections":null}"#).unwrap();
        assert!(!list.is_success && list.connections.is_empty());
    }

    #[test]
    fn a_grantee_has_two_names() {
        let body = r#"{"privileges":[{"object":"edsconnections.c","applicant_project_id":"p2","privileges":["BIND_QUEUE"]},{"project_id":"p3"}]}"#;
        let list: PrivilegeList = serde_json::from_str(body).unwrap();
        assert_eq!(list.privileges.iter().map(PrivilegeInfo::grantee).collect::<Vec<_>>(), ["p2", "p3"]);
    }
}
