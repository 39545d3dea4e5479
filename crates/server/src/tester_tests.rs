use serde_json::Value;

use crate::ops::stage::Stage;
use crate::plane_work::{Part, PlaneWork};

const BIND: &str = "AssociateQueueToEnhancedConnection";
const DROP_AFTER_BIND: &str = "DisassociateQueueFromEnhancedConnection";

/// Tries an address from a queue and answers what was found, waiting for it as a client does.
async fn tried(stage: &Stage, queue: &str, address: &str) -> Value {
    let task = begun(stage, queue, address).await;
    stage.on(&format!("{queue}/{task}")).ok("ShowConnectivityTask", "").await.json()
}

async fn begun(stage: &Stage, queue: &str, address: &str) -> String {
    let body = format!(r#"{{"address":"{address}"}}"#);
    stage.on(queue).ok("CreateConnectivityTask", &body).await.json()["task_id"].to_string()
}

/// What was found, in short.
async fn connectivity(stage: &Stage, queue: &str, address: &str) -> String {
    tried(stage, queue, address).await["connectivity"].as_str().unwrap().to_owned()
}

/// Queues, and a connection to the known subnet 192.168.1.0/24 whose host records name two addresses.
async fn connected() -> (Stage, PlaneWork, String) {
    let (stage, work) = Stage::with_plane().await;
    stage.sources().await;
    stage.networks().await;
    let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"net-1","queues":["q1"],
        "hosts":[{"name":"near","ip":"192.168.1.7"},{"name":"far","ip":"10.9.9.9"}]}"#;
    let id = stage.ok("CreateEnhancedConnection", body).await.json()["connection_id"].as_str().unwrap().to_owned();
    stage.until("the peer is active", |stage| stage.peers_are("Active", 1)).await;
    (stage, work, id)
}

#[tokio::test]
async fn what_an_active_peer_leads_to_is_reachable_and_nothing_else() {
    let (stage, work, id) = connected().await;
    assert_eq!(connectivity(&stage, "q1", "192.168.1.9:3306").await, "REACHABLE");
    assert_eq!(connectivity(&stage, "Q1", "near:3306").await, "REACHABLE");
    assert_eq!(connectivity(&stage, "q1", "NEAR:3306").await, "REACHABLE");
    for (queue, address, reason) in [
        ("q1", "192.168.2.9:3306", "No active connection of queue q1 leads to 192.168.2.9."),
        ("q1", "far:3306", "No active connection of queue q1 leads to far."),
        ("q1", "lost:3306", "No connection of queue q1 has a host record for lost."),
        ("q_shared", "192.168.1.9:3306", "No connection of queue q_shared is active."),
        ("default", "near:3306", "No connection of queue default has a host record for near."),
    ] {
        let shown = tried(&stage, queue, address).await;
        assert_eq!(shown["connectivity"], "UNREACHABLE", "{queue} {address}");
        let told = shown["reason"].as_str().unwrap();
        assert!(told.starts_with(reason) && told.contains("To do: "), "{queue} {address}: {told}");
    }
    stage.on(&id).ok(DROP_AFTER_BIND, r#"{"queues":["q1"]}"#).await;
    assert_eq!(connectivity(&stage, "q1", "192.168.1.9:3306").await, "UNREACHABLE");
    work.stop().await;
}

#[tokio::test]
async fn a_queue_in_a_pool_reaches_what_its_pool_does() {
    let (stage, work, id) = connected().await;
    stage.on(&id).ok(BIND, r#"{"queues":["q_pooled"]}"#).await;
    stage.until("both peers are active", |stage| stage.peers_are("Active", 2)).await;
    assert_eq!(connectivity(&stage, "q_pooled", "near:1").await, "REACHABLE");
    work.stop().await;
}

#[tokio::test]
async fn a_fault_rule_speaks_against_it() {
    let (stage, work, _) = connected().await;
    let rule = r#"{"rules":[{"matches":"any","effect":{"unreachable":"connection_refused"}}]}"#;
    let set = stage.call("ReplaceFaults", rule).await;
    assert_eq!(set.status, 200, "{}", set.text());
    let shown = tried(&stage, "q1", "192.168.1.9:3306").await;
    assert_eq!(shown["connectivity"], "UNREACHABLE");
    assert!(shown["reason"].as_str().unwrap().contains("nothing listens on port 3306"), "{shown}");
    work.stop().await;
}

#[tokio::test]
async fn a_test_that_was_begun_before_the_plane_works_is_taken_up() {
    let stage = Stage::with(|settings| settings.test_wait_ms = 20_000).await;
    stage.sources().await;
    let task = begun(&stage, "q1", "10.0.0.1:80").await;
    let work = PlaneWork::alone(&stage.app.engine, (linkspan_plane::Settings::default(), Part::Simulated)).await;
    let shown = stage.on(&format!("q1/{task}")).ok("ShowConnectivityTask", "").await.json();
    assert_eq!(shown["connectivity"], "UNREACHABLE");
    work.stop().await;
}

#[tokio::test]
async fn many_tests_at_once_all_come_to_an_end() {
    let (stage, work, _) = connected().await;
    let mut tasks = Vec::new();
    for n in 0..90 {
        tasks.push(begun(&stage, "q1", &format!("192.168.1.9:{}", n + 1)).await);
    }
    for task in tasks {
        let shown = stage.on(&format!("q1/{task}")).ok("ShowConnectivityTask", "").await.json();
        assert_eq!(shown["connectivity"], "REACHABLE");
    }
    work.stop().await;
}
