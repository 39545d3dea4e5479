use super::raw::{Query, bad};
use crate::error::ApiError;

/// Most rows of a page.
const LONGEST_PAGE: u64 = 5000;

/// `GET /v3/projects` (iam_06_0001) and `GET /v3/users` (iam_08_0001).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListIdentitiesQuery {
    /// Exactly this name.
    pub name: Option<String>,
    /// Of this domain.
    pub domain_id: Option<String>,
    /// Of this parent, which for a project is its domain.
    pub parent_id: Option<String>,
    /// Enabled ones, or disabled ones.
    pub enabled: Option<bool>,
    /// Domains, or what is none.
    pub is_domain: Option<bool>,
    /// `page` and `per_page`, which have no effect without each other.
    page: Option<(u64, u64)>,
}

impl ListIdentitiesQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value: `page` counts from 1, `per_page` goes to 5 000.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        let text = |name| Ok::<_, ApiError>(query.get(name)?.map(std::borrow::Cow::into_owned));
        let page = query.positive("page")?;
        let per_page = query.positive("per_page")?.map(std::num::NonZeroU64::get);
        if let Some(long) = per_page.filter(|rows| *rows > LONGEST_PAGE) {
            return Err(bad("per_page", "an integer from 1 to 5000", &long.to_string()));
        }
        Ok(Self {
            name: text("name")?,
            domain_id: text("domain_id")?,
            parent_id: text("parent_id")?,
            enabled: query.bool("enabled")?,
            is_domain: query.bool("is_domain")?,
            page: page.zip(per_page).map(|(page, rows)| (page.get() - 1, rows)),
        })
    }

    /// The rows of the page that is asked for, out of all that match.
    pub fn paged<T>(&self, rows: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let (page, most) = self.page.unwrap_or((0, u64::MAX));
        let place = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
        rows.skip(place(page.saturating_mul(most))).take(place(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_pages() {
        let query =
            ListIdentitiesQuery::parse("name=a%20b&domain_id=d&enabled=True&is_domain=false&parent_id=").unwrap();
        assert_eq!((query.name.as_deref(), query.domain_id.as_deref()), (Some("a b"), Some("d")));
        assert_eq!((query.enabled, query.is_domain, query.parent_id), (Some(true), Some(false), None));
        let page = |raw: &str| ListIdentitiesQuery::parse(raw).unwrap().paged(1..=5).collect::<Vec<_>>();
        assert_eq!(page("page=2&per_page=2"), [3, 4]);
        assert_eq!(page("page=3&per_page=2"), [5]);
        assert_eq!(page("page=9223372036854775807&per_page=5000"), [0; 0]);
        for alone in ["", "page=2", "per_page=2"] {
            assert_eq!(page(alone).len(), 5, "{alone}");
        }
    }

    #[test]
    fn faults() {
        for (raw, text) in [
            ("page=0&per_page=1", "page must be an integer from 1"),
            ("per_page=5001", "per_page must be an integer from 1 to 5000, got \"5001\""),
            ("enabled=1", "enabled must be true or false"),
        ] {
            let fault = ListIdentitiesQuery::parse(raw).unwrap_err();
            assert!(fault.message().starts_with(text), "{}", fault.message());
        }
    }
}
