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

/// `limit` and `offset` as the tag calls have them (dli_02_0399, dli_02_0501, dli_02_0513).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagPageQuery {
    /// Most rows, 1 to [`TagPageQuery::MOST`], which is also what an absent one means.
    pub limit: usize,
    /// Rows to skip.
    pub offset: u64,
}

impl TagPageQuery {
    /// The most rows of a page.
    pub const MOST: usize = 1000;

    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        let limit = query.between("limit", 1, Self::MOST as u64)?.and_then(|limit| usize::try_from(limit).ok());
        Ok(Self { limit: limit.unwrap_or(Self::MOST), offset: query.offset()? })
    }

    /// How many rows to pass over, and how many to take then.
    #[must_use]
    pub fn window(&self) -> (usize, usize) {
        (usize::try_from(self.offset).unwrap_or(usize::MAX), self.limit)
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

    #[test]
    fn a_page_has_one_to_a_thousand_rows() {
        assert_eq!(TagPageQuery::parse("offset=3").unwrap(), TagPageQuery { limit: 1000, offset: 3 });
        assert_eq!(TagPageQuery::parse("limit=1&offset=9223372036854775807").unwrap().window().1, 1);
        for bad in ["x", "0", "1001", "-1"] {
            let error = TagPageQuery::parse(&format!("limit={bad}")).unwrap_err();
            assert_eq!(error.message(), format!("limit must be an integer from 1 to 1000, got \"{bad}\""));
        }
    }
}
