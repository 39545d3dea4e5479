use linkspan_model::{ConnectionName, ExternalId, Hosts, Tags};
use serde::Serialize;

use super::parts;
use crate::error::ApiError;
use crate::json::Fields;

/// `POST /v2.0/{project_id}/datasource/enhanced-connections` (dli_02_0187).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreateConnection {
    /// The name.
    pub name: ConnectionName,
    /// The VPC of the data source.
    pub dest_vpc_id: ExternalId,
    /// The network id of the data source's subnet.
    pub dest_network_id: ExternalId,
    /// The route table of that subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routetable_id: Option<ExternalId>,
    /// Queues to bind, as sent, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<String>,
    /// Elastic resource pools to bind, as sent, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elastic_resource_pools: Vec<String>,
    /// Host records.
    #[serde(skip_serializing_if = "Hosts::is_empty", serialize_with = "parts::write_hosts")]
    pub hosts: Hosts,
    /// Tags.
    #[serde(skip_serializing_if = "parts::no_tags", serialize_with = "parts::write_tags")]
    pub tags: Tags,
}

impl CreateConnection {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            Ok(Self {
                name: fields.required_parsed("name")?,
                dest_vpc_id: fields.required_parsed("dest_vpc_id")?,
                dest_network_id: fields.required_parsed("dest_network_id")?,
                routetable_id: fields.parsed("routetable_id")?,
                queues: fields.names("queues")?,
                elastic_resource_pools: fields.names("elastic_resource_pools")?,
                hosts: parts::hosts(&fields)?,
                tags: parts::tags(&fields)?,
            })
        })
    }
}

#[cfg(test)]
#[path = "create_connection_tests.rs"]
mod tests;
