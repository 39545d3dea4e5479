//! The contract's words for values of the model: one table for reading and writing each.

use linkspan_model::{QueueEngine, QueueType};

use crate::error::ApiError;
use crate::json::Fields;

/// A type whose values are words on the wire.
pub(crate) trait Words: Copy + PartialEq + 'static {
    const TABLE: &'static [(&'static str, Self)];

    fn word(self) -> &'static str {
        Self::TABLE.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }

    /// Reads a word exactly as the table spells it.
    fn read(text: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    /// Reads a word in any letter case, as query parameters are.
    fn read_any_case(text: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
    }

    /// The words as a fault lists them.
    fn list() -> String {
        let words: Vec<_> = Self::TABLE.iter().map(|(word, _)| *word).collect();
        words.join(", ")
    }
}

impl Words for QueueType {
    const TABLE: &'static [(&'static str, Self)] = &[("sql", Self::Sql), ("general", Self::General)];
}

impl Words for QueueEngine {
    const TABLE: &'static [(&'static str, Self)] = &[("spark", Self::Spark), ("hetuEngine", Self::HetuEngine)];
}

impl Fields<'_, '_> {
    /// A text that is one of the words of `W`; an empty one counts as absent.
    pub(crate) fn word<W: Words>(&self, key: &str) -> Result<Option<W>, ApiError> {
        let Some(text) = self.text(key)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let fault = || {
            let why = format!("must be one of {}, got {}", W::list(), crate::quote::Quoted(text));
            self.place().key(key).fault(why)
        };
        W::read(text).map(Some).ok_or_else(fault)
    }
}

/// Writes the word of a value, for `serialize_with`.
pub(crate) fn write<W: Words, S: serde::Serializer>(value: &W, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_word_that_reads_back() {
        for value in [QueueType::Sql, QueueType::General] {
            assert_eq!(QueueType::read(value.word()), Some(value));
        }
        for value in [QueueEngine::Spark, QueueEngine::HetuEngine] {
            assert_eq!(QueueEngine::read(value.word()), Some(value));
        }
        assert_eq!(QueueType::read("SQL"), None);
        assert_eq!(QueueType::read_any_case("SQL"), Some(QueueType::Sql));
    }

    #[test]
    fn a_fault_lists_the_words() {
        let read = |body: &str| Fields::of_body(body.as_bytes(), |fields| fields.word::<QueueType>("queue_type"));
        assert_eq!(read(r#"{"queue_type":""}"#).unwrap(), None);
        let error = read(r#"{"queue_type":"all"}"#).unwrap_err();
        assert_eq!(error.message(), "queue_type must be one of sql, general, got \"all\"");
    }
}
