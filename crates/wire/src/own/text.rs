use linkspan_model::Invalid;
use serde::{Deserialize, Serialize};

/// Text for people: at most 256 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FreeText(Box<str>);

impl FreeText {
    /// The most characters.
    pub const MOST_CHARS: usize = 256;

    /// The text.
    #[must_use]
    pub fn into_inner(self) -> Box<str> {
        self.0
    }
}

impl TryFrom<String> for FreeText {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if text.chars().count() > Self::MOST_CHARS || text.chars().any(char::is_control) {
            return Err(Invalid::new("must be at most 256 printable characters"));
        }
        Ok(Self(text.into()))
    }
}

impl From<FreeText> for String {
    fn from(text: FreeText) -> Self {
        text.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_256_printable_characters() {
        assert!(FreeText::try_from("连".repeat(256)).is_ok());
        assert!(FreeText::try_from("连".repeat(257)).is_err());
        assert!(FreeText::try_from("a\nb".to_owned()).is_err());
    }
}
