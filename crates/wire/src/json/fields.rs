use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use super::value::{Json, parse_object};
use crate::error::ApiError;

/// Where a value stands in the body; written like `hosts[2].ip`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'p> {
    Root,
    Key(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl<'p> Place<'p> {
    pub(crate) fn key(&'p self, key: &'p str) -> Self {
        Self::Key(self, key)
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self::Index(self, index)
    }

    pub(crate) fn fault(&self, why: impl fmt::Display) -> ApiError {
        ApiError::invalid(format!("{self} {why}"))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// The members of one object, read by name. Absent and null are the same.
///
/// Values live as long as the tree (`'v`), places only as long as the call that reads them (`'p`).
pub(crate) struct Fields<'v, 'p> {
    members: &'v [(Cow<'v, str>, Json<'v>)],
    place: Place<'p>,
}

impl<'v, 'p> Fields<'v, 'p> {
    /// Parses a body and reads it with `read`, which cannot keep the tree.
    pub(crate) fn of_body<T>(
        body: &[u8],
        read: impl FnOnce(Fields<'_, '_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let members = parse_object(body)?;
        read(Fields { members: &members, place: Place::Root })
    }

    /// The value as an object.
    pub(crate) fn of_value(value: &'v Json<'v>, place: Place<'p>) -> Result<Self, ApiError> {
        match value {
            Json::Object(members) => Ok(Self { members, place }),
            other => Err(place.fault(format_args!("must be an object, got {other}"))),
        }
    }

    pub(crate) fn place(&self) -> &Place<'p> {
        &self.place
    }

    pub(crate) fn members(&self) -> &'v [(Cow<'v, str>, Json<'v>)] {
        self.members
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'v Json<'v>> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, value)| value).filter(|value| **value != Json::Null)
    }

    pub(crate) fn missing(&self, key: &str) -> ApiError {
        self.place.key(key).fault("is required")
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<&'v str>, ApiError> {
        match self.get(key) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(other) => Err(self.place.key(key).fault(format_args!("must be a text, got {other}"))),
        }
    }

    pub(crate) fn required_text(&self, key: &str) -> Result<&'v str, ApiError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    /// A text in the form that its model type asks for; an empty text of an optional field counts as absent.
    pub(crate) fn parsed<T>(&self, key: &str) -> Result<Option<T>, ApiError>
    where
        T: std::str::FromStr<Err = linkspan_model::Invalid>,
    {
        match self.text(key)? {
            None | Some("") => Ok(None),
            Some(text) => self.parse(key, text).map(Some),
        }
    }

    pub(crate) fn required_parsed<T>(&self, key: &str) -> Result<T, ApiError>
    where
        T: std::str::FromStr<Err = linkspan_model::Invalid>,
    {
        self.parse(key, self.required_text(key)?)
    }

    fn parse<T>(&self, key: &str, text: &str) -> Result<T, ApiError>
    where
        T: std::str::FromStr<Err = linkspan_model::Invalid>,
    {
        text.parse().map_err(|why| ApiError::invalid(format!("{}: {why}", self.place.key(key))))
    }

    pub(crate) fn bool(&self, key: &str) -> Result<Option<bool>, ApiError> {
        match self.get(key) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(self.place.key(key).fault(format_args!("must be true or false, got {other}"))),
        }
    }

    pub(crate) fn int<T: TryFrom<i64>>(&self, key: &str, range: RangeInclusive<i64>) -> Result<Option<T>, ApiError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let int = match value {
            Json::Int(int) if range.contains(int) => T::try_from(*int).ok(),
            _ => None,
        };
        let fault = || {
            let expected = match range.clone().into_inner() {
                (low, high) if low == high => format!("must be {low}"),
                (low, high) => format!("must be an integer from {low} to {high}"),
            };
            self.place.key(key).fault(format_args!("{expected}, got {value}"))
        };
        int.map(Some).ok_or_else(fault)
    }

    pub(crate) fn array(&self, key: &str) -> Result<&'v [Json<'v>], ApiError> {
        match self.get(key) {
            None => Ok(&[]),
            Some(Json::Array(items)) => Ok(items),
            Some(other) => Err(self.place.key(key).fault(format_args!("must be an array, got {other}"))),
        }
    }

    /// Whether `key` is there and not null.
    ///
    /// # Errors
    /// It is not.
    pub(crate) fn required(&self, key: &str) -> Result<(), ApiError> {
        self.get(key).map(|_| ()).ok_or_else(|| self.missing(key))
    }

    /// Reads an object under `key`, if there is one.
    pub(crate) fn object<T>(
        &self,
        key: &str,
        read: impl FnOnce(Fields<'v, '_>) -> Result<T, ApiError>,
    ) -> Result<Option<T>, ApiError> {
        self.get(key).map(|value| read(Fields::of_value(value, self.place.key(key))?)).transpose()
    }

    /// Reads each object of the array under `key`.
    pub(crate) fn objects<T>(
        &self,
        key: &str,
        mut read: impl FnMut(&Fields<'v, '_>) -> Result<T, ApiError>,
    ) -> Result<Vec<T>, ApiError> {
        let place = self.place.key(key);
        let items = self.array(key)?;
        items.iter().enumerate().map(|(index, item)| read(&Fields::of_value(item, place.index(index))?)).collect()
    }
}
