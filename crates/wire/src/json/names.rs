use std::collections::HashSet;

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
        let mut names = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                Json::Text(name) if !name.is_empty() => {
                    if seen.insert(name.to_ascii_lowercase()) {
                        names.push(name.clone().into_owned());
                    }
                }
                other => return Err(place.index(index).fault(format_args!("must be a non-empty name, got {other}"))),
            }
        }
        Ok(names)
    }
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
