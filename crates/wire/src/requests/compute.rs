//! Parts that bodies of queues and pools share.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::ApiError;
use crate::json::{Fields, Json};
use crate::quote::Quoted;

/// The default enterprise project.
pub(super) const DEFAULT_ENTERPRISE_PROJECT: &str = "0";

/// Values of a queue's properties as JSON text, by key.
pub type Properties = BTreeMap<Box<str>, Box<str>>;

/// Free text of at most 256 characters.
pub(super) fn description(fields: &Fields<'_, '_>) -> Result<Option<Box<str>>, ApiError> {
    const MOST_CHARS: usize = 256;
    let Some(text) = fields.text("description")? else { return Ok(None) };
    if text.chars().count() > MOST_CHARS {
        let why = format!("must hold at most {MOST_CHARS} characters, got {}", Quoted(text));
        return Err(fields.place().key("description").fault(why));
    }
    Ok(Some(text.into()))
}

/// At most 128 letters, digits, `_` or `-` (dli_02_0326).
pub(super) fn enterprise_project(fields: &Fields<'_, '_>) -> Result<Box<str>, ApiError> {
    let text = match fields.text("enterprise_project_id")? {
        None | Some("") => return Ok(DEFAULT_ENTERPRISE_PROJECT.into()),
        Some(text) => text,
    };
    if text.len() > 128 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        let why = format!("must be at most 128 letters, digits, underscores or hyphens, got {}", Quoted(text));
        return Err(fields.place().key("enterprise_project_id").fault(why));
    }
    Ok(text.into())
}

/// Only 1, pay per use, exists (dli_02_0194, dli_02_0326).
pub(super) fn charging_mode(fields: &Fields<'_, '_>) -> Result<i32, ApiError> {
    Ok(fields.int("charging_mode", 1..=1)?.unwrap_or(1))
}

/// A number of compute units.
pub(super) fn cu(fields: &Fields<'_, '_>, key: &str) -> Result<Option<u32>, ApiError> {
    const MOST: i64 = i32::MAX as i64;
    fields.int(key, 0..=MOST)
}

/// The most characters of a property's key.
const MOST_KEY_CHARS: usize = 128;
/// The most bytes of a property's value.
const MOST_VALUE_BYTES: usize = 1024;

/// An object whose values are texts, integers or booleans, each of a bounded length; null values are left out.
pub(super) fn properties(fields: &Fields<'_, '_>) -> Result<Properties, ApiError> {
    let read = fields.object("properties", |object| {
        let mut properties = Properties::new();
        for (key, value) in object.members() {
            match value {
                Json::Null => continue,
                Json::Text(_) | Json::Int(_) | Json::Bool(_) => {}
                other => {
                    let why = format!("must be a text, an integer or a boolean, got {other}");
                    return Err(object.place().key(key).fault(why));
                }
            }
            // A text, an integer or a boolean cannot fail to serialise.
            let json = serde_json::to_string(value).unwrap_or_default();
            if !(1..=MOST_KEY_CHARS).contains(&key.chars().count()) || json.len() > MOST_VALUE_BYTES {
                let why =
                    format!("must have a key of 1 to {MOST_KEY_CHARS} characters and at most {MOST_VALUE_BYTES} bytes");
                return Err(object.place().key(&Quoted(key).to_string()).fault(why));
            }
            properties.insert(key.as_ref().into(), json.into());
        }
        Ok(properties)
    })?;
    Ok(read.unwrap_or_default())
}

pub(super) fn write_properties<S: Serializer>(properties: &Properties, serializer: S) -> Result<S::Ok, S::Error> {
    let entries = properties.iter().map(|(key, json)| (key, RawJson(json)));
    serializer.collect_map(entries)
}

/// JSON text that is written as it is.
struct RawJson<'a>(&'a str);

impl Serialize for RawJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value: &RawValue = serde_json::from_str(self.0).map_err(serde::ser::Error::custom)?;
        value.serialize(serializer)
    }
}

pub(super) fn is_default_enterprise_project(id: &str) -> bool {
    id == DEFAULT_ENTERPRISE_PROJECT
}

pub(super) fn is_pay_per_use(charging_mode: &i32) -> bool {
    *charging_mode == 1
}
