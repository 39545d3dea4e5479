use linkspan_model::Tags;
use serde::Serialize;

use super::parts;
use crate::error::ApiError;
use crate::json::Fields;

/// `POST /v3/{project_id}/{resource_type}/{resource_id}/tags/create` (dli_02_0396).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddTags {
    /// Tags to add, or whose values to replace.
    #[serde(serialize_with = "parts::write_tags")]
    pub tags: Tags,
}

impl AddTags {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            fields.required("tags")?;
            Ok(Self { tags: parts::tags(&fields)? })
        })
    }
}

/// `POST /v3/{project_id}/{resource_type}/{resource_id}/tags/delete` (dli_02_0397); the key alone decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemoveTags {
    /// Tags to remove; their characters are not checked.
    pub tags: Vec<TagHandle>,
}

/// A tag by its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagHandle {
    /// The key, not empty, blanks around it trimmed.
    pub key: String,
}

impl RemoveTags {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value; also for more than 20 tags.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            fields.required("tags")?;
            if fields.array("tags")?.len() > Tags::MOST {
                return Err(fields.place().key("tags").fault(format_args!("must hold at most {} tags", Tags::MOST)));
            }
            let tags = fields.objects("tags", |tag| {
                tag.text("value")?;
                match tag.required_text("key")?.trim() {
                    "" => Err(tag.place().key("key").fault("must not be empty")),
                    key => Ok(TagHandle { key: key.to_owned() }),
                }
            })?;
            Ok(Self { tags })
        })
    }
}

/// `POST /v3/{project_id}/{resource_type}/resource-instances/filter` and `…/count` (dli_02_0399, dli_02_0398).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FilterResources {
    /// Only resources without any tag.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_any_tag: bool,
    /// Only resources that bear each of these keys with one of its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagFilter>,
    /// Only resources whose fields are these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<FieldFilter>,
}

/// A key and the values it may have; none = any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagFilter {
    /// The key.
    pub key: String,
    /// The values.
    pub values: Vec<String>,
}

/// A field and its value, such as `resource_name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFilter {
    /// The field.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl FilterResources {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value; also for more than 20 tags or matches.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            for key in ["tags", "matches"] {
                if fields.array(key)?.len() > Tags::MOST {
                    return Err(fields.place().key(key).fault(format_args!("must hold at most {}", Tags::MOST)));
                }
            }
            Ok(Self {
                without_any_tag: fields.bool("without_any_tag")?.unwrap_or(false),
                tags: fields.objects("tags", |tag| {
                    Ok(TagFilter { key: tag.required_text("key")?.to_owned(), values: tag_values(tag)? })
                })?,
                matches: fields.objects("matches", |field| {
                    Ok(FieldFilter {
                        key: field.required_text("key")?.to_owned(),
                        value: field.required_text("value")?.to_owned(),
                    })
                })?,
            })
        })
    }
}

/// Values may be empty texts, unlike names.
fn tag_values(tag: &Fields<'_, '_>) -> Result<Vec<String>, ApiError> {
    let place = tag.place().key("values");
    let read = |(index, value): (usize, &crate::json::Json<'_>)| match value {
        crate::json::Json::Text(text) => Ok(text.clone().into_owned()),
        other => Err(place.index(index).fault(format_args!("must be a text, got {other}"))),
    };
    tag.array("values")?.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_python_sdk_sends() {
        let body = r#"{"tags":[{"key":"k","value":"v"}]}"#;
        assert_eq!(serde_json::to_string(&AddTags::from_body(body.as_bytes()).unwrap()).unwrap(), body);
        assert_eq!(RemoveTags::from_body(body.as_bytes()).unwrap().tags, [TagHandle { key: "k".into() }]);
        let body = r#"{"tags":[{"key":"k","values":["v",""]}],"matches":[{"key":"resource_name","value":"t"}]}"#;
        assert_eq!(serde_json::to_string(&FilterResources::from_body(body.as_bytes()).unwrap()).unwrap(), body);
        assert_eq!(FilterResources::from_body(b"").unwrap(), FilterResources::default());
        let without = FilterResources::from_body(br#"{"without_any_tag": true, "tags": null}"#).unwrap();
        assert!(without.without_any_tag);
    }

    #[test]
    fn removal_does_not_check_characters() {
        let request = RemoveTags::from_body(br#"{"tags":[{"key":" _sys_a,b= "},{"key":"k","value":null}]}"#).unwrap();
        assert_eq!(request.tags[0].key, "_sys_a,b=");
    }

    #[test]
    fn faults_name_path_and_value() {
        assert_eq!(AddTags::from_body(b"{}").unwrap_err().message(), "tags is required");
        assert_eq!(RemoveTags::from_body(br#"{"tags":null}"#).unwrap_err().message(), "tags is required");
        let blank = RemoveTags::from_body(br#"{"tags":[{"key":" "}]}"#).unwrap_err();
        assert_eq!(blank.message(), "tags[0].key must not be empty");
        let many = format!("{{\"tags\":[{}]}}", vec![r#"{"key":"k","values":[]}"#; 21].join(","));
        assert!(
            RemoveTags::from_body(many.as_bytes()).is_err() && FilterResources::from_body(many.as_bytes()).is_err()
        );
        let typed = FilterResources::from_body(br#"{"tags":[{"key":"k","values":[1]}]}"#).unwrap_err();
        assert_eq!(typed.message(), "tags[0].values[0] must be a text, got 1");
    }
}
