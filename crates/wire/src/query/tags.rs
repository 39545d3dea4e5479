use linkspan_model::Tags;

use super::raw::{Query, bad};
use crate::error::ApiError;

impl Query<'_> {
    /// A tag filter: `k=v` pairs split at `,` or `，` (dli_02_0190 prints both), each at its first `=`.
    ///
    /// Blanks around a pair are trimmed and empty items skipped; `k=` asks for the empty value.
    ///
    /// # Errors
    /// 400 `DLI.0001`: a pair without `=` or with an empty key, or more than 20 pairs.
    pub fn tags(self, name: &str) -> Result<Vec<(String, String)>, ApiError> {
        let Some(value) = self.get(name)? else { return Ok(Vec::new()) };
        let mut pairs = Vec::new();
        for pair in value.split([',', '，']).map(str::trim).filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some((key, value)) if !key.is_empty() => pairs.push((key.to_owned(), value.to_owned())),
                _ => return Err(bad(name, "pairs of the form key=value joined by commas", pair)),
            }
            if pairs.len() > Tags::MOST {
                return Err(ApiError::invalid(format!("{name} holds more than {} pairs", Tags::MOST)));
            }
        }
        Ok(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(raw: &str) -> Result<Vec<(String, String)>, String> {
        Query::new(raw).tags("tags").map_err(|error| error.message().to_owned())
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn both_commas_split_and_the_first_equals_sign_parts() {
        let both = pairs(&[("tag1", "v1"), ("tag2", "v2")]);
        for raw in [
            "tags=tag1=v1,tag2=v2",
            "tags=tag1%3Dv1%2Ctag2%3Dv2",
            "tags=tag1=v1%EF%BC%8Ctag2=v2",
            "tags=+tag1=v1+,%20tag2=v2,,",
        ] {
            assert_eq!(tags(raw).unwrap(), both, "{raw}");
        }
        assert_eq!(tags("tags=k=a=b").unwrap(), pairs(&[("k", "a=b")]));
        assert_eq!(tags("tags=k=").unwrap(), pairs(&[("k", "")]));
        assert_eq!(tags("tags=k=1,k=2").unwrap(), pairs(&[("k", "1"), ("k", "2")]));
    }

    #[test]
    fn nothing_left_is_absent() {
        for raw in ["", "tags", "tags=", "tags=,", "tags=%20,%EF%BC%8C"] {
            assert_eq!(tags(raw).unwrap(), vec![], "{raw}");
        }
    }

    #[test]
    fn faults() {
        let form = "tags must be pairs of the form key=value joined by commas, got ";
        assert_eq!(tags("tags=a=1,b").unwrap_err(), format!("{form}\"b\""));
        assert_eq!(tags("tags=%20=v").unwrap_err(), format!("{form}\"=v\""));
        let many: Vec<_> = (0..21).map(|i| format!("k{i}=v")).collect();
        assert!(tags(&format!("tags={}", many[..20].join(","))).is_ok());
        assert_eq!(tags(&format!("tags={}", many.join(","))).unwrap_err(), "tags holds more than 20 pairs");
    }
}
