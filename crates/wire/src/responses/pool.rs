//! Answers about elastic resource pools (dli_02_0326, dli_02_0327, dli_02_0330).

use linkspan_model::{Pool, PoolLabels, PoolName, Queue};
use serde::Serialize;

use super::success::to_bytes;
use crate::query::PoolStatus;
use crate::requests::PolicyBody;
use crate::words::Words;

/// A pool with what a list shows beside its record.
#[derive(Debug, Clone)]
pub struct PoolItem<'a> {
    /// The pool.
    pub pool: &'a Pool,
    /// The names of its queues.
    pub queues: Vec<&'a str>,
    /// Compute units its queues hold now.
    pub current_cu: u32,
}

#[derive(Serialize)]
struct Created<'a> {
    is_success: bool,
    message: &'a str,
    elastic_resource_pool_name: &'a str,
}

#[derive(Serialize)]
struct List<'a> {
    is_success: bool,
    message: &'a str,
    count: usize,
    elastic_resource_pools: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: i64,
    elastic_resource_pool_name: &'a str,
    resource_id: String,
    status: &'a str,
    fail_reason: &'a str,
    owner: &'a str,
    manager: &'a str,
    description: &'a str,
    min_cu: u32,
    max_cu: u32,
    actual_cu: u32,
    current_cu: u32,
    prepay_cu: u32,
    charging_mode: i32,
    cidr_in_vpc: String,
    /// The network it really has; an addition of Linkspan.
    cidr_in_subnet: String,
    ipv6_enable: bool,
    ipv6_cidr_in_subnet: &'a str,
    enterprise_project_id: &'a str,
    create_time: i64,
    update_time: i64,
    queues: &'a [&'a str],
    label: &'a PoolLabels,
}

#[derive(Serialize)]
struct QueueList<'a> {
    is_success: bool,
    message: &'a str,
    count: usize,
    queues: Vec<QueueRow<'a>>,
}

#[derive(Serialize)]
struct QueueRow<'a> {
    queue_name: &'a str,
    enterprise_project_id: &'a str,
    queue_type: &'a str,
    queue_scaling_policies: Vec<PolicyBody>,
    owner: &'a str,
    create_time: i64,
    engine: &'a str,
}

/// Change of a pool.
#[must_use]
pub fn changed(name: &PoolName) -> Vec<u8> {
    created(name)
}

/// Creation of a pool, sent with 200.
#[must_use]
pub fn created(name: &PoolName) -> Vec<u8> {
    to_bytes(&Created { is_success: true, message: "", elastic_resource_pool_name: name.as_str() })
}

/// A page of pools; `total` is the number that match the filter.
#[must_use]
pub fn list(pools: &[PoolItem<'_>], total: usize) -> Vec<u8> {
    let elastic_resource_pools = pools.iter().map(row).collect();
    to_bytes(&List { is_success: true, message: "", count: total, elastic_resource_pools })
}

/// A page of a pool's queues; `total` is the number that match the filter.
#[must_use]
pub fn list_queues(queues: &[&Queue], total: usize) -> Vec<u8> {
    let queues = queues.iter().copied().map(queue_row).collect();
    to_bytes(&QueueList { is_success: true, message: "", count: total, queues })
}

fn row<'a>(PoolItem { pool, queues, current_cu }: &'a PoolItem<'_>) -> Row<'a> {
    Row {
        id: pool.created.number(),
        elastic_resource_pool_name: pool.name.as_str(),
        resource_id: pool.resource_id.to_string(),
        status: PoolStatus::Available.word(),
        fail_reason: "",
        owner: &pool.owner,
        manager: "common",
        description: &pool.description,
        min_cu: pool.min_cu,
        max_cu: pool.max_cu,
        actual_cu: pool.min_cu,
        current_cu: *current_cu,
        prepay_cu: 0,
        charging_mode: pool.charging_mode,
        cidr_in_vpc: pool.cidr_in_vpc.to_string(),
        cidr_in_subnet: pool.cidr_in_subnet.to_string(),
        ipv6_enable: pool.ipv6,
        ipv6_cidr_in_subnet: "",
        enterprise_project_id: &pool.enterprise_project_id,
        create_time: pool.created.millis(),
        update_time: pool.update_time,
        queues,
        label: &pool.labels,
    }
}

fn queue_row(queue: &Queue) -> QueueRow<'_> {
    QueueRow {
        queue_name: queue.name.as_str(),
        enterprise_project_id: &queue.enterprise_project_id,
        queue_type: queue.queue_type.word(),
        queue_scaling_policies: queue.policies_in_force().iter().map(PolicyBody::from).collect(),
        owner: &queue.owner,
        create_time: queue.created.millis(),
        engine: queue.engine.word(),
    }
}

#[cfg(test)]
mod tests {
    use linkspan_model::{ResourceId, Stamp, Tags};

    use super::super::queue::tests::queue;
    use super::*;

    fn pool() -> Pool {
        Pool {
            resource_id: ResourceId(uuid::uuid!("a1b2c3d4-0000-4000-8000-000000000001")),
            project: "48cc2c48765f481480c7db940d6409d1".parse().unwrap(),
            name: "pool_1".parse().unwrap(),
            created: Stamp::new(1_566_888_011_125, 0),
            update_time: 1_566_888_012_000,
            owner: "alice".into(),
            description: "".into(),
            max_cu: 64,
            min_cu: 16,
            charging_mode: 1,
            enterprise_project_id: "0".into(),
            cidr_in_vpc: "172.16.0.0/12".parse().unwrap(),
            cidr_in_subnet: "172.16.0.0/18".parse().unwrap(),
            ipv6: false,
            labels: [("spec".into(), "basic".into())].into(),
            tags: Tags::default(),
        }
    }

    #[test]
    fn bodies() {
        let (pool, queue) = (pool(), queue());
        let item = PoolItem { pool: &pool, queues: vec!["queue1"], current_cu: 16 };
        let bodies =
            [created(&pool.name), list(&[], 0), list(&[item], 12), list_queues(&[], 0), list_queues(&[&queue], 1)];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
