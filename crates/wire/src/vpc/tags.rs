use linkspan_model::Tags;
use serde::Serialize;

use crate::error::{ApiError, ErrorCode};
use crate::json::Fields;
use crate::quote::Quoted;
use crate::requests::{AddTags, RemoveTags, write_tags};
use crate::responses::to_bytes;

/// `POST /v2.0/{project_id}/vpcs/{vpc_id}/tags/action` (vpc_tag_0004), and the same of a subnet (subnet_tag_0004).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagChange {
    /// Tags to add, or whose values to replace.
    Create(Tags),
    /// The keys of tags to take away; their characters are not checked.
    Delete(Vec<String>),
}

impl TagChange {
    /// Reads a body; faults have this code.
    ///
    /// # Errors
    /// 400 naming the path and the value.
    pub fn from_body(body: &[u8], code: ErrorCode) -> Result<Self, ApiError> {
        let is_create = Fields::of_body(body, |fields| match fields.required_text("action")? {
            "create" => Ok(true),
            "delete" => Ok(false),
            other => {
                Err(fields.place().key("action").fault(format_args!("must be create or delete, got {}", Quoted(other))))
            }
        });
        let read = is_create.and_then(|is_create| match is_create {
            true => Ok(Self::Create(AddTags::from_body(body)?.tags)),
            false => {
                let tags = RemoveTags::from_body(body)?.tags;
                Ok(Self::Delete(tags.into_iter().map(|tag| tag.key).collect()))
            }
        });
        read.map_err(|fault| fault.recoded(code))
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(serialize_with = "write_tags")]
    tags: &'a Tags,
}

/// The tags of a VPC or subnet (vpc_tag_0002, subnet_tag_0002).
#[must_use]
pub fn show_tags(tags: &Tags) -> Vec<u8> {
    to_bytes(&Shown { tags })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send() {
        let read = |body: &str| TagChange::from_body(body.as_bytes(), ErrorCode::SubnetInvalid);
        let set = read(r#"{"action":"create","tags":[{"key":"a","value":"1"}]}"#).unwrap();
        assert_eq!(set, TagChange::Create(Tags::parse(&[("a", "1")]).unwrap()));
        let unset = read(r#"{"action":"delete","tags":[{"key":"a,b"}]}"#).unwrap();
        assert_eq!(unset, TagChange::Delete(vec!["a,b".into()]));
        for bad in ["", r#"{"action":"filter","tags":[]}"#, r#"{"action":"create"}"#, r#"{"tags":[]}"#] {
            assert_eq!(read(bad).unwrap_err().code(), ErrorCode::SubnetInvalid, "{bad}");
        }
        assert_eq!(show_tags(&Tags::parse(&[("a", "")]).unwrap()), br#"{"tags":[{"key":"a","value":""}]}"#);
    }
}
