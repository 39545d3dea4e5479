use super::connections::Limit;
use super::raw::Query;
use crate::error::ApiError;
use crate::words::Words;

/// Where an elastic resource pool stands (dli_02_0327).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolStatus {
    /// `AVAILABLE`: every pool of Linkspan.
    Available,
    /// `SCALING`.
    Scaling,
    /// `CREATING`.
    Creating,
    /// `FAILED`.
    Failed,
}

impl Words for PoolStatus {
    const TABLE: &'static [(&'static str, Self)] = &[
        ("AVAILABLE", Self::Available),
        ("SCALING", Self::Scaling),
        ("CREATING", Self::Creating),
        ("FAILED", Self::Failed),
    ];
}

/// The parameters of `GET /v3/{project_id}/elastic-resource-pools` (dli_02_0327).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPoolsQuery {
    /// Most rows; 100 if absent.
    pub limit: Limit,
    /// Rows to skip.
    pub offset: u64,
    /// Only pools whose name holds this text, in any letter case.
    pub name: Option<String>,
    /// Only pools that stand so.
    pub status: Option<PoolStatus>,
    /// Only pools that bear all of these tags.
    pub tags: Vec<(String, String)>,
}

impl ListPoolsQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        Ok(Self {
            limit: query.limit(Limit::DEFAULT)?,
            offset: query.offset()?,
            name: query.get("name")?.map(std::borrow::Cow::into_owned),
            status: query.word("status")?,
            tags: query.tags("tags")?,
        })
    }
}

/// The parameters of `GET /v3/{project_id}/elastic-resource-pools/{name}/queues` (dli_02_0330).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPoolQueuesQuery {
    /// Most rows; 100 if absent.
    pub limit: Limit,
    /// Rows to skip.
    pub offset: u64,
    /// Only queues whose name holds this text, in any letter case.
    pub queue_name: Option<String>,
}

impl ListPoolQueuesQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        Ok(Self {
            limit: query.limit(Limit::DEFAULT)?,
            offset: query.offset()?,
            queue_name: query.get("queue_name")?.map(std::borrow::Cow::into_owned),
        })
    }
}

/// `limit` and `offset` alone, as the properties of a queue have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuery {
    /// Most rows; 1000 if absent.
    pub limit: Limit,
    /// Rows to skip.
    pub offset: u64,
}

impl PageQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the parameter and the value.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        Ok(Self { limit: query.limit(Limit::new(1000))?, offset: query.offset()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send() {
        let sdk = ListPoolsQuery::parse("limit=100&name=pool&offset=0&status=AVAILABLE").unwrap();
        assert_eq!((sdk.limit.rows(), sdk.offset, sdk.status), (100, 0, Some(PoolStatus::Available)));
        assert_eq!(sdk.name.as_deref(), Some("pool"));
        let queues = ListPoolQueuesQuery::parse("limit=10&offset=0&queue_name=q").unwrap();
        assert_eq!((queues.limit.rows(), queues.queue_name.as_deref()), (10, Some("q")));
        assert_eq!(PageQuery::parse("offset=3").unwrap(), PageQuery { limit: Limit::new(1000), offset: 3 });
    }

    #[test]
    fn faults() {
        let error = ListPoolsQuery::parse("status=ACTIVE").unwrap_err();
        assert_eq!(error.message(), "status must be one of AVAILABLE, SCALING, CREATING, FAILED, got \"ACTIVE\"");
        assert!(ListPoolQueuesQuery::parse("offset=x").is_err());
        assert!(PageQuery::parse("limit=x").is_err());
    }
}
