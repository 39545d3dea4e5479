use serde_json::{Value, json};

use super::super::super::stage::{Answered, Stage};

const IMPORT: &str = "Import";
const CREATED: &str = "2019-08-27T06:40:11.125Z";
const ID: &str = "4c693ecc-bab8-4113-a838-129cedc9a563";

fn birth(number: u32) -> Value {
    let resource_id = format!("03d51b88-db63-4611-b779-{number:012}");
    json!({"resource_id": resource_id, "create_time": CREATED, "owner": "someone"})
}

fn connection() -> Value {
    json!({
        "id": ID,
        "create_time": CREATED,
        "ipv6_enable": false,
        "routes": [{"name": "r", "cidr": "10.1.0.0/16", "create_time": CREATED}],
        "grantees": ["p2"],
        "peer_ids": [{"kind": "queue", "name": "q1", "peer_id": "d2ae6628-fa37-4e04-806d-c59c497492d1"}],
        "create": {
            "name": "withvpc", "dest_vpc_id": "v", "dest_network_id": "n", "queues": ["q1"],
            "elastic_resource_pools": ["p1"], "hosts": [{"name": "h", "ip": "10.0.0.1"}],
            "tags": [{"key": "k", "value": "v"}],
        },
    })
}

fn everything() -> Value {
    let pool = json!({"elastic_resource_pool_name": "p1", "max_cu": 64, "min_cu": 64});
    let queue = json!({"queue_name": "q1", "cu_count": 16, "resource_mode": 1, "properties": {"a": 1}});
    json!({
        "elastic_resource_pools": [{"birth": birth(1), "create": pool}],
        "queues": [{"birth": birth(2), "create": queue}],
        "connections": [connection()],
    })
}

/// An import of one connection that is changed in one place.
fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut bare = connection();
    for member in ["queues", "elastic_resource_pools"] {
        bare["create"].as_object_mut().unwrap().remove(member);
    }
    change(&mut bare);
    json!({"connections": [bare]}).to_string()
}

fn verdicts(answer: &Answered) -> Vec<String> {
    let outcomes = answer.json()["outcomes"].as_array().unwrap().clone();
    outcomes.iter().map(|it| it["outcome"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn everything_is_listed_as_it_was_elsewhere() {
    let stage = Stage::open().await;
    let answer = stage.ok(IMPORT, &everything().to_string()).await;
    assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
    insta::assert_json_snapshot!(answer.json());
    stage.settle_peers().await;
    let shown = stage.show(ID).await;
    insta::assert_json_snapshot!(shown);
    let queues = stage.get("ListQueues", "queue_type=all").await.json();
    let queue = queues["queues"].as_array().unwrap().iter().find(|row| row["queue_name"] == "q1").unwrap();
    assert_eq!((&queue["owner"], &queue["create_time"]), (&"someone".into(), &1_566_888_011_125_i64.into()));
    let audit = stage.get("ListAudit", "").await.json();
    assert_eq!(
        (&audit["events"][0]["action"], &audit["events"][0]["resource"]),
        (&"import".into(), &"3 created".into())
    );
}

#[tokio::test]
async fn a_repetition_and_a_dry_run_commit_nothing() {
    let stage = Stage::open().await;
    let body = everything().to_string();
    let before = stage.revision();
    let dry = stage.asked(IMPORT, ("dry_run=true", &body)).await;
    assert_eq!((verdicts(&dry), stage.revision()), (vec!["created".to_owned(); 3], before));
    stage.ok(IMPORT, &body).await;
    assert_eq!(stage.revision(), before + 1, "one commit for all of it");
    assert_eq!(verdicts(&stage.ok(IMPORT, &body).await), vec!["identical"; 3]);
    assert_eq!(stage.revision(), before + 1);
    let other = with(|it| it["create"]["hosts"] = json!([]));
    let answer = stage.ok(IMPORT, &other).await.json();
    assert_eq!(answer["outcomes"][0]["fields"], json!(["available_queue_info", "elastic_resource_pools", "hosts"]));
    assert_eq!(stage.revision(), before + 1);
}

#[tokio::test]
async fn what_was_imported_can_be_used_like_anything_else() {
    let stage = Stage::open().await;
    stage.ok(IMPORT, &everything().to_string()).await;
    stage.settle_peers().await;
    let on = stage.on(ID);
    on.ok("UpdateEnhancedConnection", r#"{"hosts":[]}"#).await;
    on.ok("DisassociateQueueFromEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    on.ok("AssociateQueueToEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    stage.settle_peers().await;
    on.ok("DeleteEnhancedConnection", "").await;
    assert_eq!(stage.show(ID).await["status"], "DELETED");
    let again = stage.ok(IMPORT, &with(|_| {})).await.json();
    assert!(again["outcomes"][0]["reason"].as_str().unwrap().contains("was deleted here"), "{again}");
    stage.on("q1").ok("DeleteQueue", "").await;
}

#[tokio::test]
async fn each_bad_thing_is_told_what_is_wrong_with_it() {
    let stage = Stage::open().await;
    let before = stage.revision();
    let cases: Vec<(String, &str)> = vec![
        (with(|it| it["id"] = "x".into()), "id must be a UUID of 36 lower-case characters, got \"x\""),
        (with(|it| it["create_time"] = "2100-01-01T00:00:00Z".into()), "lies in the future"),
        (with(|it| it["create_time"] = "1969-01-01T00:00:00Z".into()), "create_time must be"),
        (with(|it| it["place"] = 1000.into()), "place must be at most 999"),
        (with(|it| it["create"]["name"] = "a-b".into()), "create: name: must be 1 to 64"),
        (with(|it| it["create"] = 5.into()), "create: "),
        (with(|it| it["create"]["queues"] = json!(["nope"])), "There is no queue named nope."),
        (with(|it| it["routes"][0]["cidr"] = "x".into()), "routes[0].cidr: must be a CIDR"),
        (with(|it| it["routes"][0]["name"] = "".into()), "routes[0].name: must be 1 to 64"),
        (with(|it| it["grantees"][0] = "-".into()), "grantees[0]: a project id is"),
        (with(|it| it["peer_ids"][0]["peer_id"] = "7".into()), "peer_ids[0].peer_id must be a UUID"),
        (with(|it| it["create"]["hosts"][0]["ip"] = "::1".into()), "create: hosts[0].ip"),
        (with(|it| it["create"]["tags"] = json!([{"key": "_sys_k"}])), "create: tags[0].key"),
    ];
    for (body, text) in cases {
        let answer = stage.ok(IMPORT, &body).await.json();
        let outcome = &answer["outcomes"][0];
        let reason = outcome["reason"].as_str().unwrap_or_else(|| panic!("{body}: {answer}"));
        assert!(outcome["outcome"] == "refused" && reason.contains(text), "{body}: {reason}");
    }
    assert_eq!(stage.revision(), before);
    let mut two = serde_json::from_str::<Value>(&with(|_| {})).unwrap();
    let bad = two["connections"][0].clone();
    two["connections"].as_array_mut().unwrap().insert(0, bad);
    two["connections"][0]["create"]["name"] = "a-b".into();
    assert_eq!(verdicts(&stage.ok(IMPORT, &two.to_string()).await), ["refused", "created"]);
}

#[tokio::test]
async fn a_body_that_is_none_or_too_long_is_refused_whole() {
    let stage = Stage::open().await;
    let many = json!({"connections": vec![connection(); 251]}).to_string();
    let unknown = with(|it| it["deleted"] = true.into());
    let typed = with(|it| it["create_time"] = 1.into());
    for (body, text) in [(many, "at most 250 things, got 251"), (unknown, "unknown field"), (typed, "invalid type")] {
        let (status, code, detail) = stage.refused(IMPORT, &body).await;
        assert!((status, code.as_str()) == (400, "invalid_input") && detail.contains(text), "{detail}");
    }
    assert_eq!(stage.asked(IMPORT, ("dry_run=1", "")).await.status, 400);
    assert_eq!(verdicts(&stage.ok(IMPORT, "").await).len(), 0);
}

#[tokio::test]
async fn an_id_of_a_stranger_stays_the_strangers() {
    let stage = Stage::open().await;
    stage.ok(IMPORT, &with(|it| it["grantees"] = json!([stage.project_of_stranger()]))).await;
    let home = stage.at_strangers_home();
    assert_eq!(home.show(ID).await["name"], "withvpc", "it is granted to that project");
    let answer = home.ok(IMPORT, &with(|it| it["grantees"] = json!([]))).await;
    let reason = answer.json()["outcomes"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("is in use") && !reason.contains(stage.project().as_str()), "{reason}");
    assert_eq!(home.get("ListEnhancedConnections", "").await.json()["count"], 1);
}
