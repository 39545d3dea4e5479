//! Bodies about queues and elastic resource pools (dli_02_0194, dli_02_0196, dli_02_0016, dli_02_0249, dli_02_0326 to
//! dli_02_0332).

use super::connection::tag;
use super::{
    Field, Node, Schema, any_of, envelope, flag, integer, list, map, may, millis, must, object, one_of, text, uuid,
};

const NAME: &str = "^(?!_)(?![0-9]+$)[A-Za-z0-9_]{1,128}$";

fn name(example: &'static str) -> Schema {
    text().with("pattern", NAME).example(example)
}

fn description() -> Schema {
    text().chars(0, 256)
}

fn cu(example: i32) -> Schema {
    integer().between(0, i64::from(i32::MAX)).example(example)
}

fn cidr() -> Schema {
    text().example("172.16.0.0/12")
}

fn tags() -> Schema {
    list(tag()).with("maxItems", 20)
}

/// Values are texts, integers or booleans.
fn properties() -> Schema {
    let example = Node::object([("computeEngine.spark.nativeEnabled", Node::from(true))]);
    map(any_of([text(), integer(), flag()])).example(example)
}

/// Creation of a queue.
#[must_use]
pub fn create_queue_request() -> Schema {
    object([
        must("queue_name", name("q1").about("Folded to lower case.")),
        must("cu_count", cu(16).about("Compute units.")),
        may("queue_type", one_of(&["sql", "general"]).with("default", "sql")),
        may("description", description()),
        may("charging_mode", integer().between(1, 1).with("default", 1)),
        may("enterprise_project_id", text().chars(0, 128).with("default", "0")),
        may("platform", one_of(&["x86_64", "aarch64"]).with("default", "x86_64")),
        may("resource_mode", integer().between(0, 1).about("1 = dedicated: what a connection can bind.").example(1)),
        may("labels", list(text()).example(Node::Array(Vec::new()))),
        may("feature", one_of(&["basic", "ai"]).with("default", "basic")),
        may("tags", tags()),
        may("elastic_resource_pool_name", text().about("The pool to create it in.")),
        may("engine", one_of(&["spark", "hetuEngine"]).with("default", "spark")),
        may("properties", properties()),
    ])
    .example(Node::object([
        ("queue_name", Node::from("q1")),
        ("cu_count", Node::from(16)),
        ("resource_mode", Node::from(1)),
    ]))
}

/// A queue was created, or moved.
#[must_use]
pub fn queue_created() -> Schema {
    envelope([must("queue_name", text().example("q1"))])
}

fn versions() -> Vec<Field> {
    let none = || list(text()).example(Node::Array(Vec::new()));
    vec![
        must("support_spark_versions", none()),
        must("default_spark_version", text()),
        must("support_hetu_engine_versions", none()),
        must("default_hetu_engine_version", text()),
        must("support_flink_sql_versions", none()),
        must("default_flink_sql_version", text()),
        must("support_flink_jar_versions", none()),
        must("default_flink_jar_version", text()),
        must("support_opensource_flink_versions", none()),
    ]
}

fn queue_row() -> Schema {
    let fields = vec![
        must("queue_id", integer().with("format", "int64").example(26)),
        must("queue_name", text().example("q1")),
        must("description", text()),
        must("owner", text().example("alice")),
        must("create_time", millis()),
        must("queue_type", one_of(&["sql", "general"])),
        must("cu_count", integer().example(16)),
        must("charging_mode", integer().example(1)),
        must("resource_id", uuid()),
        must("enterprise_project_id", text().example("0")),
        must("cidr_in_vpc", cidr()),
        must("cidr_in_mgntsubnet", text()),
        must("cidr_in_subnet", text().about("The network it really has.").example("172.31.255.0/24")),
        must("resource_mode", integer().example(1)),
        must("platform", text().example("x86_64")),
        must("is_restarting", flag()),
        must("labels", text().about("Joined by commas.")),
        must("feature", text().example("basic")),
        must("queue_resource_type", text().example("container")),
        must("cu_spec", integer().example(16)),
        must("cu_scale_out_limit", integer().example(16)),
        must("cu_scale_in_limit", integer().example(16)),
        must("elastic_resource_pool_name", text().about("Empty outside a pool.")),
        must("engine", text().example("spark")),
        must("used_cu", integer()),
    ];
    object(fields.into_iter().chain(versions())).named("Queue")
}

/// The queues of a project.
#[must_use]
pub fn queues() -> Schema {
    envelope([must("queues", list(queue_row()))])
}

/// One queue, in the mixed letter cases of its document.
#[must_use]
pub fn queue_shown() -> Schema {
    let fields = vec![
        must("queue_id", integer().with("format", "int64").example(26)),
        must("queueName", text().example("q1")),
        must("description", text()),
        must("owner", text().example("alice")),
        must("create_time", millis()),
        must("queueType", one_of(&["sql", "general"])),
        must("cuCount", integer().example(16)),
        must("chargingMode", integer().example(1)),
        must("resource_id", uuid()),
        must("resource_mode", integer().example(1)),
        must("enterprise_project_id", text().example("0")),
        must("resource_type", text().example("container")),
        must("cu_spec", integer().example(16)),
        must("cu_scale_out_limit", integer().example(16)),
        must("cu_scale_in_limit", integer().example(16)),
        must("elastic_resource_pool_name", text()),
    ];
    envelope(fields.into_iter().chain(versions()))
}

/// A restart or a change of size.
#[must_use]
pub fn queue_action_request() -> Schema {
    object([
        must("action", one_of(&["restart", "scale_out", "scale_in"]).example("scale_out")),
        may("force", flag().about("Restart although jobs run.")),
        may("cu_count", cu(16).about("By how many units to scale: a difference, not the new size.")),
    ])
}

/// The action was carried out.
#[must_use]
pub fn queue_acted() -> Schema {
    envelope([must("queue_name", text().example("q1")), must("result", flag().example(true))])
}

/// Another network for a queue.
#[must_use]
pub fn queue_cidr_request() -> Schema {
    object([must("cidr_in_vpc", text().about("An IPv4 CIDR.").example("10.0.0.0/24"))])
}

/// Properties to set.
#[must_use]
pub fn properties_request() -> Schema {
    object([must("properties", properties())])
}

/// Properties to remove.
#[must_use]
pub fn property_keys_request() -> Schema {
    let example = vec![Node::from("computeEngine.spark.nativeEnabled")];
    object([must("keys", list(text()).example(example))])
}

/// The properties of a queue, as texts.
#[must_use]
pub fn properties_shown() -> Schema {
    let entry = object([must("key", text().example("computeEngine.maxInstance")), must("value", text().example("2"))]);
    envelope([must("properties", list(entry))])
}

/// Creation of a pool.
#[must_use]
pub fn create_pool_request() -> Schema {
    object([
        must("elastic_resource_pool_name", name("pool_1").about("Folded to lower case.")),
        must("max_cu", cu(64).with("multipleOf", 16)),
        must("min_cu", cu(64).with("multipleOf", 16)),
        may("cidr_in_vpc", cidr().with("default", "172.16.0.0/12")),
        may("description", description()),
        may("charging_mode", integer().between(1, 1).with("default", 1)),
        may("enterprise_project_id", text().chars(0, 128).with("default", "0")),
        may("tags", tags()),
        may("label", map(text()).example(Node::Object(Vec::new()))),
        may("ipv6_enable", flag()),
    ])
    .example(Node::object([
        ("elastic_resource_pool_name", Node::from("pool_1")),
        ("max_cu", Node::from(64)),
        ("min_cu", Node::from(64)),
    ]))
}

/// A pool was created or changed.
#[must_use]
pub fn pool_created() -> Schema {
    envelope([must("elastic_resource_pool_name", text().example("pool_1"))])
}

fn pool_row() -> Schema {
    object([
        must("id", integer().with("format", "int64").example(1026)),
        must("elastic_resource_pool_name", text().example("pool_1")),
        must("resource_id", uuid()),
        must("status", one_of(&["AVAILABLE", "SCALING", "CREATING", "FAILED"])),
        must("fail_reason", text()),
        must("owner", text().example("alice")),
        must("manager", text().example("common")),
        must("description", text()),
        must("min_cu", integer().example(64)),
        must("max_cu", integer().example(64)),
        must("actual_cu", integer().example(64)),
        must("current_cu", integer().about("What its queues hold.")),
        must("prepay_cu", integer()),
        must("charging_mode", integer().example(1)),
        must("cidr_in_vpc", cidr()),
        must("cidr_in_subnet", text().about("The network it really has; an addition.").example("172.16.0.0/18")),
        must("ipv6_enable", flag()),
        must("ipv6_cidr_in_subnet", text()),
        must("enterprise_project_id", text().example("0")),
        must("create_time", millis()),
        must("update_time", millis()),
        must("queues", list(text()).about("The names of its queues.").example(Node::Array(Vec::new()))),
        must("label", map(text()).example(Node::Object(Vec::new()))),
    ])
    .named("ElasticResourcePool")
}

fn count() -> Field {
    must("count", integer().about("How many match, whatever the page.").example(1))
}

/// A page of pools.
#[must_use]
pub fn pools() -> Schema {
    envelope([count(), must("elastic_resource_pools", list(pool_row()))])
}

/// A change of a pool.
#[must_use]
pub fn update_pool_request() -> Schema {
    let size = || cu(64).with("multipleOf", 16);
    object([may("description", description()), may("max_cu", size()), may("min_cu", size())])
}

/// A queue to move into a pool.
#[must_use]
pub fn pool_queue_request() -> Schema {
    object([must("queue_name", name("q1"))])
}

fn policy(limit: Field) -> Schema {
    object([
        must("priority", integer().between(1, 100).example(1)),
        must("impact_start_time", text().about("`HH:00`.").example("00:00")),
        must("impact_stop_time", text().about("`HH:00`; `24:00` ends the day.").example("24:00")),
        must("min_cu", cu(16)),
        must("max_cu", cu(64)),
        limit,
    ])
}

/// A scaling policy as it is sent.
pub(super) fn scaling_policy() -> Schema {
    policy(may(INHERITS, flag()))
}

const INHERITS: &str = "inherit_elastic_resource_pool_max_cu";

/// The policies by which a queue may take from its pool.
#[must_use]
pub fn policies_request() -> Schema {
    object([must("queue_scaling_policies", list(policy(may(INHERITS, flag()))).with("maxItems", 100))])
}

/// A page of a pool's queues.
#[must_use]
pub fn pool_queues() -> Schema {
    let row = object([
        must("queue_name", text().example("q1")),
        must("enterprise_project_id", text().example("0")),
        must("queue_type", one_of(&["sql", "general"])),
        must("queue_scaling_policies", list(policy(must(INHERITS, flag())))),
        must("owner", text().example("alice")),
        must("create_time", millis()),
        must("engine", text().example("spark")),
    ]);
    envelope([count(), must("queues", list(row.named("PoolQueue")))])
}
