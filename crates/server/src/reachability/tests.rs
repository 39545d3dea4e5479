use std::time::Duration;

use serde_json::{Value, json};

use crate::ops::stage::Stage;
use crate::plane_work::PlaneWork;

async fn connected(hosts: &Value) -> (Stage, PlaneWork, String) {
    let (stage, work) = Stage::with_plane().await;
    stage.sources().await;
    stage.networks().await;
    let body =
        json!({"name": "orders", "dest_vpc_id": "vpc-1", "dest_network_id": "net-1", "queues": ["q1"], "hosts": hosts});
    let answer = stage.ok("CreateEnhancedConnection", &body.to_string()).await.json();
    stage.until("the peer is active", |stage| stage.peers_are("Active", 1)).await;
    (stage, work, answer["connection_id"].as_str().unwrap().to_owned())
}

/// Lets time pass, which in these tests nobody has to wait for.
async fn pause(stage: &Stage) {
    tokio::time::advance(Duration::from_secs(5)).await;
    stage.go_on().await;
}

/// The reachability of the first peer, once it is as it should be.
async fn reaches(stage: &Stage, id: &str, state: &str) -> Value {
    let mut seen = Value::Null;
    for _ in 0..200 {
        let shown = stage.on(id).ok("ShowConnection", "").await.json();
        assert_eq!(shown["peers"][0]["status"], "ACTIVE", "a finding changes no status");
        seen = shown["peers"][0]["reachability"].clone();
        if seen["state"] == state {
            return seen;
        }
        pause(stage).await;
    }
    panic!("not {state}: {seen}")
}

async fn fault(stage: &Stage, rules: &Value) {
    stage.ok("ReplaceFaults", &json!({ "rules": rules }).to_string()).await;
}

#[tokio::test(start_paused = true)]
async fn an_active_peer_is_checked_and_an_unreachable_source_is_never_hidden() {
    let (stage, work, id) =
        connected(&json!([{"name": "kafka", "ip": "192.168.1.7"}, {"name": "far", "ip": "10.9.9.9"}])).await;
    let found = reaches(&stage, &id, "reachable").await;
    assert_eq!(found["summary"], "1 of 1 hosts answer.");
    let targets: Vec<_> = found["targets"].as_array().unwrap().iter().map(|target| target["address"].clone()).collect();
    assert_eq!(targets, ["192.168.1.1", "192.168.1.7"], "what lies outside the subnet is not tried");
    assert!(found["checked_at"].is_string());
    let before = stage.revision();
    fault(&stage, &json!([{"matches": "any", "effect": {"unreachable": "destination_host_down"}}])).await;
    let shut = reaches(&stage, &id, "unreachable").await;
    assert_eq!(shut["verdict"], "destination_host_down");
    assert_eq!(stage.revision(), before, "nothing is stored");
    fault(&stage, &json!([])).await;
    reaches(&stage, &id, "reachable").await;
    work.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_host_records_the_way_to_the_subnet_is_what_can_be_tried() {
    let (stage, work, id) = connected(&json!([])).await;
    let found = reaches(&stage, &id, "reachable").await;
    assert!(found["summary"].as_str().unwrap().contains("no host record names a data source"), "{found}");
    fault(&stage, &json!([{"matches": "any", "effect": {"unreachable": "no_route_at_router"}}])).await;
    assert_eq!(reaches(&stage, &id, "unreachable").await["verdict"], "no_route_at_router");
    // New host records are reason enough to look again.
    fault(&stage, &json!([])).await;
    stage.on(&id).ok("UpdateEnhancedConnection", r#"{"hosts":[{"name":"h","ip":"192.168.1.9"}]}"#).await;
    assert_eq!(reaches(&stage, &id, "reachable").await["summary"], "1 of 1 hosts answer.");
    work.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_tried_is_unknown_and_says_why() {
    let (stage, work) = Stage::with_plane().await;
    stage.sources().await;
    let id = stage
        .ok("CreateEnhancedConnection", r#"{"name":"c","dest_vpc_id":"v","dest_network_id":"lost","queues":["q1"]}"#)
        .await
        .json();
    let id = id["connection_id"].as_str().unwrap();
    stage.until("the peer is active", |stage| stage.peers_are("Active", 1)).await;
    let first = stage.on(id).ok("ShowConnection", "").await.json();
    assert_eq!(first["peers"][0]["reachability"]["state"], "unknown");
    let mut seen = Value::Null;
    for _ in 0..200 {
        seen = stage.on(id).ok("ShowConnection", "").await.json()["peers"][0]["reachability"].clone();
        if seen["checked_at"].is_string() {
            break;
        }
        pause(&stage).await;
    }
    assert!(seen["summary"].as_str().unwrap().contains("does not know the subnet's addresses"), "{seen}");
    let edge = stage.get("ShowTopology", "").await.json()["edges"][0]["peer"].clone();
    assert_eq!((&edge["status"], &edge["reachability"]), (&json!("ACTIVE"), &json!("unknown")));
    work.stop().await;
}
