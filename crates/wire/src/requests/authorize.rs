use serde::Serialize;

use crate::error::ApiError;
use crate::json::Fields;
use crate::words::{self, Words};

/// `PUT /v1.0/{project_id}/authorization` (dli_02_0318).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authorize {
    /// The project to grant to, camel case on the wire; older pages call it `grant_project_id`.
    #[serde(rename = "projectId", skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The user to grant to; connections are granted to projects only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// What to do.
    #[serde(serialize_with = "words::write")]
    pub action: AuthorizeAction,
    /// On what.
    pub privileges: Vec<ObjectPrivileges>,
}

/// What an authorization call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizeAction {
    /// `grant`: adds.
    Grant,
    /// `revoke`: takes away.
    Revoke,
    /// `update`: replaces; an empty list takes everything away.
    Update,
}

impl Words for AuthorizeAction {
    const TABLE: &'static [(&'static str, Self)] =
        &[("grant", Self::Grant), ("revoke", Self::Revoke), ("update", Self::Update)];
}

/// Privileges on one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectPrivileges {
    /// Such as `edsconnections.{connection_id}`.
    pub object: String,
    /// Such as `BIND_QUEUE`.
    pub privileges: Vec<String>,
}

impl ObjectPrivileges {
    /// What precedes a connection's id.
    pub const CONNECTION_PREFIX: &'static str = "edsconnections.";

    /// The only privilege on a connection (dli_01_0691).
    pub const BIND_QUEUE: &'static str = "BIND_QUEUE";

    /// The connection's id, if the object is one.
    #[must_use]
    pub fn connection_id(&self) -> Option<&str> {
        self.object.strip_prefix(Self::CONNECTION_PREFIX)
    }
}

impl Authorize {
    /// The most objects in one call.
    const MOST: usize = 1000;

    /// Reads a body. Which objects and privileges exist is the engine's to say.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let project = match given(&fields, "projectId")? {
                Some(project) => Some(project),
                None => given(&fields, "grant_project_id")?,
            };
            fields.required("privileges")?;
            if fields.array("privileges")?.len() > Self::MOST {
                return Err(fields.place().key("privileges").fault(format_args!("must hold at most {}", Self::MOST)));
            }
            Ok(Self {
                project_id: project,
                user_name: given(&fields, "user_name")?,
                action: fields.word("action")?.ok_or_else(|| fields.missing("action"))?,
                privileges: fields.objects("privileges", |entry| {
                    Ok(ObjectPrivileges {
                        object: entry.required_text("object")?.to_owned(),
                        privileges: entry.texts("privileges")?,
                    })
                })?,
            })
        })
    }
}

/// A text that counts as absent when it is empty.
fn given(fields: &Fields<'_, '_>, key: &str) -> Result<Option<String>, ApiError> {
    Ok(fields.text(key)?.filter(|text| !text.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_python_sdk_and_terraform_send() {
        let body = r#"{"projectId":"p2","action":"grant","privileges":[{"object":"edsconnections.4c693ecc-bab8-4113-a838-129cedc9a563","privileges":["BIND_QUEUE"]}]}"#;
        let request = Authorize::from_body(body.as_bytes()).unwrap();
        assert_eq!(request.action, AuthorizeAction::Grant);
        assert_eq!(request.privileges[0].connection_id(), Some("4c693ecc-bab8-4113-a838-129cedc9a563"));
        assert_eq!(serde_json::to_string(&request).unwrap(), body);
        let older = body.replace("projectId", "grant_project_id");
        assert_eq!(Authorize::from_body(older.as_bytes()).unwrap(), request);
    }

    #[test]
    fn other_objects_and_empty_lists_are_read() {
        let body = br#"{"user_name":"u","action":"update","privileges":[{"object":"queues.q","privileges":[]}]}"#;
        let request = Authorize::from_body(body).unwrap();
        assert_eq!((request.privileges[0].connection_id(), request.privileges[0].privileges.len()), (None, 0));
    }

    #[test]
    fn faults_name_path_and_value() {
        for (body, text) in [
            ("{}", "privileges is required"),
            (r#"{"privileges":[]}"#, "action is required"),
            (r#"{"privileges":[],"action":"give"}"#, "action must be one of grant, revoke, update, got \"give\""),
            (r#"{"privileges":[{}],"action":"grant"}"#, "privileges[0].object is required"),
            (
                r#"{"privileges":[{"object":"o","privileges":"BIND_QUEUE"}],"action":"grant"}"#,
                "privileges[0].privileges must be an array, got \"BIND_QUEUE\"",
            ),
        ] {
            assert_eq!(Authorize::from_body(body.as_bytes()).unwrap_err().message(), text);
        }
    }
}
