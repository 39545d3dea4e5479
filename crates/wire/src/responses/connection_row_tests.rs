use linkspan_model::{ConnectionId, Hosts, PeerId, ProjectId, SourceName, Stamp, Tags};
use uuid::uuid;

use super::*;

/// The connection of the example of dli_02_0190.
fn connection() -> Connection {
    Connection {
        id: ConnectionId(uuid!("4c693ecc-bab8-4113-a838-129cedc9a563")),
        project: project("48cc2c48765f481480c7db940d6409d1"),
        name: "withvpc".parse().unwrap(),
        dest_vpc: "22094d8f-c310-4621-913d-4c4d655d8495".parse().unwrap(),
        dest_network: "78f2562a-36e4-4b39-95b9-f5aab22e1281".parse().unwrap(),
        route_table: Some("ad3be945-5920-4b43-a4b2-4a6d7c5a4d8d".parse().unwrap()),
        created: Stamp::new(1_566_888_011_125, 0),
        status: ConnectionStatus::Active,
        tags: Tags::parse(&[("k", "v")]).unwrap(),
        routes: Box::default(),
        ipv6: false,
        grantees: Box::default(),
    }
}

fn project(id: &str) -> ProjectId {
    id.parse().unwrap()
}

fn peer(source: SourceName, state: PeerState) -> Peer {
    Peer {
        id: PeerId(uuid!("d2ae6628-fa37-4e04-806d-c59c497492d1")),
        connection: connection().id,
        project: connection().project,
        source,
        generation: 1,
        state,
        create_time: 1_566_889_000_000,
        place: 0,
        update_time: 1_566_889_577_861,
    }
}

fn queue(name: &str, state: PeerState) -> Peer {
    peer(SourceName::Queue(name.parse().unwrap()), state)
}

fn pool(name: &str, state: PeerState) -> Peer {
    peer(SourceName::Pool(name.parse().unwrap()), state)
}

fn render(row: ConnectionRow<'_>) -> (String, serde_json::Value) {
    let mut out = b"before".to_vec();
    let layout = row.render(&mut out);
    let row_bytes = &out[6..];
    let mut hosts = Vec::new();
    render_hosts(row.hosts, &mut hosts);
    assert_eq!(row_bytes[layout.hosts].to_vec(), hosts, "the layout is counted from the row's start");
    let text = String::from_utf8(row_bytes.to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap();
    (text, json)
}

#[test]
fn the_example_of_the_document() {
    let (connection, peer) = (connection(), queue("resource_mode_1", PeerState::Active));
    let row = ConnectionRow { connection: &connection, hosts: &[], peers: &[&peer], viewer: Viewer::Owner };
    let (text, _) = render(row);
    let list = format!("{}{text}{}", String::from_utf8_lossy(LIST_HEAD), list_tail(1));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let document: serde_json::Value = serde_json::from_str(include_str!("samples/dli_02_0190.json")).unwrap();
    for (field, value) in document.as_object().unwrap() {
        if field != "connections" {
            assert_eq!(&list[field], value, "{field}");
        }
    }
    for (field, value) in document["connections"][0].as_object().unwrap() {
        assert_eq!(&list["connections"][0][field], value, "{field}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_field_with_everything_in_it() {
    let mut connection = connection();
    connection.dest_vpc = "vpc \"一\"".parse().unwrap();
    connection.ipv6 = true;
    connection.grantees = [project("330e068af1334c9782f4226acc00a2e2")].into();
    connection.routes = [
        Route::new("r1".parse().unwrap(), "10.1.0.9/16", 1_566_888_011_200).unwrap(),
        Route::new("r-2".parse().unwrap(), "2407:c080:802:be7::/64", 1_566_888_011_300).unwrap(),
    ]
    .into();
    let hosts = Hosts::parse(&[("ecs-97f8-0001", "192.168.0.1"), ("Ecs-97f8-0002", "192.168.0.2")]).unwrap();
    let failed = PeerState::Failed("10.0.0.0/24 overlaps \"10.0.0.0/16\"\n: 换一个".into());
    let peers = [
        queue("q1", PeerState::Active),
        pool("p1", PeerState::Creating { deadline: 1 }),
        queue("gone", PeerState::Removing),
        queue("q2", failed),
        pool("p2", PeerState::Cancelled),
        pool("gone", PeerState::Removing),
    ];
    let peers: Vec<_> = peers.iter().collect();
    let row = ConnectionRow { connection: &connection, hosts: hosts.as_slice(), peers: &peers, viewer: Viewer::Owner };
    let (text, json) = render(row);
    insta::assert_snapshot!(text);
    let show = format!("{}{}", String::from_utf8_lossy(SHOW_HEAD), &text[1..]);
    let show: serde_json::Value = serde_json::from_str(&show).unwrap();
    assert_eq!((&show["is_success"], &show["message"]), (&true.into(), &"".into()));
    assert_eq!(show.as_object().unwrap().len(), json.as_object().unwrap().len() + 2);
}

#[test]
fn deleted_ones_have_no_peers_and_are_private() {
    let mut connection = connection();
    connection.status = ConnectionStatus::Deleted { at: 1_600_000_000_000 };
    connection.grantees = [project("330e068af1334c9782f4226acc00a2e2")].into();
    let (queue, pool) = (queue("q1", PeerState::Active), pool("p1", PeerState::Active));
    let hosts = Hosts::parse(&[("h", "10.0.0.1")]).unwrap();
    let row = ConnectionRow {
        connection: &connection,
        hosts: hosts.as_slice(),
        peers: &[&queue, &pool],
        viewer: Viewer::Owner,
    };
    let (_, json) = render(row);
    assert_eq!(json["status"], "DELETED");
    assert_eq!(json["isPrivis"], true);
    assert_eq!(json["available_queue_info"], serde_json::json!([]));
    assert_eq!(json["elastic_resource_pools"], serde_json::json!([]));
    assert_eq!(json["hosts"][0]["ip"], "10.0.0.1", "frozen as it was");
}

#[test]
fn is_privis_is_false_once_granted_and_for_the_grantee() {
    let mut connection = connection();
    let privis = |connection: &Connection, viewer| {
        render(ConnectionRow { connection, hosts: &[], peers: &[], viewer }).1["isPrivis"].clone()
    };
    assert_eq!(privis(&connection, Viewer::Owner), true);
    connection.grantees = [project("330e068af1334c9782f4226acc00a2e2")].into();
    assert_eq!(privis(&connection, Viewer::Owner), false);
    assert_eq!(privis(&connection, Viewer::Grantee), false);
}

#[test]
fn empty_and_full_lists_are_whole_objects() {
    let empty = format!("{}{}", String::from_utf8_lossy(LIST_HEAD), list_tail(0));
    assert_eq!(empty, r#"{"is_success":true,"message":"","connections":[],"count":0}"#);
}
