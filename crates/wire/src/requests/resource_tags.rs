use linkspan_model::Tags;
use serde::Serialize;

use super::parts;
use crate::error::{ApiError, ErrorCode};
use crate::json::{Fields, Json};
use crate::quote::Quoted;
use crate::words::{self, Words};

/// What a path of the tag API is about (dli_02_0399); what Linkspan has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// `dli_enhanced_datasource`: a connection.
    Connection,
    /// `dli_queue`.
    Queue,
    /// `dli_elastic_resource_pool`.
    Pool,
}

impl Words for ResourceType {
    const TABLE: &'static [(&'static str, Self)] = &[
        ("dli_enhanced_datasource", Self::Connection),
        ("dli_queue", Self::Queue),
        ("dli_elastic_resource_pool", Self::Pool),
    ];
}

impl ResourceType {
    /// Types of the cloud that Linkspan has nothing of.
    const ELSEWHERE: [&'static str; 3] = ["dli_database", "dli_package_resource", "dli_flink_job"];

    /// Reads the segment of a path.
    ///
    /// # Errors
    /// 400 `DLI.0007` for a type that only the cloud has, 400 `DLI.0001` for no type at all.
    pub fn from_path(segment: &str) -> Result<Self, ApiError> {
        if let Some(known) = Self::read(segment) {
            return Ok(known);
        }
        if Self::ELSEWHERE.contains(&segment) {
            let text = format!("Linkspan has no resources of the type {segment}, only of {}", Self::list());
            return Err(ApiError::new(ErrorCode::NotSupported, text));
        }
        Err(ApiError::invalid(format!("resource_type must be one of {}, got {}", Self::list(), Quoted(segment))))
    }

    /// The word of the path.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.word()
    }
}

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
///
/// `tags_any`, `not_tags` and `not_tags_any` are the other filters of the cloud's tag service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FilterResources {
    /// Only resources without any tag; then no other filter on tags counts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_any_tag: bool,
    /// Only resources that bear each of these keys with one of its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagFilter>,
    /// Only resources that bear at least one of these keys with one of its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags_any: Vec<TagFilter>,
    /// Not the resources that bear each of these keys with one of its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_tags: Vec<TagFilter>,
    /// Not the resources that bear at least one of these keys with one of its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_tags_any: Vec<TagFilter>,
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

/// A field and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFilter {
    /// The field.
    #[serde(serialize_with = "words::write")]
    pub key: ResourceField,
    /// Its value.
    pub value: String,
}

/// A field that resources are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceField {
    /// `resource_name`: the name holds the value, in any letter case.
    Name,
    /// `resource_id`: exactly this one.
    Id,
}

impl Words for ResourceField {
    const TABLE: &'static [(&'static str, Self)] = &[("resource_name", Self::Name), ("resource_id", Self::Id)];
}

impl FilterResources {
    /// The most entries of each filter, and the most values of an entry.
    pub const MOST: usize = 20;

    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value; also for more than [`Self::MOST`] entries or values.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            Ok(Self {
                without_any_tag: fields.bool("without_any_tag")?.unwrap_or(false),
                tags: tag_filters(&fields, "tags")?,
                tags_any: tag_filters(&fields, "tags_any")?,
                not_tags: tag_filters(&fields, "not_tags")?,
                not_tags_any: tag_filters(&fields, "not_tags_any")?,
                matches: {
                    few(&fields, "matches")?;
                    fields.objects("matches", |field| {
                        let key = field.word("key")?.ok_or_else(|| field.missing("key"))?;
                        Ok(FieldFilter { key, value: sized(field, "value", 255)? })
                    })?
                },
            })
        })
    }
}

fn tag_filters(fields: &Fields<'_, '_>, name: &str) -> Result<Vec<TagFilter>, ApiError> {
    few(fields, name)?;
    fields.objects(name, |tag| Ok(TagFilter { key: sized(tag, "key", 128)?, values: tag_values(tag)? }))
}

fn few(fields: &Fields<'_, '_>, name: &str) -> Result<(), ApiError> {
    const MOST: usize = FilterResources::MOST;
    match fields.array(name)?.len() {
        0..=MOST => Ok(()),
        more => {
            let why = format_args!("must hold at most {MOST} entries, got {more}");
            Err(fields.place().key(name).fault(why))
        }
    }
}

/// A text of 1 to `most` characters.
fn sized(fields: &Fields<'_, '_>, key: &str, most: usize) -> Result<String, ApiError> {
    let text = fields.required_text(key)?;
    if (1..=most).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    let why = format!("must hold 1 to {most} characters, got {}", Quoted(text));
    Err(fields.place().key(key).fault(why))
}

/// Values may be empty texts, unlike names.
fn tag_values(tag: &Fields<'_, '_>) -> Result<Vec<String>, ApiError> {
    few(tag, "values")?;
    let place = tag.place().key("values");
    let read = |(index, value): (usize, &Json<'_>)| match value {
        Json::Text(text) => Ok(text.clone().into_owned()),
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
    #[test]
    fn every_filter_has_its_bounds() {
        let fault = |body: &str| FilterResources::from_body(body.as_bytes()).unwrap_err().message().to_owned();
        for name in ["tags", "tags_any", "not_tags", "not_tags_any", "matches"] {
            let many = format!("{{\"{name}\":[{}]}}", vec!["{}"; 21].join(","));
            assert_eq!(fault(&many), format!("{name} must hold at most 20 entries, got 21"));
        }
        let values = format!(r#"{{"tags_any":[{{"key":"k","values":[{}]}}]}}"#, vec![r#""v""#; 21].join(","));
        assert_eq!(fault(&values), "tags_any[0].values must hold at most 20 entries, got 21");
        assert_eq!(fault(r#"{"not_tags":[{"key":""}]}"#), "not_tags[0].key must hold 1 to 128 characters, got \"\"");
        assert_eq!(
            fault(r#"{"matches":[{"key":"owner","value":"a"}]}"#),
            "matches[0].key must be one of resource_name, resource_id, got \"owner\""
        );
        assert_eq!(fault(r#"{"matches":[{"key":"resource_id"}]}"#), "matches[0].value is required");
        assert_eq!(fault(r#"{"without_any_tag":"true"}"#), "without_any_tag must be true or false, got \"true\"");
    }

    #[test]
    fn types_of_a_path() {
        for known in [ResourceType::Connection, ResourceType::Queue, ResourceType::Pool] {
            assert_eq!(ResourceType::from_path(known.as_str()).unwrap(), known);
        }
        let fault = |segment: &str| ResourceType::from_path(segment).unwrap_err().to_string();
        assert!(
            fault("dli_flink_job").starts_with("400 DLI.0007: Linkspan has no resources of the type dli_flink_job")
        );
        assert!(fault("DLI_QUEUE").starts_with("400 DLI.0001: resource_type must be one of"));
    }
}
