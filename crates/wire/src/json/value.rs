use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::error::ApiError;
use crate::quote::Quoted;

/// The most values and keys in one body: 20 000 hosts need 100 001. Without a bound, a body of 12 MiB that holds
/// nothing but zeros would take hundreds of MiB as a tree.
pub(crate) const MOST_VALUES: usize = 500_000;

/// A body as a tree that borrows its texts from the bytes where no escape forbids it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A fraction, an exponent, or an integer outside of `i64`; kept only to be named in a fault.
    Float(f64),
    Text(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// The members of an object in the order sent, keys unique.
pub(crate) type Object<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// Reads a body whose top is an object; an empty body counts as `{}`.
pub(crate) fn parse_object(body: &[u8]) -> Result<Object<'_>, ApiError> {
    let text = std::str::from_utf8(body).map_err(|_| ApiError::invalid("The request body is not valid UTF-8"))?;
    if text.starts_with('\u{feff}') {
        return Err(ApiError::invalid("The request body starts with a byte order mark, send plain UTF-8"));
    }
    if text.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let count = Cell::new(0);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Node { count: &count }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|why| ApiError::invalid(format!("The request body is not acceptable JSON: {why}")))?;
    match value {
        Json::Object(members) => Ok(members),
        other => Err(ApiError::invalid(format!("The request body must be a JSON object, got {other}"))),
    }
}

/// Names what was sent, for a fault: texts cut, containers by kind.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Array(_) => f.write_str("an array"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

/// The JSON text again, for values that are stored as sent.
impl serde::Serialize for Json<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(key, value)| (key, value))),
        }
    }
}

/// Reads one value and counts it.
#[derive(Clone, Copy)]
struct Node<'c> {
    count: &'c Cell<usize>,
}

impl Node<'_> {
    fn counted<E: Error>(self) -> Result<(), E> {
        let count = self.count.get() + 1;
        self.count.set(count);
        if count > MOST_VALUES {
            return Err(E::custom(format_args!("more than {MOST_VALUES} keys and values")));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        self.counted()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(value).map_or(Json::Float(value as f64), Json::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json<'de>, A::Error> {
        let mut members = Object::new();
        let mut seen = Keys::default();
        while let Some(key) = entries.next_key_seed(Key)? {
            self.counted()?;
            if !seen.insert(&members, key.clone()) {
                return Err(A::Error::custom(format_args!("the key {} comes twice", Quoted(&key))));
            }
            members.push((key, entries.next_value_seed(self)?));
        }
        Ok(Json::Object(members))
    }
}

/// Finds a key that comes twice: by looking through few members, by a set once there are many.
#[derive(Default)]
struct Keys<'a>(HashSet<Cow<'a, str>>);

impl<'a> Keys<'a> {
    const FEW: usize = 16;

    fn insert(&mut self, members: &Object<'a>, key: Cow<'a, str>) -> bool {
        if members.len() < Self::FEW {
            return members.iter().all(|(known, _)| *known != key);
        }
        if self.0.is_empty() {
            self.0.extend(members.iter().map(|(known, _)| known.clone()));
        }
        self.0.insert(key)
    }
}

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
