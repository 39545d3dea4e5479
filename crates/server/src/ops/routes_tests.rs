use serde_json::json;

use super::super::stage::Stage;

const CREATE: [&str; 2] = ["CreateRouteToEnhancedConnection", "CreateEnhancedConnectionRoutes"];
const DELETE: [&str; 2] = ["DeleteRouteFromEnhancedConnection", "DeleteEnhancedConnectionRoutes"];

#[tokio::test]
async fn added_and_deleted_on_both_paths_and_shown_as_sent_in_the_order_added() {
    let stage = Stage::open().await;
    let id = stage.full_connection("c").await;
    for (create, body) in CREATE
        .into_iter()
        .zip([r#"{"name":"z-1","cidr":"10.1.2.3/16"}"#, r#"{"name":"a_2","cidr":"127.0.0.0","unknown":1}"#])
    {
        let answer = stage.on(&id).call(create, body).await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":""}"#.into()));
    }
    let time = super::super::stage::NOW;
    let both = json!([
        {"name": "z-1", "cidr": "10.1.2.3/16", "create_time": time},
        {"name": "a_2", "cidr": "127.0.0.0", "create_time": time},
    ]);
    assert_eq!(stage.show(&id).await["routes"], both);
    let listed = stage.get("ListEnhancedConnections", "").await.json();
    assert_eq!(listed["connections"][0]["routes"], both);
    for (delete, name) in DELETE.into_iter().zip(["z-1", "a_2"]) {
        let answer = stage.on(&format!("{id}/{name}")).call(delete, "").await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":"Deleted"}"#.into()));
    }
    assert_eq!(stage.show(&id).await["routes"], json!([]));
}

#[tokio::test]
async fn a_change_of_routes_shows_nothing_of_the_work_on_its_peers() {
    let stage = Stage::open().await;
    let id = stage.full_connection("c").await;
    stage.settle_peers().await;
    let before = stage.show(&id).await;
    stage.on(&id).ok(CREATE[0], r#"{"name":"r","cidr":"10.0.0.0/8"}"#).await;
    let after = stage.show(&id).await;
    for field in ["available_queue_info", "elastic_resource_pools"] {
        assert_eq!(after[field], before[field]);
    }
}

/// Terraform leads a route elsewhere by adding it under its old name first, and would then delete both.
#[tokio::test]
async fn the_same_name_is_the_same_route_or_a_fault_that_says_what_to_do() {
    let stage = Stage::open().await;
    let id = stage.connection("c").await;
    stage.on(&id).ok(CREATE[1], r#"{"name":"r","cidr":"10.0.0.0/8"}"#).await;
    let before = stage.revision();
    stage.on(&id).ok(CREATE[0], r#"{"name":"r","cidr":"10.0.0.0/8"}"#).await;
    assert_eq!(stage.revision(), before);
    for other in ["10.0.0.0/9", "10.0.0.1/8"] {
        let body = format!(r#"{{"name":"r","cidr":"{other}"}}"#);
        let (status, code, text) = stage.on(&id).refused(CREATE[1], &body).await;
        assert_eq!((status, code.as_str()), (400, "DLI.0006"));
        assert!(text.contains("another name") && text.contains("delete the route first"), "{text}");
    }
    stage.on(&id).ok(CREATE[1], r#"{"name":"renamed","cidr":"10.0.0.0/8"}"#).await;
    assert_eq!(stage.show(&id).await["routes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn faults_change_nothing() {
    let stage = Stage::open().await;
    let id = stage.connection("c").await;
    let before = stage.revision();
    for (body, code, text) in [
        (r#"{"name":"r"}"#, "DLI.0001", "cidr is required"),
        (r#"{"name":"a b","cidr":"10.0.0.0/8"}"#, "DLI.0001", "name: must be 1 to 64"),
        (r#"{"name":"r","cidr":"10.0.0.0/33"}"#, "DLI.0001", "cidr: must be a CIDR"),
        (r#"{"name":"r","cidr":"2407:c080::/64"}"#, "DLI.0007", "ipv6_enable is false"),
    ] {
        let (status, found, message) = stage.on(&id).refused(CREATE[0], body).await;
        assert_eq!((status, found.as_str()), (400, code), "{body}: {message}");
        assert!(message.contains(text), "{body}: {message}");
    }
    for (name, text) in [("nope", "has no route named nope"), ("路由 1", "must be 1 to 64 letters")] {
        let (status, code, message) = stage.on(&format!("{id}/{name}")).refused(DELETE[0], "").await;
        assert_eq!((status, code.as_str()), (400, "DLI.0002"), "{message}");
        assert!(message.contains(text), "{message}");
    }
    let unknown = "2a620c33-5609-40c9-affd-2b6453071b0f";
    let text = format!("Connection {unknown} does not exist.");
    let answer = stage.on(unknown).refused(CREATE[0], r#"{"name":"r","cidr":"10.0.0.0/8"}"#).await;
    assert_eq!(answer, (400, "DLI.0001".into(), text.clone()));
    assert_eq!(stage.on(&format!("{unknown}/r")).refused(DELETE[0], "").await, (400, "DLI.0001".into(), text));
    assert_eq!(stage.revision(), before);
}

#[tokio::test]
async fn ipv6_destinations_where_the_subnet_has_ipv6() {
    let stage = Stage::open().await;
    stage.networks().await;
    let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"net-1"}"#;
    let id = stage.ok("CreateEnhancedConnection", body).await.json()["connection_id"].as_str().unwrap().to_owned();
    for cidr in ["2407:C080:802:be7::/64", "2407:c080::1"] {
        let name = format!("r{}", cidr.len());
        stage.on(&id).ok(CREATE[0], &format!(r#"{{"name":"{name}","cidr":"{cidr}"}}"#)).await;
    }
    let shown = stage.show(&id).await;
    assert_eq!((&shown["ipv6_enable"], &shown["routes"][0]["cidr"]), (&true.into(), &"2407:C080:802:be7::/64".into()));
}
