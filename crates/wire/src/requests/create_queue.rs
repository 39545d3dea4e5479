use linkspan_model::{PoolName, QueueEngine, QueueName, QueueType, Tags};
use serde::Serialize;

use super::compute::{self, Properties};
use super::parts;
use crate::error::ApiError;
use crate::json::{Fields, Json};
use crate::words::{self, Words};

/// `POST /v1.0/{project_id}/queues` (dli_02_0194). What has a fixed default holds it when absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreateQueue {
    /// The name, folded to lower case.
    pub queue_name: QueueName,
    /// `sql` unless given.
    #[serde(serialize_with = "words::write", skip_serializing_if = "is_sql")]
    pub queue_type: QueueType,
    /// Free text, at most 256 characters.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: Box<str>,
    /// Compute units; how many are allowed is the engine's to say.
    pub cu_count: u32,
    /// 1, pay per use.
    #[serde(skip_serializing_if = "compute::is_pay_per_use")]
    pub charging_mode: i32,
    /// `0` unless given.
    #[serde(skip_serializing_if = "compute::is_default_enterprise_project")]
    pub enterprise_project_id: Box<str>,
    /// `x86_64` unless given.
    #[serde(serialize_with = "words::write", skip_serializing_if = "Platform::is_default")]
    pub platform: Platform,
    /// 0 shared, 1 dedicated; what an absent one means depends on the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_mode: Option<u8>,
    /// Such as `multi_az=2`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub labels: Box<[Box<str>]>,
    /// `basic` unless given.
    #[serde(serialize_with = "words::write", skip_serializing_if = "Feature::is_default")]
    pub feature: Feature,
    /// Tags.
    #[serde(skip_serializing_if = "parts::no_tags", serialize_with = "parts::write_tags")]
    pub tags: Tags,
    /// The pool to create it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elastic_resource_pool_name: Option<PoolName>,
    /// `spark` unless given.
    #[serde(serialize_with = "words::write", skip_serializing_if = "is_spark")]
    pub engine: QueueEngine,
    /// Such as `computeEngine.spark.nativeEnabled`.
    #[serde(skip_serializing_if = "Properties::is_empty", serialize_with = "compute::write_properties")]
    pub properties: Properties,
}

/// The processors of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Platform {
    /// `x86_64`.
    #[default]
    X86,
    /// `aarch64`.
    Aarch64,
}

/// The kind of compute of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Feature {
    /// `basic`.
    #[default]
    Basic,
    /// `ai`.
    Ai,
}

impl Words for Platform {
    const TABLE: &'static [(&'static str, Self)] = &[("x86_64", Self::X86), ("aarch64", Self::Aarch64)];
}

impl Words for Feature {
    const TABLE: &'static [(&'static str, Self)] = &[("basic", Self::Basic), ("ai", Self::Ai)];
}

impl Platform {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.word()
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Feature {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.word()
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_sql(queue_type: &QueueType) -> bool {
    *queue_type == QueueType::Sql
}

fn is_spark(engine: &QueueEngine) -> bool {
    *engine == QueueEngine::Spark
}

impl CreateQueue {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            Ok(Self {
                queue_name: fields.required_parsed("queue_name")?,
                queue_type: fields.word("queue_type")?.unwrap_or(QueueType::Sql),
                description: compute::description(&fields)?.unwrap_or_default(),
                cu_count: compute::cu(&fields, "cu_count")?.ok_or_else(|| fields.missing("cu_count"))?,
                charging_mode: compute::charging_mode(&fields)?,
                enterprise_project_id: compute::enterprise_project(&fields)?,
                platform: fields.word("platform")?.unwrap_or_default(),
                resource_mode: fields.int("resource_mode", 0..=1)?,
                labels: labels(&fields)?,
                feature: fields.word("feature")?.unwrap_or_default(),
                tags: parts::tags(&fields)?,
                elastic_resource_pool_name: fields.parsed("elastic_resource_pool_name")?,
                engine: fields.word("engine")?.unwrap_or(QueueEngine::Spark),
                properties: compute::properties(&fields)?,
            })
        })
    }
}

fn labels(fields: &Fields<'_, '_>) -> Result<Box<[Box<str>]>, ApiError> {
    let place = fields.place().key("labels");
    let read = |(index, item): (usize, &Json<'_>)| match item {
        Json::Text(label) => Ok(label.as_ref().into()),
        other => Err(place.index(index).fault(format_args!("must be a text, got {other}"))),
    };
    fields.array("labels")?.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> CreateQueue {
        CreateQueue::from_body(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    #[test]
    fn defaults_are_filled_in_and_not_written() {
        let queue = read(r#"{"queue_name":"Q1","cu_count":16}"#);
        assert_eq!((queue.queue_name.as_str(), queue.queue_type, queue.resource_mode), ("q1", QueueType::Sql, None));
        assert_eq!(serde_json::to_string(&queue).unwrap(), r#"{"queue_name":"q1","cu_count":16}"#);
    }

    #[test]
    fn everything_is_kept_and_written_back() {
        let body = r#"{"queue_name":"q1","queue_type":"general","description":"d","cu_count":64,"enterprise_project_id":"ep-1","platform":"aarch64","resource_mode":1,"labels":["multi_az=2"],"feature":"ai","tags":[{"key":"k","value":"v"}],"elastic_resource_pool_name":"pool_1","engine":"hetuEngine","properties":{"a":1,"b":"x\"y","c":true}}"#;
        let queue = read(body);
        assert_eq!(serde_json::to_string(&queue).unwrap(), body);
        assert_eq!(queue.properties.get("b").map(AsRef::as_ref), Some(r#""x\"y""#));
    }

    #[test]
    fn what_the_python_sdk_sends() {
        let queue = read(
            r#"{"queue_name": "q1", "queue_type": "general", "cu_count": 16, "resource_mode": 1, "tags": [{"key": "k", "value": "v"}], "elastic_resource_pool_name": "pool_1"}"#,
        );
        assert_eq!(queue.elastic_resource_pool_name.unwrap().as_str(), "pool_1");
    }

    #[test]
    fn faults_name_path_and_value() {
        let with = |members: &str| format!("{{\"queue_name\":\"q\",\"cu_count\":16,{members}}}");
        let texts: Vec<_> = [
            "{}".to_owned(),
            r#"{"queue_name":"_q"}"#.to_owned(),
            r#"{"queue_name":"q"}"#.to_owned(),
            r#"{"queue_name":"q","cu_count":"16"}"#.to_owned(),
            r#"{"queue_name":"q","cu_count":16.0}"#.to_owned(),
            r#"{"queue_name":"q","cu_count":99999999999999999999}"#.to_owned(),
            with(r#""queue_type":"SQL""#),
            with(r#""charging_mode":2"#),
            with(r#""resource_mode":2"#),
            with(r#""resource_mode":true"#),
            with(r#""labels":[1]"#),
            with(r#""platform":"arm""#),
            with(r#""enterprise_project_id":"a b""#),
            with(r#""properties":{"a":{}}"#),
            with(r#""properties":[]"#),
            with(&format!(r#""description":"{}""#, "d".repeat(257))),
        ]
        .map(|body| CreateQueue::from_body(body.as_bytes()).unwrap_err().message().to_owned())
        .into();
        insta::assert_snapshot!(texts.join("\n"));
    }
}
