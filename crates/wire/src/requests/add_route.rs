use linkspan_model::{Cidr, RouteName};
use serde::Serialize;

use crate::error::ApiError;
use crate::json::Fields;

/// `POST /v3/{project_id}/datasource/enhanced-connections/{connection_id}/routes` (dli_02_0371), and the same on the
/// deprecated v2.0 path (dli_02_0344), which Terraform uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddRoute {
    /// The name.
    pub name: RouteName,
    /// The destination as sent; a CIDR or a bare address.
    pub cidr: Box<str>,
}

impl AddRoute {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let name = fields.required_parsed("name")?;
            // The text is kept, since it is answered as sent; parsing it here only refuses what is none.
            let _: Cidr = fields.required_parsed("cidr")?;
            Ok(Self { name, cidr: fields.required_text("cidr")?.into() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_destination_is_kept_as_sent() {
        for cidr in ["10.1.0.0/16", "10.1.0.9/16", "127.0.0.0", "2407:C080:802:be7::/64"] {
            let body = format!("{{\"name\":\"r-1\",\"cidr\":\"{cidr}\"}}");
            let route = AddRoute::from_body(body.as_bytes()).unwrap();
            assert_eq!(serde_json::to_string(&route).unwrap(), body);
        }
    }

    #[test]
    fn faults_name_path_and_value() {
        for (body, text) in [
            ("{}", "name is required"),
            (r#"{"name":"r"}"#, "cidr is required"),
            (
                r#"{"name":"r","cidr":"10.0.0.0/33"}"#,
                "cidr: must be a CIDR such as 192.168.2.0/24, got \"10.0.0.0/33\"",
            ),
            (
                r#"{"name":"路由 1","cidr":"10.0.0.0/8"}"#,
                "name: must be 1 to 64 letters, digits, underscores or hyphens, got \"路由 1\"",
            ),
        ] {
            assert_eq!(AddRoute::from_body(body.as_bytes()).unwrap_err().message(), text);
        }
    }
}
