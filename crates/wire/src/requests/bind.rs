use serde::Serialize;

use crate::error::ApiError;
use crate::json::Fields;

/// `POST …/{connection_id}/associate-queue` (dli_02_0191).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BindRequest {
    /// Queues, as sent, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<String>,
    /// Elastic resource pools, as sent, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elastic_resource_pools: Vec<String>,
}

/// `POST …/{connection_id}/disassociate-queue` (dli_02_0192): the body of a bind.
pub type UnbindRequest = BindRequest;

impl BindRequest {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value; also if neither array names anything.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        let request = Fields::of_body(body, |fields| {
            Ok(Self {
                queues: fields.names("queues")?,
                elastic_resource_pools: fields.names("elastic_resource_pools")?,
            })
        })?;
        if request.queues.is_empty() && request.elastic_resource_pools.is_empty() {
            return Err(ApiError::invalid("queues or elastic_resource_pools must name at least one queue or pool"));
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_array_is_enough() {
        for body in [
            r#"{"queues":["q1","q2"]}"#,
            r#"{"elastic_resource_pools":["pool_1"]}"#,
            r#"{"queues":["q1"],"elastic_resource_pools":["pool_1"]}"#,
        ] {
            let request = BindRequest::from_body(body.as_bytes()).unwrap();
            assert_eq!(serde_json::to_string(&request).unwrap(), body);
        }
    }

    #[test]
    fn nothing_named_is_refused() {
        for body in ["", "{}", r#"{"queues":[],"elastic_resource_pools":null}"#, r#"{"queues":""}"#] {
            let error = BindRequest::from_body(body.as_bytes()).unwrap_err();
            assert_eq!((error.status(), error.code().as_str()), (400, "DLI.0001"), "{body}");
        }
    }
}
