use linkspan_model::Hosts;
use serde::Serialize;

use super::parts;
use crate::error::ApiError;
use crate::json::Fields;

/// `PUT /v2.0/{project_id}/datasource/enhanced-connections/{connection_id}` (dli_02_0200): replaces every host record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UpdateHosts {
    /// The new records; absent or null clears them, which is how Terraform empties the list.
    #[serde(serialize_with = "parts::write_hosts")]
    pub hosts: Hosts,
}

impl UpdateHosts {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| Ok(Self { hosts: parts::hosts(&fields)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_empty_clear() {
        for body in ["", "{}", "{}\n", r#"{"hosts":null}"#, r#"{"hosts":[]}"#] {
            assert!(UpdateHosts::from_body(body.as_bytes()).unwrap().hosts.is_empty(), "{body:?}");
        }
    }

    #[test]
    fn order_and_case_are_kept() {
        let body = r#"{"hosts":[{"name":"B","ip":"10.0.0.2"},{"name":"a","ip":"10.0.0.1"}]}"#;
        let request = UpdateHosts::from_body(body.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), body);
    }

    #[test]
    fn the_fault_names_the_record() {
        let body = br#"{"hosts":[{"name":"a","ip":"10.0.0.1"},{"name":"A","ip":"10.0.0.2"}]}"#;
        let error = UpdateHosts::from_body(body).unwrap_err();
        assert_eq!(error.code().as_str(), "DLI.0001");
        assert!(error.message().starts_with("hosts[1].name \"A\""), "{}", error.message());
    }
}
