//! What the golden samples' requests speak of, by the placeholders that stand for it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::world::{DOMAIN, PASSWORD, PROJECT, PROJECT_NAME, World};

const CONNECTIONS: &str = "/v2.0/{}/datasource/enhanced-connections";
const QUEUES: &str = "/v1.0/{}/queues";
const POOLS: &str = "/v3/{}/elastic-resource-pools";

/// One of everything, and the names of it.
pub(super) async fn furnish(world: &World) -> BTreeMap<&'static str, String> {
    let mut names = BTreeMap::from([
        ("project_id", PROJECT.to_owned()),
        ("project_name", PROJECT_NAME.to_owned()),
        ("domain_id", DOMAIN.to_owned()),
        ("domain_name", "localdomain".to_owned()),
        ("user_name", "alice".to_owned()),
        ("password", PASSWORD.to_owned()),
        ("new_name", "new".to_owned()),
        ("connected_name", "golden".to_owned()),
        ("route_name", "made".to_owned()),
    ]);
    compute(world, &mut names).await;
    connection(world, &mut names).await;
    network(world, &mut names).await;
    token(world, &mut names).await;
    names
}

async fn compute(world: &World, names: &mut BTreeMap<&'static str, String>) {
    for pool in ["pool_name", "free_pool"] {
        let body = json!({"elastic_resource_pool_name": pool, "min_cu": 64, "max_cu": 64});
        world.call("POST", POOLS, &body).await;
        names.insert(pool, pool.to_owned());
    }
    for queue in ["queue_name", "free_queue", "queue_with_properties", "pooled_queue"] {
        let mut body = json!({"queue_name": queue, "cu_count": 16, "resource_mode": 1});
        if queue == "pooled_queue" {
            body["elastic_resource_pool_name"] = json!("pool_name");
        }
        world.call("POST", QUEUES, &body).await;
        names.insert(queue, queue.to_owned());
    }
    let policy =
        json!({"priority": 1, "impact_start_time": "00:00", "impact_stop_time": "24:00", "min_cu": 16, "max_cu": 16});
    let policies = json!({"queue_scaling_policies": [policy]});
    world.call("PUT", &format!("{POOLS}/pool_name/queues/pooled_queue"), &policies).await;
    let properties = json!({"properties": {"computeEngine.maxInstance": 2}});
    world.call("POST", "/v3/{}/queues/queue_with_properties/properties", &properties).await;
}

/// A connection with a queue, a pool, hosts, a tag, a route and a grant, and a test from its queue.
async fn connection(world: &World, names: &mut BTreeMap<&'static str, String>) {
    let body = json!({"name": "golden", "dest_vpc_id": "22094d8f-c310-4621-913d-4c4d655d8495",
        "dest_network_id": "78f2562a-36e4-4b39-95b9-f5aab22e1281", "queues": ["queue_name"],
        "elastic_resource_pools": ["pool_name"], "hosts": [{"name": "ecs-97f8-0001", "ip": "192.168.0.1"}],
        "tags": [{"key": "env", "value": "test"}]});
    let id = text(&world.call("POST", CONNECTIONS, &body).await["connection_id"]);
    let route = json!({"name": "made", "cidr": "10.169.0.0/24"});
    world.call("POST", &format!("{CONNECTIONS}/{id}/routes"), &route).await;
    let privilege = json!({"object": format!("edsconnections.{id}"), "privileges": ["BIND_QUEUE"]});
    let grantee = "330e068af1334c9782f4226acc00a2e2";
    let grant = json!({"projectId": grantee, "action": "grant", "privileges": [privilege]});
    world.call("PUT", "/v1.0/{}/authorization", &grant).await;
    names.insert("connection_id", id);
    let test = json!({"address": "192.168.0.1:443"});
    let task = world.call("POST", &format!("{QUEUES}/queue_name/connection-test"), &test).await;
    names.insert("task_id", task["task_id"].to_string());
}

/// A VPC with a subnet of which everything is said and a custom route table that it uses, and another one of each.
async fn network(world: &World, names: &mut BTreeMap<&'static str, String>) {
    for name in ["vpc_id", "free_vpc"] {
        let vpc = json!({"vpc": {"name": "golden", "cidr": "10.168.0.0/16", "tags": ["key1*value1"]}});
        names.insert(name, text(&world.call("POST", "/v1/{}/vpcs", &vpc).await["vpc"]["id"]));
    }
    let vpc_id = names["vpc_id"].clone();
    names.insert("subnet_vpc_id", vpc_id.clone());
    for (name, net) in [("subnet_id", "10.168.1"), ("free_subnet", "10.168.2")] {
        let subnet = json!({"subnet": {"name": "golden", "cidr": format!("{net}.0/24"), "vpc_id": vpc_id,
            "dnsList": ["10.168.1.2"], "extra_dhcp_opts": [{"opt_name": "ntp", "opt_value": "10.100.0.33"}],
            "tags": ["key1*value1"]}});
        names.insert(name, text(&world.call("POST", "/v1/{}/subnets", &subnet).await["subnet"]["id"]));
    }
    for name in ["routetable_id", "free_table"] {
        let route = json!({"type": "ecs", "destination": "10.10.10.0/24", "nexthop": "e"});
        let table = json!({"routetable": {"name": "golden", "vpc_id": vpc_id, "routes": [route]}});
        names.insert(name, text(&world.call("POST", "/v1/{}/routetables", &table).await["routetable"]["id"]));
    }
    let action = json!({"routetable": {"subnets": {"associate": [names["subnet_id"]]}}});
    world.call("POST", &format!("/v1/{{}}/routetables/{}/action", names["routetable_id"]), &action).await;
}

async fn token(world: &World, names: &mut BTreeMap<&'static str, String>) {
    let domain = json!({"name": "localdomain"});
    let user = json!({"name": "alice", "password": PASSWORD, "domain": domain});
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    let scope = json!({"project": {"name": PROJECT_NAME, "domain": domain}});
    let body = json!({"auth": {"identity": identity, "scope": scope}});
    let answer = world.attempt("POST", "/v3/auth/tokens", &body).await;
    names.insert("token", answer.header("x-subject-token").unwrap().to_owned());
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
