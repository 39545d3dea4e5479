use std::num::NonZeroU64;

use super::raw::{Query, bad};
use crate::error::ApiError;

/// How many rows a list answers at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `limit=0`: every row from the offset on.
    All,
    /// This many.
    Rows(NonZeroU64),
}

impl Limit {
    /// What an absent `limit` means (dli_02_0190).
    pub const DEFAULT: Self = match NonZeroU64::new(100) {
        Some(rows) => Self::Rows(rows),
        None => Self::All,
    };

    pub(super) fn new(limit: u64) -> Self {
        NonZeroU64::new(limit).map_or(Self::All, Self::Rows)
    }

    /// The number of rows, `usize::MAX` for all.
    #[must_use]
    pub fn rows(self) -> usize {
        match self {
            Self::All => usize::MAX,
            Self::Rows(rows) => usize::try_from(rows.get()).unwrap_or(usize::MAX),
        }
    }
}

/// The direction of a list that is ordered by creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// `asc`: oldest first.
    Asc,
    /// `desc` or absent: newest first.
    #[default]
    Desc,
}

/// The filter `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// `ACTIVE`, in any letter case.
    Active,
    /// `DELETED`, in any letter case.
    Deleted,
}

/// The parameters of `GET /v2.0/{project_id}/datasource/enhanced-connections` (dli_02_0190).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConnectionsQuery {
    /// Most rows; 100 if absent.
    pub limit: Limit,
    /// Rows to skip; 0 if absent, at most 2^63-1.
    pub offset: u64,
    /// The direction; an addition of Linkspan.
    pub order: Order,
    /// Only rows of this status; none = the server's default.
    pub status: Option<StatusFilter>,
    /// Only the row of exactly this name; any text.
    pub name: Option<String>,
    /// Only rows that bear all of these tags.
    pub tags: Vec<(String, String)>,
}

impl Default for ListConnectionsQuery {
    fn default() -> Self {
        Self { limit: Limit::DEFAULT, offset: 0, order: Order::Desc, status: None, name: None, tags: Vec::new() }
    }
}

impl ListConnectionsQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value; of several faults the first of limit, offset, order,
    /// status, tags, name.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        if raw_query.is_empty() {
            return Ok(Self::default());
        }
        let query = Query::new(raw_query);
        let limit = query.limit(Limit::DEFAULT)?;
        let offset = query.offset()?;
        let order = match query.get("order")?.as_deref() {
            None | Some("desc") => Order::Desc,
            Some("asc") => Order::Asc,
            Some(other) => return Err(bad("order", "asc or desc", other)),
        };
        let status = match query.get("status")? {
            None => None,
            Some(value) if value.eq_ignore_ascii_case("ACTIVE") => Some(StatusFilter::Active),
            Some(value) if value.eq_ignore_ascii_case("DELETED") => Some(StatusFilter::Deleted),
            Some(other) => return Err(bad("status", "ACTIVE or DELETED", &other)),
        };
        let tags = query.tags("tags")?;
        let name = query.get("name")?.map(std::borrow::Cow::into_owned);
        Ok(Self { limit, offset, order, status, name, tags })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(raw: &str) -> ListConnectionsQuery {
        ListConnectionsQuery::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"))
    }

    fn fault(raw: &str) -> String {
        let error = ListConnectionsQuery::parse(raw).unwrap_err();
        assert_eq!((error.status(), error.code().as_str()), (400, "DLI.0001"), "{raw}");
        error.message().to_owned()
    }

    #[test]
    fn defaults() {
        for raw in ["", "limit=&offset=&order=&status=&name=&tags=", "foo=bar&&", "Limit=3"] {
            assert_eq!(parse(raw), ListConnectionsQuery::default(), "{raw}");
        }
        assert_eq!(ListConnectionsQuery::default().limit.rows(), 100);
    }

    #[test]
    fn limits() {
        assert_eq!(parse("limit=0").limit, Limit::All);
        assert_eq!(parse("limit=000").limit.rows(), usize::MAX);
        assert_eq!(parse("limit=007").limit.rows(), 7);
        assert_eq!(parse("offset=9223372036854775807").offset, i64::MAX as u64);
        assert_eq!(parse("limit=1&limit=x").limit.rows(), 1);
    }

    #[test]
    fn the_python_sdk_s_queries() {
        let all = parse("limit=10&name=withvpc&offset=20&status=active&tags=tag1%3Dv1%2Ctag2%3Dv2");
        assert_eq!((all.limit.rows(), all.offset, all.status), (10, 20, Some(StatusFilter::Active)));
        assert_eq!(all.name.as_deref(), Some("withvpc"));
        assert_eq!(all.tags.len(), 2);
        let odd = parse(
            "name=%E8%BF%9E%E6%8E%A5%20%E4%B8%80%2F%E4%BA%8C%3F%26%3D%2B%25~%2A%21%27%28%29&tags=%E9%A1%B9%E7%9B%AE%3D%E6%B5%8B%E8%AF%95%2Ck%3D",
        );
        assert_eq!(odd.name.as_deref(), Some("连接 一/二?&=+%~*!'()"));
        assert_eq!(odd.tags, [("项目".into(), "测试".into()), ("k".into(), String::new())]);
        assert!(fault("limit=-1&offset=-5").starts_with("limit must be"));
    }

    #[test]
    fn faults_come_in_the_contract_s_order() {
        let mut parameters = ["tags=x", "status=x", "order=ASC", "offset=x", "limit=x"].to_vec();
        for first in ["limit", "offset", "order", "status", "tags"] {
            assert!(fault(&parameters.join("&")).starts_with(&format!("{first} must be")), "{first}");
            parameters.pop();
        }
        assert_eq!(fault("status=CREATING"), "status must be ACTIVE or DELETED, got \"CREATING\"");
        assert!(fault("name=%ff").starts_with("name is not valid UTF-8"));
        assert!(fault("limit=%ff").starts_with("limit is not valid UTF-8"));
        assert!(fault("status=+active").contains("\" active\""));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(raw in any::<String>()) {
            let _ = ListConnectionsQuery::parse(&raw);
        }

        #[test]
        fn any_known_value_is_read_or_refused(
            name in prop_oneof![Just("limit"), Just("offset"), Just("order"), Just("status"), Just("tags"), Just("name")],
            value in "[0-9a-z%+,=，.-]{0,30}",
        ) {
            if let Err(error) = ListConnectionsQuery::parse(&format!("{name}={value}")) {
                prop_assert!(error.message().starts_with(name));
            }
        }

        #[test]
        fn numbers_are_exact(limit in 1..=i64::MAX as u64, offset in 0..=i64::MAX as u64, zeros in 0usize..5) {
            let query = parse(&format!("offset={offset}&limit={}{limit}", "0".repeat(zeros)));
            prop_assert_eq!(query.limit, Limit::new(limit));
            prop_assert_eq!(query.offset, offset);
        }
    }
}
