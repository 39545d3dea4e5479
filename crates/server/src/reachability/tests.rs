use std::time::{Duration, Instant};

use linkspan_model::PeerId;
use linkspan_wire::own::{Reachability, ReachabilityState};
use serde_json::{Value, json};

use super::{PERIOD, PERIOD_IN_DOUBT, Reach};

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

/// The reachability of the first peer, once a predicate of it comes true.
async fn until(stage: &Stage, id: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let shown = stage.on(id).ok("ShowConnection", "").await.json();
        assert_eq!(shown["peers"][0]["status"], "ACTIVE", "a finding changes no status");
        let seen = &shown["peers"][0]["reachability"];
        if holds(seen) {
            return seen.clone();
        }
        assert!(Instant::now() < deadline, "it never came true: {seen}");
        stage.go_on().await;
    }
}

async fn reaches(stage: &Stage, id: &str, state: &str) -> Value {
    until(stage, id, |seen| seen["state"] == state).await
}

/// Lets the next check of every peer be now, whenever it would have been.
fn check_again(stage: &Stage) {
    let state = std::sync::Arc::clone(&stage.app.engine.view());
    state.active_peers().for_each(|peer| stage.app.plane.acting().unwrap().reach.changed(peer, Duration::ZERO));
}

async fn fault(stage: &Stage, rules: &Value) {
    stage.ok("ReplaceFaults", &json!({ "rules": rules }).to_string()).await;
    check_again(stage);
}

#[tokio::test]
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

#[tokio::test]
async fn without_host_records_the_way_to_the_subnet_is_what_can_be_tried() {
    let (stage, work, id) = connected(&json!([])).await;
    let found = reaches(&stage, &id, "reachable").await;
    assert!(found["summary"].as_str().unwrap().contains("no host record names a data source"), "{found}");
    fault(&stage, &json!([{"matches": "any", "effect": {"unreachable": "no_route_at_router"}}])).await;
    assert_eq!(reaches(&stage, &id, "unreachable").await["verdict"], "no_route_at_router");
    // New host records are reason enough to look again.
    fault(&stage, &json!([])).await;
    stage.on(&id).ok("UpdateEnhancedConnection", r#"{"hosts":[{"name":"h","ip":"192.168.1.9"}]}"#).await;
    until(&stage, &id, |seen| seen["summary"] == "1 of 1 hosts answer.").await;
    work.stop().await;
}

#[tokio::test]
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
    let seen = until(&stage, id, |seen| seen["checked_at"].is_string()).await;
    assert!(seen["summary"].as_str().unwrap().contains("does not know the subnet's addresses"), "{seen}");
    let edge = stage.get("ShowTopology", "").await.json()["edges"][0]["peer"].clone();
    assert_eq!((&edge["status"], &edge["reachability"]), (&json!("ACTIVE"), &json!("unknown")));
    work.stop().await;
}

#[tokio::test]
async fn what_is_in_doubt_is_checked_sooner() {
    let (reach, peer) = (Reach::default(), PeerId(uuid::Uuid::from_u128(1)));
    let found = |state| {
        let (summary, targets) = (String::new(), Vec::new());
        Some(Reachability { state, verdict: None, summary, checked_at: None, targets })
    };
    for (state, period) in [
        (ReachabilityState::Reachable, PERIOD),
        (ReachabilityState::PartlyReachable, PERIOD_IN_DOUBT),
        (ReachabilityState::Unreachable, PERIOD_IN_DOUBT),
        (ReachabilityState::Unknown, PERIOD_IN_DOUBT),
    ] {
        let now = tokio::time::Instant::now();
        reach.book().want(peer, now);
        assert_eq!(reach.book().take_due(now), Some(peer));
        reach.put(peer, found(state));
        let next = reach.book().next_due().unwrap();
        assert!(next >= now + period && next < now + period + Duration::from_secs(10), "{state:?}");
        reach.book().forget(peer);
    }
}
