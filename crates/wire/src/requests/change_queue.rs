use linkspan_model::{Cidr4, QueueName};
use serde::Serialize;

use super::compute::{self, Properties};
use crate::error::ApiError;
use crate::json::Fields;
use crate::words::{self, Words};

/// `PUT /v1.0/{project_id}/queues/{queue_name}/action` (dli_02_0249).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueAction {
    /// What to do.
    #[serde(serialize_with = "words::write")]
    pub action: QueueActionKind,
    /// Whether to restart although jobs run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// By how many compute units to scale: a difference, not the new size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cu_count: Option<u32>,
}

/// What an action does to a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueActionKind {
    /// `restart`.
    Restart,
    /// `scale_out`.
    ScaleOut,
    /// `scale_in`.
    ScaleIn,
}

impl Words for QueueActionKind {
    const TABLE: &'static [(&'static str, Self)] =
        &[("restart", Self::Restart), ("scale_out", Self::ScaleOut), ("scale_in", Self::ScaleIn)];
}

impl QueueAction {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value; scaling needs `cu_count`.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let action = fields.word("action")?.ok_or_else(|| fields.missing("action"))?;
            let cu_count = compute::cu(&fields, "cu_count")?;
            if action != QueueActionKind::Restart && cu_count.is_none() {
                return Err(fields.missing("cu_count"));
            }
            Ok(Self { action, force: fields.bool("force")?.unwrap_or(false), cu_count })
        })
    }
}

/// `PUT /v1.0/{project_id}/queues/{queue_name}`: changes the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UpdateQueueCidr {
    /// The new network.
    pub cidr_in_vpc: Cidr4,
}

impl UpdateQueueCidr {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| Ok(Self { cidr_in_vpc: fields.required_parsed("cidr_in_vpc")? }))
    }
}

/// `POST` and `PUT /v3/{project_id}/queues/{queue_name}/properties`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetQueueProperties {
    /// Properties to set; others stay.
    #[serde(serialize_with = "compute::write_properties")]
    pub properties: Properties,
}

impl SetQueueProperties {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            fields.required("properties")?;
            Ok(Self { properties: compute::properties(&fields)? })
        })
    }
}

/// `DELETE /v3/{project_id}/queues/{queue_name}/properties`, which carries a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemoveQueueProperties {
    /// Keys to remove.
    pub keys: Vec<String>,
}

impl RemoveQueueProperties {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            fields.required("keys")?;
            Ok(Self { keys: fields.texts("keys")? })
        })
    }
}

/// `POST /v3/{project_id}/elastic-resource-pools/{name}/queues` (dli_02_0331): moves a queue into the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddQueueToPool {
    /// The queue.
    pub queue_name: QueueName,
}

impl AddQueueToPool {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| Ok(Self { queue_name: fields.required_parsed("queue_name")? }))
    }
}

/// `PUT /v3/{project_id}/elastic-resource-pools/{name}` (dli_02_0329); Terraform sends null for 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UpdatePool {
    /// New free text; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// Most compute units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cu: Option<u32>,
    /// Fewest compute units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_cu: Option<u32>,
}

impl UpdatePool {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            Ok(Self {
                description: compute::description(&fields)?,
                max_cu: compute::cu(&fields, "max_cu")?,
                min_cu: compute::cu(&fields, "min_cu")?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that a body is read and written back as it is.
    macro_rules! same {
        ($type:ident, $body:expr) => {
            let body: &str = $body;
            assert_eq!(serde_json::to_string(&$type::from_body(body.as_bytes()).unwrap()).unwrap(), body);
        };
    }

    #[test]
    fn what_clients_send() {
        same!(QueueAction, r#"{"action":"scale_out","cu_count":16}"#);
        same!(QueueAction, r#"{"action":"restart","force":true}"#);
        same!(UpdateQueueCidr, r#"{"cidr_in_vpc":"10.0.0.0/8"}"#);
        same!(SetQueueProperties, r#"{"properties":{"computeEngine.maxInstance":2,"job.x":"y"}}"#);
        same!(SetQueueProperties, r#"{"properties":{}}"#);
        same!(RemoveQueueProperties, r#"{"keys":["job.x"]}"#);
        same!(AddQueueToPool, r#"{"queue_name":"q1"}"#);
        same!(UpdatePool, r#"{"description":"x","max_cu":80,"min_cu":64}"#);
        same!(UpdatePool, r#"{"description":""}"#);
        let nulls = UpdatePool::from_body(br#"{"description":null,"max_cu":null,"min_cu":null}"#).unwrap();
        assert_eq!(nulls, UpdatePool::from_body(b"").unwrap());
    }

    #[test]
    fn faults_name_path_and_value() {
        let texts = [
            QueueAction::from_body(b"{}").unwrap_err(),
            QueueAction::from_body(br#"{"action":"stop"}"#).unwrap_err(),
            QueueAction::from_body(br#"{"action":"scale_in"}"#).unwrap_err(),
            QueueAction::from_body(br#"{"action":"restart","force":"false"}"#).unwrap_err(),
            UpdateQueueCidr::from_body(br#"{"cidr_in_vpc":"::/0"}"#).unwrap_err(),
            UpdateQueueCidr::from_body(b"{}").unwrap_err(),
            SetQueueProperties::from_body(b"{}").unwrap_err(),
            SetQueueProperties::from_body(br#"{"properties":{"a":[1]}}"#).unwrap_err(),
            RemoveQueueProperties::from_body(br#"{"keys":[""]}"#).unwrap_err(),
            RemoveQueueProperties::from_body(b"{}").unwrap_err(),
            AddQueueToPool::from_body(b"{}").unwrap_err(),
            UpdatePool::from_body(br#"{"max_cu":-16}"#).unwrap_err(),
        ]
        .map(|error| error.message().to_owned());
        insta::assert_snapshot!(texts.join("\n"));
    }
}
