use std::num::NonZeroU64;

use linkspan_model::QueueType;

use super::raw::{Query, bad};
use crate::error::ApiError;
use crate::words::Words;

/// The order of a list of queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueOrder {
    /// `queue_name_asc`, the default.
    #[default]
    NameAsc,
    /// `queue_name_desc`.
    NameDesc,
    /// `cu_asc`.
    CuAsc,
    /// `cu_desc`.
    CuDesc,
}

impl Words for QueueOrder {
    const TABLE: &'static [(&'static str, Self)] = &[
        ("queue_name_asc", Self::NameAsc),
        ("queue_name_desc", Self::NameDesc),
        ("cu_asc", Self::CuAsc),
        ("cu_desc", Self::CuDesc),
    ];
}

/// The parameters of `GET /v1.0/{project_id}/queues` (dli_02_0196).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQueuesQuery {
    /// Only queues of this type; none = `all`. An absent parameter means `sql`.
    pub queue_type: Option<QueueType>,
    /// Only queues that bear all of these tags.
    pub tags: Vec<(String, String)>,
    /// `with-priv`: whether to show who may use each queue.
    pub with_priv: bool,
    /// `with-charge-info`: whether to show how each queue is charged; Linkspan always does.
    pub with_charge_info: bool,
    /// `page-size`; none = everything on one page.
    pub page_size: Option<NonZeroU64>,
    /// `current-page`, counted from 1.
    pub current_page: NonZeroU64,
    /// The order.
    pub order: QueueOrder,
}

impl ListQueuesQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        let queue_type = match query.get("queue_type")? {
            None => Some(QueueType::Sql),
            Some(value) if value.eq_ignore_ascii_case("all") => None,
            Some(value) => {
                Some(QueueType::read_any_case(&value).ok_or_else(|| bad("queue_type", "sql, general or all", &value))?)
            }
        };
        Ok(Self {
            queue_type,
            tags: query.tags("tags")?,
            with_priv: query.bool("with-priv")?.unwrap_or(false),
            with_charge_info: query.bool("with-charge-info")?.unwrap_or(false),
            page_size: query.positive("page-size")?,
            current_page: query.positive("current-page")?.unwrap_or(NonZeroU64::MIN),
            order: query.word("order")?.unwrap_or_default(),
        })
    }

    /// How many queues come before the page, and how many are on it at most.
    #[must_use]
    pub fn page(&self) -> (usize, usize) {
        let Some(size) = self.page_size else {
            let skip = if self.current_page.get() == 1 { 0 } else { usize::MAX };
            return (skip, usize::MAX);
        };
        let skip = (self.current_page.get() - 1).saturating_mul(size.get());
        let clamp = |count| usize::try_from(count).unwrap_or(usize::MAX);
        (clamp(skip), clamp(size.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> ListQueuesQuery {
        ListQueuesQuery::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"))
    }

    #[test]
    fn what_clients_send() {
        let sdk = parse("queue_type=all&tags=k%3Dv&with-charge-info=false&with-priv=true");
        assert_eq!((sdk.queue_type, sdk.with_priv, sdk.with_charge_info), (None, true, false));
        assert_eq!(sdk.tags, [("k".to_owned(), "v".to_owned())]);
        assert_eq!(sdk.page(), (0, usize::MAX));
        assert_eq!(parse("page-size=100&current-page=3").page(), (200, 100));
        assert_eq!(parse("queue_type=General").queue_type, Some(QueueType::General));
        assert_eq!(parse("").queue_type, Some(QueueType::Sql));
        assert_eq!(parse("order=cu_desc").order, QueueOrder::CuDesc);
    }

    #[test]
    fn pages_past_the_end_do_not_wrap() {
        assert_eq!(parse("current-page=2").page(), (usize::MAX, usize::MAX));
        assert_eq!(parse("page-size=9223372036854775807&current-page=9223372036854775807").page().0, usize::MAX);
    }

    #[test]
    fn faults() {
        for (raw, text) in [
            ("queue_type=spark", "queue_type must be sql, general or all, got \"spark\""),
            ("page-size=0", "page-size must be an integer from 1 to 9223372036854775807, got \"0\""),
            ("current-page=-1", "current-page must be an integer from 1 to 9223372036854775807, got \"-1\""),
            ("order=x", "order must be one of queue_name_asc, queue_name_desc, cu_asc, cu_desc, got \"x\""),
            ("with-priv=yes", "with-priv must be true or false, got \"yes\""),
        ] {
            assert_eq!(ListQueuesQuery::parse(raw).unwrap_err().message(), text);
        }
    }
}
