//! Records: the kinds, their keys, and the way from a stored body to the model and back.
//!
//! To add a kind: a variant in [`Kind`] with the next number, one in [`Record`], and the two lines that connect them.
//! A number is never used again. A kind or a part of a body that an earlier release would not understand raises
//! [`RECORD_FORMAT`](crate::store::RECORD_FORMAT) and is told by [`Record::format`].

use linkspan_model::{
    AccessKey, AccessKeyId, Connection, ConnectionId, ConnectivityTest, Domain, DomainId, ExternalId, Hosts,
    NetworkBinding, Peer, PeerId, PlaneRequest, Pool, PoolName, Project, ProjectId, Queue, QueueName, RouteTable,
    Stamp, Subnet, User, UserId, Vpc,
};
use serde::{Deserialize, Serialize};

/// What a record is; the number is its stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Settings of the store itself, such as the key that tokens are signed with.
    Setting = 1,
    /// A domain.
    Domain = 2,
    /// A project.
    Project = 3,
    /// A user.
    User = 4,
    /// An access key.
    AccessKey = 5,
    /// A connection.
    Connection = 6,
    /// The host records of a connection.
    Hosts = 7,
    /// A peer of a connection.
    Peer = 8,
    /// A queue.
    Queue = 9,
    /// An elastic resource pool.
    Pool = 10,
    /// A VPC of the directory.
    Vpc = 11,
    /// A subnet of the directory.
    Subnet = 12,
    /// A connectivity test.
    ConnectivityTest = 13,
    /// A route table of the directory.
    RouteTable = 14,
    /// What a network is bound to.
    NetworkBinding = 15,
    /// What a node asks of whoever acts for a part of the plane.
    PlaneRequest = 16,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 16] = [
        Self::Setting,
        Self::Domain,
        Self::Project,
        Self::User,
        Self::AccessKey,
        Self::Connection,
        Self::Hosts,
        Self::Peer,
        Self::Queue,
        Self::Pool,
        Self::Vpc,
        Self::Subnet,
        Self::ConnectivityTest,
        Self::RouteTable,
        Self::NetworkBinding,
        Self::PlaneRequest,
    ];

    /// The kind of a stored number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// The key of a record: what it is and which one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// What it is.
    pub kind: Kind,
    /// Which one; unique within the kind.
    pub id: String,
}

/// A setting of the store itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: Box<str>,
    /// Its value; a secret one is sealed by whoever sets it.
    pub value: Box<str>,
}

/// A record's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A setting.
    Setting(Setting),
    /// A domain.
    Domain(Domain),
    /// A project.
    Project(Project),
    /// A user.
    User(User),
    /// An access key.
    AccessKey(AccessKey),
    /// A connection.
    Connection(Connection),
    /// The host records of a connection; absent when there are none.
    Hosts(ConnectionId, Hosts),
    /// A peer.
    Peer(Peer),
    /// A queue.
    Queue(Queue),
    /// A pool.
    Pool(Pool),
    /// A VPC.
    Vpc(Vpc),
    /// A subnet.
    Subnet(Subnet),
    /// A connectivity test.
    ConnectivityTest(ConnectivityTest),
    /// A route table.
    RouteTable(RouteTable),
    /// What a network is bound to.
    NetworkBinding(NetworkBinding),
    /// What a node asks of whoever acts for a part of the plane.
    PlaneRequest(PlaneRequest),
}

/// Why a stored record can't be read.
#[derive(Debug, thiserror::Error)]
#[error("record {kind:?} {id} can't be read: {why}")]
pub struct BadRecord {
    kind: Kind,
    id: String,
    why: String,
}

impl Record {
    /// The key it is stored under.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        match self {
            Self::Setting(it) => key::setting(&it.name),
            Self::Domain(it) => key::domain(&it.id),
            Self::Project(it) => key::project(&it.id),
            Self::User(it) => key::user(&it.id),
            Self::AccessKey(it) => key::access_key(&it.id),
            Self::Connection(it) => key::connection(it.id),
            Self::Hosts(connection, _) => key::hosts(*connection),
            Self::Peer(it) => key::peer(it.id),
            Self::Queue(it) => key::queue(&it.project, &it.name),
            Self::Pool(it) => key::pool(&it.project, &it.name),
            Self::Vpc(it) => key::vpc(&it.project, &it.id),
            Self::Subnet(it) => key::subnet(&it.project, &it.id),
            Self::ConnectivityTest(it) => key::connectivity_test(it.created),
            Self::RouteTable(it) => key::route_table(&it.project, &it.id),
            Self::NetworkBinding(it) => key::network_binding(&it.project, &it.network),
            Self::PlaneRequest(it) => key::plane_request(it.created),
        }
    }

    /// Its stored form.
    #[must_use]
    pub fn to_body(&self) -> Vec<u8> {
        // A model type holds no map with keys that are not text and no failing serializer, so this can't fail.
        let body = match self {
            Self::Setting(it) => serde_json::to_vec(it),
            Self::Domain(it) => serde_json::to_vec(it),
            Self::Project(it) => serde_json::to_vec(it),
            Self::User(it) => serde_json::to_vec(it),
            Self::AccessKey(it) => serde_json::to_vec(it),
            Self::Connection(it) => serde_json::to_vec(it),
            Self::Hosts(_, it) => serde_json::to_vec(it),
            Self::Peer(it) => serde_json::to_vec(it),
            Self::Queue(it) => serde_json::to_vec(it),
            Self::Pool(it) => serde_json::to_vec(it),
            Self::Vpc(it) => serde_json::to_vec(it),
            Self::Subnet(it) => serde_json::to_vec(it),
            Self::ConnectivityTest(it) => serde_json::to_vec(it),
            Self::RouteTable(it) => serde_json::to_vec(it),
            Self::NetworkBinding(it) => serde_json::to_vec(it),
            Self::PlaneRequest(it) => serde_json::to_vec(it),
        };
        body.unwrap_or_default()
    }

    /// The oldest format that has such a record: whoever knows only an earlier one would misread it, or lose a part of it
    /// with the next change.
    ///
    /// | format | has |
    /// | --- | --- |
    /// | 1 | everything but the below |
    /// | 2 | projects that are placed on a node, requests to whoever acts for the plane |
    #[must_use]
    pub fn format(&self) -> u32 {
        match self {
            Self::Project(Project { node: Some(_), .. }) | Self::PlaneRequest(_) => 2,
            _ => 1,
        }
    }

    /// Reads a stored record.
    ///
    /// # Errors
    /// The body is not what its kind says, or the key is not the content's own.
    pub fn from_stored(key: &RecordKey, body: &[u8]) -> Result<Self, BadRecord> {
        let bad = |why: String| BadRecord { kind: key.kind, id: key.id.clone(), why };
        let read = match key.kind {
            Kind::Setting => serde_json::from_slice(body).map(Self::Setting),
            Kind::Domain => serde_json::from_slice(body).map(Self::Domain),
            Kind::Project => serde_json::from_slice(body).map(Self::Project),
            Kind::User => serde_json::from_slice(body).map(Self::User),
            Kind::AccessKey => serde_json::from_slice(body).map(Self::AccessKey),
            Kind::Connection => serde_json::from_slice(body).map(Self::Connection),
            Kind::Hosts => {
                let connection =
                    ConnectionId::from_wire(&key.id).ok_or_else(|| bad("its id is no connection's".into()))?;
                serde_json::from_slice(body).map(|hosts| Self::Hosts(connection, hosts))
            }
            Kind::Peer => serde_json::from_slice(body).map(Self::Peer),
            Kind::Queue => serde_json::from_slice(body).map(Self::Queue),
            Kind::Pool => serde_json::from_slice(body).map(Self::Pool),
            Kind::Vpc => serde_json::from_slice(body).map(Self::Vpc),
            Kind::Subnet => serde_json::from_slice(body).map(Self::Subnet),
            Kind::ConnectivityTest => serde_json::from_slice(body).map(Self::ConnectivityTest),
            Kind::RouteTable => serde_json::from_slice(body).map(Self::RouteTable),
            Kind::NetworkBinding => serde_json::from_slice(body).map(Self::NetworkBinding),
            Kind::PlaneRequest => serde_json::from_slice(body).map(Self::PlaneRequest),
        };
        let record = read.map_err(|error| bad(error.to_string()))?;
        if record.key() == *key { Ok(record) } else { Err(bad("its body bears another id".into())) }
    }
}

/// The keys of records, one function a kind.
pub mod key {
    use super::{
        AccessKeyId, ConnectionId, DomainId, ExternalId, Kind, PeerId, PoolName, ProjectId, QueueName, RecordKey,
        Stamp, UserId,
    };

    fn key(kind: Kind, id: impl ToString) -> RecordKey {
        RecordKey { kind, id: id.to_string() }
    }

    /// A setting's.
    #[must_use]
    pub fn setting(name: &str) -> RecordKey {
        key(Kind::Setting, name)
    }

    /// A domain's.
    #[must_use]
    pub fn domain(id: &DomainId) -> RecordKey {
        key(Kind::Domain, id)
    }

    /// A project's.
    #[must_use]
    pub fn project(id: &ProjectId) -> RecordKey {
        key(Kind::Project, id)
    }

    /// A user's.
    #[must_use]
    pub fn user(id: &UserId) -> RecordKey {
        key(Kind::User, id)
    }

    /// An access key's.
    #[must_use]
    pub fn access_key(id: &AccessKeyId) -> RecordKey {
        key(Kind::AccessKey, id)
    }

    /// A connection's.
    #[must_use]
    pub fn connection(id: ConnectionId) -> RecordKey {
        key(Kind::Connection, id)
    }

    /// That of a connection's host records.
    #[must_use]
    pub fn hosts(connection: ConnectionId) -> RecordKey {
        key(Kind::Hosts, connection)
    }

    /// A peer's.
    #[must_use]
    pub fn peer(id: PeerId) -> RecordKey {
        key(Kind::Peer, id)
    }

    /// A queue's.
    #[must_use]
    pub fn queue(project: &ProjectId, name: &QueueName) -> RecordKey {
        key(Kind::Queue, format_args!("{project}/{name}"))
    }

    /// A pool's.
    #[must_use]
    pub fn pool(project: &ProjectId, name: &PoolName) -> RecordKey {
        key(Kind::Pool, format_args!("{project}/{name}"))
    }

    /// A VPC's.
    #[must_use]
    pub fn vpc(project: &ProjectId, id: &ExternalId) -> RecordKey {
        key(Kind::Vpc, format_args!("{project}/{id}"))
    }

    /// A subnet's.
    #[must_use]
    pub fn subnet(project: &ProjectId, id: &ExternalId) -> RecordKey {
        key(Kind::Subnet, format_args!("{project}/{id}"))
    }

    /// A route table's.
    #[must_use]
    pub fn route_table(project: &ProjectId, id: &ExternalId) -> RecordKey {
        key(Kind::RouteTable, format_args!("{project}/{id}"))
    }

    /// That of what a network is bound to.
    #[must_use]
    pub fn network_binding(project: &ProjectId, network: &ExternalId) -> RecordKey {
        key(Kind::NetworkBinding, format_args!("{project}/{network}"))
    }

    /// A request's to whoever acts for the plane: its number.
    #[must_use]
    pub fn plane_request(created: Stamp) -> RecordKey {
        key(Kind::PlaneRequest, created.number())
    }

    /// A connectivity test's: its number.
    #[must_use]
    pub fn connectivity_test(created: Stamp) -> RecordKey {
        key(Kind::ConnectivityTest, created.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, id: &str, body: &str) -> Record {
        Record::from_stored(&RecordKey { kind, id: id.into() }, body.as_bytes()).unwrap()
    }

    /// What was written before networks had more than a name and addresses.
    #[test]
    fn networks_of_old_are_read_and_written_as_they_were() {
        let vpc = r#"{"id":"v","project":"p","name":"data","cidr":"10.0.0.0/16","created":1}"#;
        let subnet = r#"{"id":"n","project":"p","vpc":"v","name":"","cidr":"10.0.0.0/24","ipv6":true,"created":2}"#;
        let record = read(Kind::Subnet, "p/n", subnet);
        assert_eq!(String::from_utf8(record.to_body()).unwrap(), subnet);
        let Record::Subnet(subnet) = record else { panic!("no subnet") };
        assert!(subnet.settings.dhcp && subnet.settings.gateway.is_none() && subnet.route_table.is_none());
        let record = read(Kind::Vpc, "p/v", vpc);
        assert_eq!(String::from_utf8(record.to_body()).unwrap(), vpc);
    }

    #[test]
    fn a_network_with_everything_survives_a_store() {
        let vpc = r#"{"id":"v","project":"p","name":"data","description":"for data","enterprise_project_id":"1",
            "tags":[{"key":"env","value":"test"}],"created":1,"changed":2}"#;
        let subnet = r#"{"id":"n","project":"p","vpc":"v","name":"","cidr":"10.0.0.0/24","route_table":"t",
            "settings":{"dhcp":false,"gateway":"10.0.0.9","dns":["10.0.0.2"],"dhcp_options":[["ntp","10.0.0.3"]]},
            "created":2}"#;
        let table = r#"{"id":"t","project":"p","vpc":"v","name":"rtb","is_default":true,"created":3,
            "routes":[{"kind":"ecs","destination":"10.1.0.0/16","next_hop":"e"}]}"#;
        let binding = r#"{"network":"n","project":"p","to":"lan","cidr":"10.0.0.0/24","created":4}"#;
        for (kind, id, body) in [
            (Kind::Vpc, "p/v", vpc),
            (Kind::Subnet, "p/n", subnet),
            (Kind::RouteTable, "p/t", table),
            (Kind::NetworkBinding, "p/n", binding),
        ] {
            let record = read(kind, id, body);
            let written = String::from_utf8(record.to_body()).unwrap();
            assert_eq!(read(kind, id, &written), record, "{written}");
        }
    }
}
