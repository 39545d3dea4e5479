//! How the engine's lists write a connection: the bridge from what the view holds to the row of `dli_02_0190`.
//!
//! A row is rendered once per change and viewer and then shared by every answer, so everything that a list or a show
//! says about a connection is decided here and in `wire`, never while a call is answered.

use std::ops::Range;

use linkspan_engine::RowSource;
use linkspan_model::Peer;
use linkspan_wire::{ConnectionRow, Viewer};

/// Writes the row of one connection in one project's list: that project's peers, the common hosts and routes.
pub fn render_row(source: &RowSource<'_>, out: &mut Vec<u8>) -> Range<usize> {
    let RowSource { entry, viewer } = *source;
    let peers: Vec<&Peer> = entry.peers_of(viewer).collect();
    let whose = if entry.connection.project == *viewer { Viewer::Owner } else { Viewer::Grantee };
    let row = ConnectionRow { connection: &entry.connection, hosts: entry.hosts(), peers: &peers, viewer: whose };
    row.render(out).hosts
}

#[cfg(test)]
pub(crate) mod tests {
    use linkspan_engine::ConnectionEntry;
    use linkspan_engine::Stored;
    use linkspan_engine::store::Loc;
    use linkspan_model::{
        Connection, ConnectionId, ConnectionStatus, PeerId, PeerState, ProjectId, SourceName, Stamp, Tags,
    };
    use uuid::Uuid;

    use super::*;

    fn project(id: &str) -> ProjectId {
        id.parse().unwrap()
    }

    fn peer(number: u128, owner: &str, name: &str) -> Stored<Peer> {
        let value = Peer {
            id: PeerId(Uuid::from_u128(number)),
            connection: ConnectionId(Uuid::from_u128(1)),
            project: project(owner),
            source: SourceName::Queue(name.parse().unwrap()),
            generation: 1,
            state: PeerState::Active,
            create_time: 1,
            place: 0,
            update_time: 2,
        };
        Stored { at: Loc::default(), value }
    }

    /// A connection of the project `owner`, granted to `grantee`, with a queue of each bound.
    pub(crate) fn granted() -> ConnectionEntry {
        let connection = Connection {
            id: ConnectionId(Uuid::from_u128(1)),
            project: project("owner"),
            name: "c".parse().unwrap(),
            dest_vpc: "v".parse().unwrap(),
            dest_network: "n".parse().unwrap(),
            route_table: None,
            created: Stamp::new(7, 0),
            status: ConnectionStatus::Active,
            tags: Tags::default(),
            routes: Box::default(),
            ipv6: false,
            grantees: [project("grantee")].into(),
        };
        let peers = [peer(10, "owner", "own_queue"), peer(11, "grantee", "other_queue")].into();
        ConnectionEntry { at: Loc::default(), connection, hosts: None, peers }
    }

    fn rendered(viewer: &str) -> serde_json::Value {
        let (entry, viewer) = (granted(), project(viewer));
        let mut out = b"before".to_vec();
        let hosts = render_row(&RowSource { entry: &entry, viewer: &viewer }, &mut out);
        assert_eq!(&out[6..][hosts], b"[]", "the range is counted from the row's first byte");
        serde_json::from_slice(&out[6..]).unwrap()
    }

    #[test]
    fn each_project_sees_its_own_peers_only() {
        let names = |viewer| {
            let row = rendered(viewer);
            let peers = row["available_queue_info"].as_array().unwrap().clone();
            peers.iter().map(|peer| peer["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("owner"), ["own_queue"]);
        assert_eq!(names("grantee"), ["other_queue"]);
        assert_eq!(rendered("grantee")["isPrivis"], false);
    }
}
