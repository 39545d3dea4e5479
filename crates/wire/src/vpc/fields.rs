//! What the bodies of VPCs, subnets and route tables have in common.

use std::net::IpAddr;

use jiff::Timestamp;
use linkspan_model::{Stamp, Tags, UnixMillis};

use crate::error::{ApiError, ErrorCode};
use crate::json::{Fields, Json, Place};
use crate::quote::Quoted;

/// Reads the object under `key` of a body; faults have this code.
pub(super) fn wrapped<T>(
    body: &[u8],
    (key, code): (&str, ErrorCode),
    read: impl FnOnce(Fields<'_, '_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let read = |fields: Fields<'_, '_>| fields.object(key, read)?.ok_or_else(|| fields.missing(key));
    Fields::of_body(body, read).map_err(|fault| fault.recoded(code))
}

/// A text of at most so many characters.
pub(super) fn short(fields: &Fields<'_, '_>, key: &str, most_chars: usize) -> Result<Option<Box<str>>, ApiError> {
    let Some(text) = fields.text(key)? else { return Ok(None) };
    if text.chars().count() > most_chars {
        let why = format!("must hold at most {most_chars} characters, got {}", Quoted(text));
        return Err(fields.place().key(key).fault(why));
    }
    Ok(Some(text.into()))
}

/// `name`.
pub(super) fn name(fields: &Fields<'_, '_>) -> Result<Option<Box<str>>, ApiError> {
    short(fields, "name", 64)
}

/// `description`, without angle brackets.
pub(super) fn description(fields: &Fields<'_, '_>) -> Result<Option<Box<str>>, ApiError> {
    let text = short(fields, "description", 255)?;
    match &text {
        Some(text) if text.contains(['<', '>']) => {
            let why = format!("must not contain < or >, got {}", Quoted(text));
            Err(fields.place().key("description").fault(why))
        }
        _ => Ok(text),
    }
}

/// An IP address as it was sent; the empty text stands for none.
pub(super) fn address(fields: &Fields<'_, '_>, key: &str) -> Result<Option<Box<str>>, ApiError> {
    let Some(text) = fields.text(key)? else { return Ok(None) };
    checked_address(text, fields.place().key(key)).map(Some)
}

fn checked_address(text: &str, place: Place<'_>) -> Result<Box<str>, ApiError> {
    if text.is_empty() || text.parse::<IpAddr>().is_ok() {
        return Ok(text.into());
    }
    Err(place.fault(format_args!("must be an IP address, got {}", Quoted(text))))
}

/// IP addresses, at most `most`; none if the key is absent.
pub(super) fn addresses(fields: &Fields<'_, '_>, key: &str, most: usize) -> Result<Option<Box<[Box<str>]>>, ApiError> {
    let texts = texts(fields, key, most)?;
    let place = fields.place().key(key);
    let checked = texts.iter().enumerate().map(|(index, text)| checked_address(text, place.index(index)));
    let checked = checked.collect::<Result<_, _>>()?;
    Ok(fields.get(key).map(|_| checked))
}

/// An array of texts, at most `most`.
pub(super) fn texts<'v>(fields: &Fields<'v, '_>, key: &str, most: usize) -> Result<Vec<&'v str>, ApiError> {
    let (items, place) = (fields.array(key)?, fields.place().key(key));
    if items.len() > most {
        return Err(place.fault(format_args!("must hold at most {most} entries")));
    }
    let text = |(index, item): (usize, &'v Json<'v>)| match item {
        Json::Text(text) => Ok(&**text),
        other => Err(place.index(index).fault(format_args!("must be a text, got {other}"))),
    };
    items.iter().enumerate().map(text).collect()
}

/// `tags` of a new VPC or subnet: `key*value` each (vpc_api01_0001), or `{"key","value"}` as everywhere else.
pub(super) fn new_tags(fields: &Fields<'_, '_>) -> Result<Tags, ApiError> {
    let place = fields.place().key("tags");
    let mut pairs = Vec::new();
    for (index, item) in fields.array("tags")?.iter().enumerate() {
        let place = place.index(index);
        pairs.push(match item {
            Json::Text(text) => {
                let fault = || place.fault(format_args!("must be key*value, got {}", Quoted(text)));
                text.split_once('*').ok_or_else(fault)?
            }
            other => {
                let tag = Fields::of_value(other, place)?;
                (tag.required_text("key")?, tag.text("value")?.unwrap_or_default())
            }
        });
    }
    Tags::parse(&pairs).map_err(|why| ApiError::invalid(why.to_string()))
}

/// When something was created, in the service's form: UTC, to the second.
pub(super) fn created_at(created: Stamp) -> String {
    time(created.millis())
}

/// When something was changed last.
pub(super) fn updated_at(created: Stamp, changed: Option<UnixMillis>) -> String {
    time(changed.unwrap_or_else(|| created.millis()))
}

fn time(millis: UnixMillis) -> String {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
