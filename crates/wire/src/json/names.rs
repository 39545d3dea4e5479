use std::collections::HashSet;

use super::fields::Place;
use super::{Fields, Json};
use crate::error::ApiError;

impl Fields<'_, '_> {
    /// A list of names: an array of texts, or one bare text (the getting-started page dli_02_0311 sends that).
    ///
    /// A repeated name (letter case ignored, as the service folds names) counts once, where it first came and as it
    /// was sent then.
    pub(crate) fn names(&self, key: &str) -> Result<Vec<String>, ApiError> {
        let place = self.place().key(key);
        let items = match self.get(key) {
            None => return Ok(Vec::new()),
            Some(Json::Array(items)) => items.as_slice(),
            Some(text @ Json::Text(_)) => std::slice::from_ref(text),
            Some(other) => return Err(place.fault(format_args!("must be an array of names, got {other}"))),
        };
        let mut seen = HashSet::with_capacity(items.len());
        let mut names = each_text(&place, items)?;
        names.retain(|name| seen.insert(name.to_ascii_lowercase()));
        Ok(names)
    }

    /// An array of non-empty texts, all kept.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, ApiError> {
        each_text(&self.place().key(key), self.array(key)?)
    }
}

fn each_text(place: &Place<'_>, items: &[Json<'_>]) -> Result<Vec<String>, ApiError> {
    let read = |(index, item): (usize, &Json<'_>)| match item {
        Json::Text(text) if !text.is_empty() => Ok(text.clone().into_owned()),
        other => Err(place.index(index).fault(format_args!("must be a non-empty name, got {other}"))),
    };
    items.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(body: &str) -> Result<Vec<String>, String> {
        Fields::of_body(body.as_bytes(), |fields| fields.names("queues")).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn an_array_or_one_bare_text() {
        assert_eq!(names(r#"{"queues":["b","a"]}"#).unwrap(), ["b", "a"]);
        assert_eq!(names(r#"{"queues":"a"}"#).unwrap(), ["a"]);
        for none in ["{}", r#"{"queues":null}"#, r#"{"queues":[]}"#] {
            assert!(names(none).unwrap().is_empty(), "{none}");
        }
    }

    #[test]
    fn a_repeated_name_counts_once() {
        assert_eq!(names(r#"{"queues":["Q1","q2","q1","Q2","q3"]}"#).unwrap(), ["Q1", "q2", "q3"]);
    }

    #[test]
    fn plain_texts_are_an_array_and_all_kept() {
        let texts = |body: &str| Fields::of_body(body.as_bytes(), |fields| fields.texts("keys"));
        assert_eq!(texts(r#"{"keys":["a","A","a"]}"#).unwrap(), ["a", "A", "a"]);
        assert_eq!(texts(r#"{"keys":"a"}"#).unwrap_err().message(), "keys must be an array, got \"a\"");
    }

    #[test]
    fn the_fault_names_the_element() {
        for (body, text) in [
            (r#"{"queues":["a",""]}"#, "queues[1] must be a non-empty name, got \"\""),
            (r#"{"queues":[null]}"#, "queues[0] must be a non-empty name, got null"),
            (r#"{"queues":[1]}"#, "queues[0] must be a non-empty name, got 1"),
            (r#"{"queues":[["a"]]}"#, "queues[0] must be a non-empty name, got an array"),
            (r#"{"queues":{}}"#, "queues must be an array of names, got an object"),
        ] {
            assert_eq!(names(body).unwrap_err(), text);
        }
        assert!(names(r#"{"queues":""}"#).is_err());
    }
}
