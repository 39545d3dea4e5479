use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lenient;

/// A queue of a list or of show (dli_02_0196, dli_02_0016); show writes four of the names in camel case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct QueueInfo {
    /// Its number.
    #[serde(deserialize_with = "lenient::int")]
    pub queue_id: i64,
    /// Its name.
    #[serde(alias = "queueName", deserialize_with = "lenient::or_default")]
    pub queue_name: String,
    /// `sql` or `general`; old regions also write `spark`.
    #[serde(alias = "queueType", deserialize_with = "lenient::or_default")]
    pub queue_type: String,
    /// Compute units.
    #[serde(alias = "cuCount", deserialize_with = "lenient::int")]
    pub cu_count: i64,
    /// How it is paid.
    #[serde(alias = "chargingMode", deserialize_with = "lenient::int")]
    pub charging_mode: i64,
    /// Free text.
    #[serde(deserialize_with = "lenient::or_default")]
    pub description: String,
    /// Who made it.
    #[serde(deserialize_with = "lenient::or_default")]
    pub owner: String,
    /// When, milliseconds since 1970 UTC.
    #[serde(deserialize_with = "lenient::int")]
    pub create_time: i64,
    /// Its resource id.
    #[serde(deserialize_with = "lenient::or_default")]
    pub resource_id: String,
    /// Its enterprise project.
    #[serde(deserialize_with = "lenient::or_default")]
    pub enterprise_project_id: String,
    /// The network asked for.
    #[serde(deserialize_with = "lenient::or_default")]
    pub cidr_in_vpc: String,
    /// The network it has.
    #[serde(deserialize_with = "lenient::or_default")]
    pub cidr_in_subnet: String,
    /// 0 shared, 1 dedicated.
    #[serde(deserialize_with = "lenient::int")]
    pub resource_mode: i64,
    /// `x86_64` or `aarch64`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub platform: String,
    /// Labels, written as an array or as one text.
    #[serde(deserialize_with = "lenient::texts")]
    pub labels: Vec<String>,
    /// `basic` or `ai`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub feature: String,
    /// The pool it lives in; empty = none.
    #[serde(deserialize_with = "lenient::or_default")]
    pub elastic_resource_pool_name: String,
    /// `spark` or `hetuEngine`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub engine: String,
}

/// A list of queues (dli_02_0196).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QueueList {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The page.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub queues: Vec<QueueInfo>,
}

/// The answer of show (dli_02_0016): the queue beside the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShownQueue {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The queue.
    #[serde(flatten)]
    pub queue: QueueInfo,
}

/// An elastic resource pool (dli_02_0327).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PoolInfo {
    /// Its number.
    #[serde(deserialize_with = "lenient::int")]
    pub id: i64,
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub elastic_resource_pool_name: String,
    /// Its resource id.
    #[serde(deserialize_with = "lenient::or_default")]
    pub resource_id: String,
    /// `AVAILABLE`, `SCALING`, `CREATING` or `FAILED`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub status: String,
    /// Why its creation failed.
    #[serde(deserialize_with = "lenient::or_default")]
    pub fail_reason: String,
    /// Who made it.
    #[serde(deserialize_with = "lenient::or_default")]
    pub owner: String,
    /// Free text.
    #[serde(deserialize_with = "lenient::or_default")]
    pub description: String,
    /// Fewest compute units.
    #[serde(deserialize_with = "lenient::int")]
    pub min_cu: i64,
    /// Most compute units.
    #[serde(deserialize_with = "lenient::int")]
    pub max_cu: i64,
    /// Compute units it has.
    #[serde(deserialize_with = "lenient::int")]
    pub actual_cu: i64,
    /// Compute units in use.
    #[serde(deserialize_with = "lenient::int")]
    pub current_cu: i64,
    /// How it is paid.
    #[serde(deserialize_with = "lenient::int")]
    pub charging_mode: i64,
    /// The network asked for.
    #[serde(deserialize_with = "lenient::or_default")]
    pub cidr_in_vpc: String,
    /// The network it has; only Linkspan says it.
    #[serde(deserialize_with = "lenient::or_default")]
    pub cidr_in_subnet: String,
    /// Whether it has IPv6 too.
    #[serde(deserialize_with = "lenient::flag")]
    pub ipv6_enable: bool,
    /// Its enterprise project.
    #[serde(deserialize_with = "lenient::or_default")]
    pub enterprise_project_id: String,
    /// When it was made, milliseconds since 1970 UTC.
    #[serde(deserialize_with = "lenient::int")]
    pub create_time: i64,
    /// When it last changed, milliseconds since 1970 UTC.
    #[serde(deserialize_with = "lenient::int")]
    pub update_time: i64,
    /// The names of its queues.
    #[serde(deserialize_with = "lenient::or_default")]
    pub queues: Vec<String>,
    /// Its labels.
    #[serde(deserialize_with = "lenient::or_default")]
    pub label: BTreeMap<String, String>,
}

/// A page of pools (dli_02_0327).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PoolList {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The page.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub elastic_resource_pools: Vec<PoolInfo>,
    /// How many match.
    #[serde(default, deserialize_with = "lenient::int")]
    pub count: i64,
}

/// A queue as its pool lists it (dli_02_0330).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PoolQueueInfo {
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub queue_name: String,
    /// Its scaling policies as they were written; null = none are told.
    pub queue_scaling_policies: serde_json::Value,
}

/// A page of a pool's queues (dli_02_0330).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PoolQueueList {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The page.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub queues: Vec<PoolQueueInfo>,
}

/// A property of a queue; its value is a text whatever it was set with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct QueueProperty {
    /// Its key.
    #[serde(deserialize_with = "lenient::or_default")]
    pub key: String,
    /// Its value.
    #[serde(deserialize_with = "lenient::or_default")]
    pub value: String,
}

/// The properties of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QueueProperties {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The page.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub properties: Vec<QueueProperty>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn show_and_list_are_one_type() {
        let list = r#"{"is_success":"true","queues":[{"queue_name":"q","queue_type":"spark","cu_count":16,"labels":["multi_az=2"],"charging_mode":"1","resource_mode":null}]}"#;
        let list: QueueList = serde_json::from_str(list).unwrap();
        let show = r#"{"is_success":true,"queueName":"q","queueType":"spark","cuCount":16,"chargingMode":1,"labels":"multi_az=2"}"#;
        let show: ShownQueue = serde_json::from_str(show).unwrap();
        assert_eq!(list.queues, [show.queue]);
    }

    #[test]
    fn policies_and_properties() {
        let body = r#"{"queues":[{"queue_name":"q","queue_scaling_policies":[{"priority":1}]},{"queue_name":"r"}]}"#;
        let list: PoolQueueList = serde_json::from_str(body).unwrap();
        assert_eq!(list.queues[0].queue_scaling_policies[0]["priority"], 1);
        assert!(list.queues[1].queue_scaling_policies.is_null());
        let body = r#"{"is_success":true,"properties":[{"key":"a","value":"1"},{"key":"b","value":null}]}"#;
        let list: QueueProperties = serde_json::from_str(body).unwrap();
        assert_eq!((list.properties[0].value.as_str(), list.properties[1].value.as_str()), ("1", ""));
    }

    #[test]
    fn a_pool_with_nulls() {
        let body = r#"{"elastic_resource_pools":[{"id":1026,"elastic_resource_pool_name":"p","label":null,"queues":null,"charging_mode":"1"}],"count":1}"#;
        let list: PoolList = serde_json::from_str(body).unwrap();
        let pool = &list.elastic_resource_pools[0];
        assert_eq!((pool.id, pool.charging_mode, pool.queues.len(), pool.label.len()), (1026, 1, 0, 0));
    }
}
