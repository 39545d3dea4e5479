use linkspan_engine::command::PeerOutcome;
use serde_json::json;

use super::super::stage::Stage;

const GRANT: &str = "RunAuthorizationAction";
const BIND: &str = "AssociateQueueToEnhancedConnection";
const DELETE: &str = "DeleteEnhancedConnection";

fn body(id: &str, project: &str, action: &str, privileges: &str) -> String {
    let object = format!(r#"{{"object":"edsconnections.{id}","privileges":{privileges}}}"#);
    format!(r#"{{"projectId":"{project}","action":"{action}","privileges":[{object}]}}"#)
}

/// Two projects, the second with the same queues and pool as the first, and a connection of the first granted to it.
async fn shared() -> (Stage, Stage, String) {
    let stage = Stage::open().await;
    let id = stage.full_connection("c").await;
    let home = stage.at_strangers_home();
    home.sources().await;
    stage.settle_peers().await;
    stage.grant(&id, home.project().as_str()).await;
    (stage, home, id)
}

async fn listed(stage: &Stage, query: &str) -> Vec<serde_json::Value> {
    stage.get("ListEnhancedConnections", query).await.json()["connections"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_grantee_lists_and_uses_the_connection_as_its_own_and_sees_its_own_peers_only() {
    let (stage, home, id) = shared().await;
    home.on(&id).ok(BIND, r#"{"queues":["q1","q_pooled"]}"#).await;
    home.on(&id).ok("UpdateEnhancedConnection", r#"{"hosts":[{"name":"h","ip":"10.0.0.9"}]}"#).await;
    home.on(&id).ok("CreateRouteToEnhancedConnection", r#"{"name":"r","cidr":"10.9.0.0/16"}"#).await;
    let (own, other) = (stage.show(&id).await, home.show(&id).await);
    assert_eq!(listed(&stage, "").await.len(), 1);
    let in_list = &listed(&home, "status=ACTIVE&name=c&tags=env%3Dtest").await[0];
    for (field, value) in in_list.as_object().unwrap() {
        assert_eq!(&other[field], value, "{field}");
        let is_common = !["available_queue_info", "elastic_resource_pools"].contains(&field.as_str());
        assert!(!is_common || &own[field] == value, "{field}");
    }
    assert_eq!((&own["isPrivis"], &own["hosts"][0]["name"]), (&false.into(), &"h".into()));
    let of = |shown: &serde_json::Value| {
        let peers = ["available_queue_info", "elastic_resource_pools"].map(|field| shown[field].clone());
        peers.map(|peers| (peers.as_array().unwrap().len(), peers[0]["peer_id"].clone(), peers[0]["status"].clone()))
    };
    for (owners, grantees) in of(&own).into_iter().zip(of(&other)) {
        assert_eq!((owners.0, grantees.0), (1, 1));
        assert_ne!(owners.1, grantees.1, "equal names are different peers");
        assert_eq!((owners.2, grantees.2), ("ACTIVE".into(), "CREATING".into()));
    }
    home.on(&id).ok("DisassociateQueueFromEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    assert_eq!(of(&stage.show(&id).await)[0].0, 1, "the owner's queue of the same name stays bound");
}

#[tokio::test]
async fn a_revoke_takes_everything_at_once_and_waits_for_the_plane() {
    let stage = Stage::with(|settings| settings.unbind_wait_ms = 60_000).await;
    let id = stage.full_connection("c").await;
    let home = stage.at_strangers_home();
    home.sources().await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok(BIND, r#"{"queues":["q1"]}"#).await;
    let target = (stage.clone(), body(&id, home.project().as_str(), "revoke", r#"["BIND_QUEUE"]"#));
    let call = tokio::spawn(async move { target.0.call(GRANT, &target.1).await });
    stage.until("the grantee's peer is being removed", |stage| stage.peers_are("Removing", 1)).await;
    stage.go_on().await;
    assert!(!call.is_finished(), "the plane still carries what was taken away");
    assert_eq!(listed(&home, "").await, Vec::<serde_json::Value>::new());
    assert_eq!(home.on(&id).call("ShowEnhancedConnection", "").await.status, 404);
    assert_eq!(home.on(&id).refused(BIND, r#"{"queues":["q1"]}"#).await.1, "DLI.0001");
    stage.report_peers(|_| PeerOutcome::Removed).await;
    let answer = call.await.unwrap();
    assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":""}"#.into()));
    assert_eq!(stage.show(&id).await["isPrivis"], true);
}

#[tokio::test]
async fn repeated_and_empty_ones_are_answered_as_the_contract_says() {
    let (stage, home, id) = shared().await;
    let project = home.project().as_str();
    let before = stage.revision();
    for (action, privileges) in [("grant", r#"["BIND_QUEUE"]"#), ("update", r#"["BIND_QUEUE","BIND_QUEUE"]"#)] {
        stage.ok(GRANT, &body(&id, project, action, privileges)).await;
        assert_eq!(stage.revision(), before, "{action}");
    }
    stage.ok(GRANT, &body(&id, project, "update", "[]")).await;
    assert_eq!(stage.show(&id).await["isPrivis"], true);
    let before = stage.revision();
    for (action, privileges) in [("revoke", r#"["BIND_QUEUE"]"#), ("update", "[]")] {
        stage.ok(GRANT, &body(&id, project, action, privileges)).await;
        assert_eq!(stage.revision(), before, "{action}");
    }
    let older = body(&id, "nobody_yet", "grant", r#"["BIND_QUEUE"]"#).replace("projectId", "grant_project_id");
    stage.ok(GRANT, &older.replace("nobody_yet", "nobodyyet")).await;
    assert_eq!(stage.show(&id).await["isPrivis"], false);
}

#[tokio::test]
async fn faults_grant_nothing() {
    let (stage, home, id) = shared().await;
    let before = stage.revision();
    let bind = r#"["BIND_QUEUE"]"#;
    let own = stage.project().as_str();
    let queue = body(&id, "p2", "grant", bind).replace("edsconnections", "queues");
    let of_user = body(&id, "p2", "grant", bind).replace("{\"projectId\"", "{\"user_name\":\"u\",\"projectId\"");
    for (body, code, text) in [
        (body(&id, own, "grant", bind), "DLI.0001", "it needs no grant"),
        (body(&id, "", "grant", bind), "DLI.0001", "projectId is required"),
        (body(&id, "a-b", "grant", bind), "DLI.0001", "projectId"),
        (body(&id, "p2", "grant", r#"["SELECT"]"#), "DLI.0001", "privileges[0].privileges[0] must be BIND_QUEUE"),
        (body(&id, "p2", "revoke", "[]"), "DLI.0001", "privileges[0].privileges must hold BIND_QUEUE"),
        (r#"{"projectId":"p2","action":"update","privileges":[]}"#.into(), "DLI.0001", "at least one object"),
        (body("x", "p2", "grant", bind), "DLI.0001", "Connection x does not exist."),
        (queue, "DLI.0007", "only connections can be granted"),
        (of_user, "DLI.0007", "leave user_name out"),
    ] {
        let (status, found, message) = stage.refused(GRANT, &body).await;
        assert_eq!((status, found.as_str()), (400, code), "{body}: {message}");
        assert!(message.contains(text), "{body}: {message}");
    }
    for (name, body) in [(GRANT, body(&id, "p2", "grant", bind)), (DELETE, String::new())] {
        let (status, code, text) = home.on(&id).refused(name, &body).await;
        assert_eq!((status, code.as_str()), (403, "DLI.0003"));
        assert!(text.contains("only its owner can"), "{text}");
    }
    assert_eq!(stage.revision(), before);
}

#[tokio::test]
async fn deleting_the_connection_takes_the_grantees_peers_and_its_grant() {
    let (stage, home, id) = shared().await;
    home.on(&id).ok(BIND, r#"{"queues":["q1"],"elastic_resource_pools":["pool_1"]}"#).await;
    stage.settle_peers().await;
    stage.on(&id).ok(DELETE, "").await;
    assert!(stage.peers_are("Removing", 4));
    let deleted = stage.show(&id).await;
    assert_eq!((&deleted["status"], &deleted["isPrivis"]), (&"DELETED".into(), &true.into()));
    assert_eq!(deleted["available_queue_info"], json!([]));
    for query in ["", "status=ACTIVE", "status=DELETED"] {
        assert!(listed(&home, query).await.is_empty(), "{query}");
    }
    assert_eq!(home.on(&id).call("ShowEnhancedConnection", "").await.status, 404);
}
