use std::fmt;

/// Shows a caller's text in a fault, in quotation marks and cut, so that no message grows with its input.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl Quoted<'_> {
    const LONGEST_CHARS: usize = 80;
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = *self;
        match text.char_indices().nth(Self::LONGEST_CHARS) {
            None => write!(f, "\"{text}\""),
            Some((cut, _)) => write!(f, "\"{}…\"", text.get(..cut).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(Quoted("a").to_string(), "\"a\"");
        assert_eq!(Quoted(&"连".repeat(80)).to_string().chars().count(), 82);
        assert_eq!(Quoted(&"连".repeat(81)).to_string(), format!("\"{}…\"", "连".repeat(80)));
    }
}
