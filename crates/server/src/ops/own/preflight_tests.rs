use linkspan_engine::PlaneScope;
use serde_json::{Value, json};

use super::super::super::stage::Stage;
use crate::plane_side::PlaneSide;

const PREFLIGHT: &str = "Preflight";
const CREATE: &str = "CreateEnhancedConnection";

/// `CODE about` for each finding.
fn findings(answer: &Value) -> Vec<String> {
    let all = answer["findings"].as_array().unwrap().iter();
    all.map(|finding| {
        format!("{} {}", finding["code"].as_str().unwrap(), finding["peer"]["name"].as_str().unwrap_or("-"))
    })
    .collect()
}

async fn told(stage: &Stage, body: &Value) -> Value {
    let before = stage.revision();
    let answer = stage.ok(PREFLIGHT, &body.to_string()).await.json();
    assert_eq!(stage.revision(), before, "a preflight changes nothing");
    answer
}

/// What is created by these members beside a name; the subnet is 172.31.255.0/25, which the first queue has.
fn create(members: Value) -> Value {
    let mut body = json!({"name": "c", "dest_vpc_id": "vpc-1", "dest_network_id": "net-9"});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "create": body })
}

async fn furnished() -> Stage {
    let stage = Stage::open().await;
    stage.sources().await;
    stage.ok("CreateVpc", r#"{"id":"vpc-1"}"#).await;
    stage.ok("CreateSubnet", r#"{"id":"net-9","vpc_id":"vpc-1","cidr":"172.31.255.0/25"}"#).await;
    stage
}

#[tokio::test]
async fn what_is_told_beforehand_is_what_becomes_of_it() {
    let (stage, work) = Stage::with_plane().await;
    stage.sources().await;
    stage.ok("CreateVpc", r#"{"id":"vpc-1"}"#).await;
    stage.ok("CreateSubnet", r#"{"id":"net-9","vpc_id":"vpc-1","cidr":"172.31.255.0/25"}"#).await;
    let body = create(json!({"queues": ["q1"], "elastic_resource_pools": ["pool_1"]}));
    let told = told(&stage, &body).await;
    insta::assert_json_snapshot!(told);
    stage.ok(CREATE, &body["create"].to_string()).await;
    stage.until("one failed", |stage| stage.peers_are("Failed", 1) && stage.peers_are("Active", 1)).await;
    let id = stage.id_of("c").await;
    let shown = stage.show(&id).await;
    assert_eq!(shown["available_queue_info"][0]["err_msg"], told["findings"][0]["text"]);
    work.stop().await;
}

#[tokio::test]
async fn a_refusal_is_that_of_the_call() {
    let stage = furnished().await;
    stage.ok(CREATE, &create(json!({"name": "taken"}))["create"].to_string()).await;
    let taken = stage.id_of("taken").await;
    for members in [
        json!({"queues": ["nothing"]}),
        json!({"name": "taken"}),
        json!({"name": "a b"}),
        json!({"queues": ["q_shared"]}),
        json!({"dest_vpc_id": "vpc-2"}),
        json!({"hosts": [{"name": "h", "ip": "1.2.3"}]}),
    ] {
        let body = create(members);
        let told = told(&stage, &body).await;
        let (status, code, text) = stage.refused(CREATE, &body["create"].to_string()).await;
        let refusal = json!({"status": status, "error_code": code, "error_msg": text});
        assert_eq!((&told["verdict"], &told["refusal"]), (&json!("refused"), &refusal), "{body}");
    }
    for (body, operation, sent) in [
        (json!({"bind": {"connection_id": taken}}), "AssociateQueueToEnhancedConnection", json!({})),
        (
            json!({"bind": {"connection_id": taken, "queues": ["nothing"]}}),
            "AssociateQueueToEnhancedConnection",
            json!({"queues": ["nothing"]}),
        ),
        (
            json!({"add_route": {"connection_id": taken, "name": "r", "cidr": "x"}}),
            "CreateRouteToEnhancedConnection",
            json!({"name": "r", "cidr": "x"}),
        ),
    ] {
        let told = told(&stage, &body).await;
        let (status, code, text) = stage.on(&taken).refused(operation, &sent.to_string()).await;
        assert_eq!(told["refusal"], json!({"status": status, "error_code": code, "error_msg": text}), "{body}");
    }
}

#[tokio::test]
async fn a_limit_that_would_be_exceeded() {
    let stage = furnished().await;
    let names: Vec<String> = (0..=200).map(|n| format!("many{n}")).collect();
    for name in &names {
        stage.ok("CreateQueue", &json!({"queue_name": name, "cu_count": 16, "resource_mode": 1}).to_string()).await;
    }
    let told = told(&stage, &create(json!({ "queues": names }))).await;
    assert_eq!(told["refusal"]["error_code"], "DLI.0009");
    assert!(told["refusal"]["error_msg"].as_str().unwrap().contains("at most 200"), "{told}");
}

#[tokio::test]
async fn what_to_know_is_told_by_its_code() {
    let stage = furnished().await;
    let unknown = told(&stage, &create(json!({"dest_network_id": "lost", "queues": ["q1"]}))).await;
    assert_eq!((&unknown["verdict"], findings(&unknown)), (&json!("cautioned"), vec!["unknown_network -".to_owned()]));
    stage.ok("CreateSubnet", r#"{"id":"net-2","vpc_id":"vpc-1","cidr":"192.168.2.0/24"}"#).await;
    stage.ok("CreateSubnet", r#"{"id":"net-3","vpc_id":"vpc-1","cidr":"192.168.3.0/24"}"#).await;
    let ready = told(&stage, &create(json!({"dest_network_id": "net-2", "queues": ["q1"]}))).await;
    assert_eq!((&ready["verdict"], findings(&ready)), (&json!("ready"), vec![]));
    let hosts = json!([{"name": "db", "ip": "192.168.2.9"}]);
    let first = create(json!({"dest_network_id": "net-2", "queues": ["q1"], "hosts": hosts}));
    stage.ok(CREATE, &first["create"].to_string()).await;
    let id = stage.id_of("c").await;
    let members =
        json!({"name": "d", "dest_network_id": "net-3", "queues": ["q1"], "hosts": [{"name": "db", "ip": "10.0.0.9"}]});
    let second = told(&stage, &create(members)).await;
    assert_eq!(findings(&second), ["uncovered_host -", "host_conflict q1"]);
    for (cidr, codes) in [
        ("100.125.0.0/24", &["reserved_range -"][..]),
        ("172.31.0.0/16", &["route_conflict q1"]),
        ("172.20.0.0/16", &[]),
    ] {
        let route = told(&stage, &json!({"add_route": {"connection_id": id, "name": "r", "cidr": cidr}})).await;
        assert_eq!(findings(&route), codes, "{cidr}");
    }
    let bound = told(&stage, &json!({"bind": {"connection_id": id, "queues": ["q1"]}})).await;
    assert_eq!((&bound["verdict"], &bound["peers"]), (&json!("ready"), &json!([])), "it is bound already");
}

#[tokio::test]
async fn the_plane_is_asked_what_it_would_refuse() {
    let (stage, work) = Stage::with_plane().await;
    stage.sources().await;
    stage.networks().await;
    let body = create(json!({"dest_network_id": "net-1", "queues": ["q1"]}));
    for (error, verdict, code, ok) in
        [("invalid", "fails", "plane_refuses q1", false), ("retry", "cautioned", "plane_busy q1", true)]
    {
        let effect =
            json!({"fail": {"on": "ensure", "error": error, "why": "net-1 is bound to no network of this host"}});
        let rules = json!({"rules": [{"matches": {"destination": "net-1"}, "effect": effect}]});
        stage.ok("ReplaceFaults", &rules.to_string()).await;
        let told = told(&stage, &body).await;
        assert_eq!((told["verdict"].as_str().unwrap(), findings(&told)), (verdict, vec![code.to_owned()]));
        assert_eq!(told["peers"][0]["ok"], ok);
        assert_eq!(told["findings"][0]["text"], "net-1 is bound to no network of this host");
    }
    work.stop().await;
}

#[tokio::test]
async fn another_projects_connection_is_unknown_and_a_reader_may_ask() {
    let stage = furnished().await;
    let id = stage.full_connection("theirs").await;
    let home = stage.at_strangers_home();
    home.ok("CreateQueue", r#"{"queue_name":"own","cu_count":16,"resource_mode":1}"#).await;
    for body in [
        json!({"bind": {"connection_id": id, "queues": ["own"]}}),
        json!({"add_route": {"connection_id": id, "name": "r", "cidr": "10.9.0.0/16"}}),
    ] {
        let told = told(&home, &body).await;
        assert_eq!(told["refusal"]["error_msg"], format!("Connection {id} does not exist."));
    }
    let own = create(json!({"queues": ["own"]}));
    assert_eq!(told(&home.by_strangers_reader().await, &own).await["verdict"], "cautioned");
}

#[tokio::test]
async fn a_grantee_is_told_about_its_own_only() {
    let stage = furnished().await;
    let id = stage.full_connection("shared").await;
    stage.settle_peers().await;
    stage.grant(&id, stage.project_of_stranger()).await;
    let home = stage.at_strangers_home();
    let route = json!({"add_route": {"connection_id": id, "name": "r", "cidr": "172.16.0.0/12"}});
    let by_owner = told(&stage, &route).await;
    assert_eq!(findings(&by_owner), ["unknown_network -", "route_conflict q1", "route_conflict pool_1"]);
    let by_grantee = told(&home, &route).await;
    assert_eq!((findings(&by_grantee), &by_grantee["peers"]), (vec!["unknown_network -".to_owned()], &json!([])));
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    let stage = Stage::open().await;
    for body in ["", "{}", r#"{"create":{},"bind":{}}"#, r#"{"delete":{}}"#, r#"{"bind":{"queues":["q"]}}"#] {
        assert_eq!(stage.refused(PREFLIGHT, body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn what_lies_on_no_host_is_no_overlap() {
    let stage = furnished().await;
    let node = stage.beside(PlaneSide::in_turns(PlaneScope::Host("host-1".parse().unwrap())));
    let told = told(&node, &create(json!({"queues": ["q1"], "elastic_resource_pools": ["pool_1"]}))).await;
    assert_eq!(told["verdict"], "fails");
    assert_eq!(findings(&told), ["overlap q1", "plane_refuses pool_1"], "{told}");
}
