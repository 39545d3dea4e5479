use linkspan_engine::command::PeerOutcome;
use serde_json::{Value, json};

use super::super::super::stage::Stage;
use crate::plane_work::PlaneWork;

const DIAGNOSE: &str = "Diagnose";
const CREATE: &str = "CreateEnhancedConnection";

async fn asked(stage: &Stage, queue: &str, to: &str) -> Value {
    let before = stage.revision();
    let found = stage.ok(DIAGNOSE, &json!({"queue": queue, "to": to}).to_string()).await.json();
    assert_eq!(stage.revision(), before, "a diagnosis changes nothing");
    found
}

/// `verdict who: summary To do: what`
fn told(found: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let (verdict, summary) = (text(&found["verdict"]), text(&found["summary"]));
    format!("{verdict} {}: {summary} To do: {}", text(&found["act"]["who"]), text(&found["act"]["what"]))
}

/// A connection of queue q1 to the known subnet 192.168.1.0/24, with a host record.
async fn connected(stage: &Stage) -> String {
    stage.sources().await;
    stage.networks().await;
    let body = r#"{"name":"orders","dest_vpc_id":"vpc-1","dest_network_id":"net-1","queues":["q1"],
        "hosts":[{"name":"kafka","ip":"192.168.1.7"}]}"#;
    stage.ok(CREATE, body).await.json()["connection_id"].as_str().unwrap().to_owned()
}

async fn active() -> (Stage, PlaneWork) {
    let (stage, work) = Stage::with_plane().await;
    connected(&stage).await;
    stage.until("the peer is active", |stage| stage.peers_are("Active", 1)).await;
    (stage, work)
}

#[tokio::test]
async fn a_way_that_is_open_is_shown_hop_by_hop() {
    let (stage, work) = active().await;
    let found = asked(&stage, "q1", "KAFKA:9092").await;
    insta::assert_json_snapshot!(found);
    let literal = asked(&stage, "Q1", "192.168.1.9:1").await;
    assert_eq!((&literal["verdict"], &literal["probe"]["resolved_by"]), (&json!("reachable"), &json!("literal")));
    let answer = stage.ok(DIAGNOSE, r#"{"elastic_resource_pool":"pool_1","to":"192.168.1.9:1"}"#).await;
    assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
    assert_eq!(answer.json()["source"], json!({"kind": "elastic_resource_pool", "name": "pool_1"}));
    work.stop().await;
}

#[tokio::test]
async fn what_the_plane_finds_beyond_the_peer_stands_as_it_is() {
    let (stage, work) = active().await;
    for verdict in ["connection_refused", "destination_host_down", "no_return_route_at_router"] {
        let rule = json!({"rules": [{"matches": "any", "effect": {"unreachable": verdict}}]});
        stage.ok("ReplaceFaults", &rule.to_string()).await;
        let found = asked(&stage, "q1", "kafka:9092").await;
        assert_eq!((&found["verdict"], &found["peer_state"]["settled"]), (&json!(verdict), &json!(true)));
        assert_eq!(found["peer_state"]["connection_name"], "orders");
    }
    work.stop().await;
}

#[tokio::test]
async fn before_any_packet_the_records_say_what_is_in_the_way() {
    let stage = Stage::open().await.with_idle_plane();
    connected(&stage).await;
    for (queue, to, expected) in [
        (
            "q1",
            "192.168.1.7:1",
            "no_route_in_queue tenant: Connection orders leads to 192.168.1.7, but its peer for queue q1 is still being made (CREATING).",
        ),
        ("q1", "lost:1", "dns_failure tenant: No connection of queue q1 has a host record for lost."),
        (
            "q1",
            "100.125.3.4:1",
            "no_route_in_queue tenant: 100.125.3.4 is of a range that the service keeps for itself",
        ),
        (
            "q1",
            "127.0.0.1:1",
            "no_route_in_queue tenant: 127.0.0.1 is the queue's own host; no connection leads there.",
        ),
        ("q1", "224.0.0.1:1", "no_route_in_queue tenant: 224.0.0.1 is not the address of one host"),
        ("q1", "169.254.1.1:1", "no_route_in_queue tenant: 169.254.1.1 is of the links between networks"),
        ("q1", "172.31.255.9:1", "no_route_in_queue tenant: 172.31.255.9 is of queue q1's own network 172.31.255.0/24"),
        ("q1", "[2001:db8::1]:1", "no_route_in_queue tenant: 2001:db8::1 is IPv6, and queue q1 has IPv4 only."),
        ("q1", "10.99.0.1:1", "no_route_in_queue tenant: No connection of queue q1 is active."),
        ("q_shared", "192.168.1.7:1", "no_route_in_queue tenant: Queue q_shared is bound to no connection."),
        (
            "q_pooled",
            "192.168.1.7:1",
            "no_route_in_queue tenant: Elastic resource pool pool_1 is bound to no connection.",
        ),
        (
            "default",
            "192.168.1.7:1",
            "no_route_in_queue tenant: The preset queue default runs in a network of the service's own",
        ),
    ] {
        let found = told(&asked(&stage, queue, to).await);
        assert!(found.starts_with(expected), "{queue} {to}: {found}");
        assert!(!found.ends_with("To do: -"), "{queue} {to}: {found}");
    }
    let unbound = told(&asked(&stage, "q_shared", "192.168.1.7:1").await);
    assert!(
        unbound
            .ends_with("bind queue q_shared to a connection that leads to subnet net-1 (192.168.1.0/24) of VPC vpc-1"),
        "{unbound}"
    );
}

#[tokio::test]
async fn a_peer_that_is_not_in_place_is_named_with_its_own_reason() {
    let stage = Stage::open().await.with_idle_plane();
    let id = connected(&stage).await;
    stage.report_peers(|_| PeerOutcome::Failed("No netd answers.".into())).await;
    let failed = asked(&stage, "q1", "kafka:9092").await;
    assert!(told(&failed).starts_with("dns_failure operator: Connection orders leads to kafka, but its peer for queue q1 is FAILED: No netd answers."), "{failed}");
    assert_eq!(failed["path"][2]["evidence"]["record"], "FAILED");
    assert_eq!(failed["peer_state"]["status"], "FAILED");
    stage.report_peers(|_| PeerOutcome::Active).await;
    let gone = asked(&stage, "q1", "192.168.1.7:9092").await;
    assert!(told(&gone).starts_with("no_route_in_queue operator: Connection orders is ACTIVE and leads queue q1 to 192.168.1.7, but its route is not in the queue's network."), "{gone}");
    let state = &gone["peer_state"];
    assert_eq!(
        (&state["applied_generation"], &state["drift"], &state["settled"]),
        (&json!(null), &json!(true), &json!(false))
    );
    stage.on(&id).ok("DisassociateQueueFromEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    let unbound = told(&asked(&stage, "q1", "192.168.1.7:9092").await);
    assert!(
        unbound.starts_with("no_route_in_queue tenant: A peer of queue q1 is being taken away: it was unbound."),
        "{unbound}"
    );
}

#[tokio::test]
async fn networks_that_overlap_are_the_cause_where_they_are() {
    let stage = Stage::open().await.with_idle_plane();
    stage.sources().await;
    stage.ok("CreateVpc", r#"{"id":"vpc-1"}"#).await;
    stage.ok("CreateSubnet", r#"{"id":"own","vpc_id":"vpc-1","cidr":"172.31.255.0/25"}"#).await;
    stage.ok(CREATE, r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"own","queues":["q1"]}"#).await;
    let found = told(&asked(&stage, "q1", "172.31.255.9:1").await);
    assert!(found.starts_with("no_route_in_queue tenant: Connection c leads to 172.31.255.9, but its peer for queue q1 can't be made. CIDR 172.31.255.0/24 of queue q1 overlaps"), "{found}");
}

#[tokio::test]
async fn a_grant_that_was_taken_back_takes_the_way_with_it() {
    let stage = Stage::open().await.with_idle_plane();
    let id = connected(&stage).await;
    let home = stage.at_strangers_home();
    home.sources().await;
    stage.report_peers(|_| PeerOutcome::Active).await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok("AssociateQueueToEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    let bound = asked(&home, "q1", "192.168.1.7:1").await;
    assert_eq!(bound["peer_state"]["connection_name"], "orders");
    stage.revoke(&id, home.project().as_str()).await;
    let revoked = asked(&home, "q1", "192.168.1.7:1").await;
    assert!(
        told(&revoked).starts_with(
            "no_route_in_queue tenant: A peer of queue q1 is being taken away: it lost the connection's grant"
        ),
        "{revoked}"
    );
    assert!(!revoked.to_string().contains("net-1"), "the owner's directory is none of the grantee's business");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let stage = Stage::open().await.with_idle_plane();
    stage.sources().await;
    for (body, status, text) in [
        (r#"{"queue":"nope","to":"h:1"}"#, 404, "There is no queue named nope"),
        (r#"{"queue":"a b","to":"h:1"}"#, 404, "There is no queue named a b"),
        (r#"{"elastic_resource_pool":"nope","to":"h:1"}"#, 404, "nope"),
        (r#"{"to":"h:1"}"#, 400, "either queue or elastic_resource_pool"),
        (r#"{"queue":"q1","elastic_resource_pool":"pool_1","to":"h:1"}"#, 400, "either queue or elastic_resource_pool"),
        (r#"{"queue":"q1","to":"h"}"#, 400, "to must be host:port"),
        (r#"{"queue":"q1","to":"h:1","limit_ms":5}"#, 400, "limit_ms must be 100 to 30000"),
        (r#"{"queue":"q1"}"#, 400, "missing field `to`"),
        (r#"{"queue":"q1","to":"h:1","x":1}"#, 400, "unknown field `x`"),
    ] {
        let (found, _, message) = stage.refused(DIAGNOSE, body).await;
        assert_eq!(found, status, "{body}: {message}");
        assert!(message.contains(text), "{body}: {message}");
    }
    let without = Stage::open().await;
    without.sources().await;
    let (status, code, _) = without.refused(DIAGNOSE, r#"{"queue":"q1","to":"h:1"}"#).await;
    assert_eq!((status, code.as_str()), (503, "unavailable"));
}
