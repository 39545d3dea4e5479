//! What the vendor's Python SDK sent.

use serde_json::{Value, json};

use super::captures::{self, Capture};
use super::expectations::Expectations;
use super::world::World;

/// The connection that the captures speak of.
const CONNECTION: &str = "4c693ecc-bab8-4113-a838-129cedc9a563";
/// The VPC and the subnet that they speak of.
const VPC: &str = "22094d8f-c310-4621-913d-4c4d655d8495";
const SUBNET: &str = "78f2562a-36e4-4b39-95b9-f5aab22e1281";
const CONNECTIONS: &str = "/v2.0/{}/datasource/enhanced-connections";

/// Captures that bind what is not bound yet; all others find queues and pool bound.
const UNBOUND: &[&str] = &["conn.associate.queues", "conn.associate.pools"];

/// Captures that change a queue as only one that is not bound may be changed.
const OWN_QUEUE: &[&str] = &["queue.cidr", "pool.add-queue"];

/// Captures about a connection that has a grant already.
const GRANTED: &[&str] = &["conn.privileges.show", "conn.privileges.update", "conn.privileges.revoke"];

/// What a capture speaks of: two queues, a pool, a connection with all of them, and the connection it names.
async fn furnished(capture: &Capture) -> World {
    let now = capture.signed_at.unwrap();
    let project = if capture.target.contains("name=cn-north-4") { "cn-north-4" } else { "local-1" };
    let world = World::open(project, now).await;
    for name in ["q1", "q2"] {
        if (capture.label.as_str(), name) != ("queue.create", "q1") {
            let queue = json!({"queue_name": name, "cu_count": 16, "resource_mode": 1});
            world.call("POST", "/v1.0/{}/queues", &queue).await;
        }
    }
    if capture.label != "pool.create" {
        let pool =
            json!({"elastic_resource_pool_name": "pool_1", "min_cu": 64, "max_cu": 64, "cidr_in_vpc": "10.1.0.0/16"});
        world.call("POST", "/v3/{}/elastic-resource-pools", &pool).await;
    }
    let is_made = |label: &str| !["queue.create", "pool.create"].contains(&label);
    if is_made(&capture.label) && !OWN_QUEUE.contains(&capture.label.as_str()) {
        connect(&world, "standing", true).await;
    }
    if ["vpc.", "subnet.", "routetable."].iter().any(|service| capture.label.starts_with(service)) {
        network(&world).await;
    }
    if speaks_of(capture, CONNECTION) {
        world.plan_id(CONNECTION);
        connect(&world, "withvpc", !UNBOUND.contains(&capture.label.as_str())).await;
        let route = json!({"name": "r1", "cidr": "10.1.0.0/16"});
        if capture.label == "conn.route.v3.delete" {
            world.call("POST", &format!("{CONNECTIONS}/{CONNECTION}/routes"), &route).await;
        }
        if GRANTED.contains(&capture.label.as_str()) {
            let privilege = json!({"object": format!("edsconnections.{CONNECTION}"), "privileges": ["BIND_QUEUE"]});
            let grant = json!({"projectId": "p2", "action": "grant", "privileges": [privilege]});
            world.call("PUT", "/v1.0/{}/authorization", &grant).await;
        }
    }
    world
}

/// The VPC with its subnet.
async fn network(world: &World) {
    world.plan_id(VPC);
    let vpc = json!({"vpc": {"name": "data", "cidr": "192.168.0.0/16"}});
    world.call("POST", "/v1/{}/vpcs", &vpc).await;
    world.plan_id(SUBNET);
    let subnet = json!({"subnet": {"name": "data", "cidr": "192.168.0.0/24", "vpc_id": VPC}});
    world.call("POST", "/v1/{}/subnets", &subnet).await;
}

async fn connect(world: &World, name: &str, is_bound: bool) -> Value {
    let mut body = json!({"name": name, "dest_vpc_id": VPC, "dest_network_id": SUBNET,
        "hosts": [{"name": "ecs-97f8-0001", "ip": "192.168.0.167"}]});
    if is_bound {
        body["queues"] = json!(["q1", "q2"]);
        body["elastic_resource_pools"] = json!(["pool_1"]);
    }
    world.call("POST", CONNECTIONS, &body).await
}

fn speaks_of(capture: &Capture, text: &str) -> bool {
    capture.target.contains(text) || String::from_utf8_lossy(&capture.body).contains(text)
}

#[tokio::test]
async fn every_request_is_answered_as_over_the_wire() {
    let expectations = Expectations::load();
    let captures = captures::load("python-sdk.jsonl");
    assert_eq!(captures.len(), 67);
    let mut faults = Vec::new();
    for capture in &captures {
        let world = furnished(capture).await;
        let answer = world.exchange(&capture.bytes).await;
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        let found = expectations.faults_of_python(capture, &answer);
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}: {} {said}", capture.key, answer.status)));
        world.close().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
