//! Answers about queues (dli_02_0194, dli_02_0196, dli_02_0016).

use linkspan_model::{Queue, QueueName};
use serde::Serialize;

use super::success::to_bytes;
use crate::words::Words;

#[derive(Serialize)]
struct Created<'a> {
    is_success: bool,
    message: &'a str,
    queue_name: &'a str,
}

#[derive(Serialize)]
struct List<'a> {
    is_success: bool,
    message: &'a str,
    queues: Vec<Row<'a>>,
}

/// One queue of a list: snake case throughout.
#[derive(Serialize)]
struct Row<'a> {
    queue_id: i64,
    queue_name: &'a str,
    description: &'a str,
    owner: &'a str,
    create_time: i64,
    queue_type: &'a str,
    cu_count: u32,
    charging_mode: i32,
    resource_id: String,
    enterprise_project_id: &'a str,
    cidr_in_vpc: String,
    cidr_in_mgntsubnet: &'a str,
    cidr_in_subnet: String,
    resource_mode: u8,
    platform: &'a str,
    is_restarting: bool,
    /// A text since 2021; the labels joined by commas.
    labels: String,
    feature: &'a str,
    queue_resource_type: &'a str,
    cu_spec: u32,
    cu_scale_out_limit: u32,
    cu_scale_in_limit: u32,
    elastic_resource_pool_name: &'a str,
    engine: &'a str,
    used_cu: u32,
    #[serde(flatten)]
    versions: Versions,
}

/// The answer of show: four fields in camel case, and the envelope beside them.
#[derive(Serialize)]
#[expect(non_snake_case, reason = "the wire mixes both cases (dli_02_0016)")]
struct Show<'a> {
    is_success: bool,
    message: &'a str,
    queue_id: i64,
    queueName: &'a str,
    description: &'a str,
    owner: &'a str,
    create_time: i64,
    queueType: &'a str,
    cuCount: u32,
    chargingMode: i32,
    resource_id: String,
    resource_mode: u8,
    enterprise_project_id: &'a str,
    resource_type: &'a str,
    cu_spec: u32,
    cu_scale_out_limit: u32,
    cu_scale_in_limit: u32,
    elastic_resource_pool_name: &'a str,
    #[serde(flatten)]
    versions: Versions,
}

/// Linkspan runs no jobs, so no engine version is supported; the fields are documented all the same.
#[derive(Default, Serialize)]
struct Versions {
    support_spark_versions: [&'static str; 0],
    default_spark_version: &'static str,
    support_hetu_engine_versions: [&'static str; 0],
    default_hetu_engine_version: &'static str,
    support_flink_sql_versions: [&'static str; 0],
    default_flink_sql_version: &'static str,
    support_flink_jar_versions: [&'static str; 0],
    default_flink_jar_version: &'static str,
    support_opensource_flink_versions: [&'static str; 0],
}

const RESOURCE_TYPE: &str = "container";

/// Creation of a queue, sent with 200.
#[must_use]
pub fn created(name: &QueueName) -> Vec<u8> {
    to_bytes(&Created { is_success: true, message: "", queue_name: name.as_str() })
}

/// A list of queues, which has no count.
#[must_use]
pub fn list<'a>(queues: impl IntoIterator<Item = &'a Queue>) -> Vec<u8> {
    let queues = queues.into_iter().map(row).collect();
    to_bytes(&List { is_success: true, message: "", queues })
}

/// One queue.
#[must_use]
pub fn show(queue: &Queue) -> Vec<u8> {
    to_bytes(&Show {
        is_success: true,
        message: "",
        queue_id: queue.created.number(),
        queueName: queue.name.as_str(),
        description: &queue.description,
        owner: &queue.owner,
        create_time: queue.created.millis(),
        queueType: queue.queue_type.word(),
        cuCount: queue.cu_count,
        chargingMode: queue.charging_mode,
        resource_id: queue.resource_id.to_string(),
        resource_mode: queue.resource_mode,
        enterprise_project_id: &queue.enterprise_project_id,
        resource_type: RESOURCE_TYPE,
        cu_spec: queue.cu_count,
        cu_scale_out_limit: queue.cu_count,
        cu_scale_in_limit: queue.cu_count,
        elastic_resource_pool_name: pool_name(queue),
        versions: Versions::default(),
    })
}

fn row(queue: &Queue) -> Row<'_> {
    Row {
        queue_id: queue.created.number(),
        queue_name: queue.name.as_str(),
        description: &queue.description,
        owner: &queue.owner,
        create_time: queue.created.millis(),
        queue_type: queue.queue_type.word(),
        cu_count: queue.cu_count,
        charging_mode: queue.charging_mode,
        resource_id: queue.resource_id.to_string(),
        enterprise_project_id: &queue.enterprise_project_id,
        cidr_in_vpc: queue.cidr_in_vpc.to_string(),
        cidr_in_mgntsubnet: "",
        cidr_in_subnet: queue.cidr_in_subnet.to_string(),
        resource_mode: queue.resource_mode,
        platform: &queue.platform,
        is_restarting: false,
        labels: queue.labels.join(","),
        feature: &queue.feature,
        queue_resource_type: RESOURCE_TYPE,
        cu_spec: queue.cu_count,
        cu_scale_out_limit: queue.cu_count,
        cu_scale_in_limit: queue.cu_count,
        elastic_resource_pool_name: pool_name(queue),
        engine: queue.engine.word(),
        used_cu: 0,
        versions: Versions::default(),
    }
}

fn pool_name(queue: &Queue) -> &str {
    queue.pool.as_ref().map_or("", |pool| pool.as_str())
}

#[cfg(test)]
pub(super) mod tests {
    use linkspan_model::{QueueEngine, QueueType, ResourceId, Stamp, Tags};

    use super::*;

    pub(crate) fn queue() -> Queue {
        Queue {
            resource_id: ResourceId(uuid::uuid!("03d51b88-db63-4611-b779-9a72ba0cf58b")),
            project: "48cc2c48765f481480c7db940d6409d1".parse().unwrap(),
            name: "queue1".parse().unwrap(),
            created: Stamp::new(1_566_888_011_125, 2),
            owner: "alice".into(),
            description: "a \"queue\"".into(),
            queue_type: QueueType::General,
            cu_count: 16,
            charging_mode: 1,
            enterprise_project_id: "0".into(),
            platform: "x86_64".into(),
            resource_mode: 1,
            labels: ["multi_az=2".into(), "a=b".into()].into(),
            feature: "basic".into(),
            engine: QueueEngine::Spark,
            pool: Some("pool_1".parse().unwrap()),
            cidr_in_vpc: "172.16.0.0/12".parse().unwrap(),
            cidr_in_subnet: "172.31.255.0/24".parse().unwrap(),
            properties: [
                ("job.maxConcurrent".into(), "2".into()),
                ("network.cidrInVpc".into(), "\"10.0.0.0/8\"".into()),
            ]
            .into(),
            policies: Box::default(),
            tags: Tags::default(),
        }
    }

    #[test]
    fn bodies() {
        let mut alone = queue();
        alone.pool = None;
        let bodies = [created(&queue().name), list([]), list([&queue(), &alone]), show(&queue())];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
