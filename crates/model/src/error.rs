/// Why a text or number is not a value of the model: which rule it breaks, in words for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    /// A reason, without the name of the field: whoever knows the field's path puts it in front.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Cuts a value that is quoted in an error, so that no message grows with its input.
#[must_use]
pub fn quote(value: &str) -> String {
    const LONGEST_QUOTE_CHARS: usize = 80;
    if value.chars().count() <= LONGEST_QUOTE_CHARS {
        return format!("\"{value}\"");
    }
    let head: String = value.chars().take(LONGEST_QUOTE_CHARS).collect();
    format!("\"{head}…\"")
}
