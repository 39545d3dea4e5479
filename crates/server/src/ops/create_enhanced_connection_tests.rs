use serde_json::json;

use super::super::stage::Stage;

const CREATE: &str = "CreateEnhancedConnection";

fn body(members: &str) -> String {
    format!(r#"{{"name":"c","dest_vpc_id":"v","dest_network_id":"n"{members}}}"#)
}

#[tokio::test]
async fn everything_is_bound_and_shown_at_once() {
    let stage = Stage::open().await;
    stage.sources().await;
    let answer =
        stage.call(CREATE, &body(r#","queues":["Q1","q_pooled","q1"],"elastic_resource_pools":"pool_1""#)).await;
    assert_eq!(answer.status, 201);
    let created = answer.json();
    assert_eq!(created["message"], "Create peer connection for queues:{Q1,q_pooled,pool_1}");
    let shown = stage.show(created["connection_id"].as_str().unwrap()).await;
    let peers = |field: &str| shown[field].as_array().unwrap().iter().map(|peer| peer["name"].clone()).collect();
    let (queues, pools): (Vec<_>, Vec<_>) = (peers("available_queue_info"), peers("elastic_resource_pools"));
    assert_eq!((queues, pools), (vec![json!("q1")], vec![json!("pool_1")]), "a pooled queue stands for its pool");
}

#[tokio::test]
async fn a_bare_one_has_an_empty_message() {
    let stage = Stage::open().await;
    for (name, extra) in [("a", ""), ("b", r#","queues":[],"tags":null,"hosts":null,"routetable_id":"rt""#)] {
        let body = body(extra).replace(r#""c""#, &format!("\"{name}\""));
        let answer = stage.call(CREATE, &body).await;
        assert_eq!((answer.status, answer.json()["message"].clone()), (201, json!("")), "{body}");
    }
}

#[tokio::test]
async fn refused_as_a_whole() {
    let stage = Stage::open().await;
    stage.sources().await;
    let before = stage.revision();
    for (body, code, text) in [
        (body(r#","queues":["q1","nope"]"#), "DLI.0002", "There is no queue named nope"),
        (body(r#","queues":["default"]"#), "DLI.0007", "The queue default"),
        (body(r#","queues":["q_shared"]"#), "DLI.0007", "resource_mode 0"),
        (body(r#","hosts":[{"name":"h","ip":"10.0.0.01"}]"#), "DLI.0001", "hosts[0].ip"),
        (body(r#","tags":[{"key":"a,b","value":""}]"#), "DLI.0001", "tags[0].key"),
        (body("").replace(r#""c""#, r#""a-b""#), "DLI.0001", "name: must be 1 to 64"),
        ("{}".into(), "DLI.0001", "name is required"),
        (String::new(), "DLI.0001", "name is required"),
        (r#"{"name":"c","name":"d"}"#.into(), "DLI.0001", "name"),
        ("\u{feff}{}".into(), "DLI.0001", ""),
    ] {
        let (status, found, message) = stage.refused(CREATE, &body).await;
        assert_eq!((status, found.as_str()), (400, code), "{body}: {message}");
        assert!(message.contains(text), "{body}: {message}");
    }
    assert_eq!(stage.revision(), before);
}

#[tokio::test]
async fn a_name_is_taken_until_its_connection_is_deleted() {
    let stage = Stage::open().await;
    let id = stage.connection("c").await;
    let (status, code, text) = stage.refused(CREATE, &body("")).await;
    assert_eq!((status, code.as_str()), (400, "DLI.0006"));
    assert!(text.contains(&id), "{text}");
    assert_eq!(stage.call(CREATE, &body("").replace(r#""c""#, r#""C""#)).await.status, 201);
    stage.on(&id).ok("DeleteEnhancedConnection", "").await;
    assert_eq!(stage.call(CREATE, &body("")).await.status, 201);
}
