//! What a grantee is told of a peer that the plane can't make: nothing that is the owner's alone.

use serde_json::{Value, json};

use super::super::stage::Stage;

const BIND: &str = "AssociateQueueToEnhancedConnection";
const UNBIND: &str = "DisassociateQueueFromEnhancedConnection";
const QUEUE: &str = r#"{"queues":["q1"]}"#;
const SECRET: &str = "the bridge behind `lan-of-owner` leads to 10.66.0.0/16 only";

/// A plane that makes nothing more, and says why.
async fn make_nothing(stage: &Stage, error: &str) {
    let fail = json!({"on": "ensure", "error": error, "why": SECRET});
    stage.ok("ReplaceFaults", &json!({"rules": [{"matches": "any", "effect": {"fail": fail}}]}).to_string()).await;
}

/// Everything that may be asked of a connection and a queue that is bound to it.
async fn all_told(stage: &Stage, id: &str) -> Vec<Value> {
    let diagnosis = stage.ok("Diagnose", &json!({"queue": "q1", "to": "192.168.1.7:80"}).to_string()).await;
    let bind = json!({"bind": {"connection_id": id, "elastic_resource_pools": ["pool_1"]}});
    vec![
        stage.get("ListEnhancedConnections", "").await.json(),
        stage.show(id).await,
        stage.on(id).ok("ShowConnection", "").await.json(),
        stage.get("ShowTopology", "").await.json(),
        diagnosis.json(),
        stage.ok("Preflight", &bind.to_string()).await.json(),
    ]
}

fn tells(answers: &[Value], text: &str) -> Vec<bool> {
    answers.iter().map(|answer| answer.to_string().contains(text)).collect()
}

/// A connection to a known subnet, granted to the stranger's project, and both.
async fn shared(stage: &Stage) -> (Stage, String) {
    stage.sources().await;
    stage.networks().await;
    let body = r#"{"name":"orders","dest_vpc_id":"vpc-1","dest_network_id":"net-1"}"#;
    let id = stage.ok("CreateEnhancedConnection", body).await.json()["connection_id"].as_str().unwrap().to_owned();
    let home = stage.at_strangers_home();
    home.sources().await;
    stage.grant(&id, home.project().as_str()).await;
    (home, id)
}

#[tokio::test]
async fn a_failure_names_nothing_of_the_owners_to_a_grantee_and_all_to_the_owner() {
    let (stage, work) = Stage::with_plane().await;
    let (home, id) = shared(&stage).await;
    for error in ["denied", "invalid", "conflict", "unsupported"] {
        make_nothing(&stage, error).await;
        // One after the other, since their networks are equal.
        home.on(&id).ok(BIND, QUEUE).await;
        stage.until("the grantee's failed", |stage| stage.peers_are("Failed", 1)).await;
        let told = all_told(&home, &id).await;
        for secret in ["lan-of-owner", "10.66", "bridge"] {
            assert_eq!(tells(&told, secret), [false; 6], "{error}: {told:#?}");
        }
        assert_eq!(tells(&told, "the owner of the connection"), [true; 6], "{error}: {told:#?}");
        // The owner sees why a grantee's peer fails.
        for operation in [stage.on(&id).ok("ShowConnection", "").await, stage.get("ShowTopology", "").await] {
            assert!(operation.text().contains(SECRET), "{error}: {}", operation.text());
        }
        home.on(&id).ok(UNBIND, QUEUE).await;
        stage.until("it is gone", |stage| stage.peers_are("", 0)).await;
        stage.on(&id).ok(BIND, QUEUE).await;
        stage.until("the owner's failed", |stage| stage.peers_are("Failed", 1)).await;
        let told = all_told(&stage, &id).await;
        assert_eq!(tells(&told, SECRET), [true; 6], "{error}: {told:#?}");
        stage.on(&id).ok(UNBIND, QUEUE).await;
        stage.until("it is gone", |stage| stage.peers_are("", 0)).await;
    }
    work.stop().await;
}

#[tokio::test]
async fn what_a_peer_waits_for_is_told_alike() {
    let (stage, work) = Stage::with_plane().await;
    let (home, id) = shared(&stage).await;
    make_nothing(&stage, "unavailable").await;
    home.on(&id).ok(BIND, QUEUE).await;
    let waits = async |side: &Stage| loop {
        let shown = side.on(&id).ok("ShowConnection", "").await.json();
        if let Some(why) = shown["peers"][0]["progress"]["why"].as_str() {
            return why.to_owned();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(waits(&stage).await, SECRET);
    assert!(waits(&home).await.ends_with("The owner of the connection is told more."));
    assert_eq!(tells(&all_told(&home, &id).await, "lan-of-owner"), [false; 6]);
    work.stop().await;
}
