//! What users changed, newest first.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::error::{Problem, ProblemKind};
use crate::query::Query;

/// One accepted change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub time: Time,
    /// The cloud's name of the event where it has one (`createConnection`).
    pub action: String,
    /// What was acted on.
    pub resource: String,
    /// More, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The id in the answer's `X-Request-Id`.
    pub request_id: String,
    /// Who: the user's id; absent = the node itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The user's name at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The access key that signed; absent = a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// The caller's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
}

/// `GET /linkspan/v1/{project_id}/audit`, `GET /linkspan/v1/admin/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Newest first.
    pub events: Vec<AuditEvent>,
    /// Asks for the events before these as `before`; null = there are none.
    pub next: Option<String>,
}

/// The parameters of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditQuery {
    /// Most events, 1 to 1000; 100 if absent.
    pub limit: usize,
    /// Only events before this place: a revision, and a place within it.
    pub before: Option<(u64, u32)>,
}

impl AuditQuery {
    /// The most events of one page.
    pub const MOST: usize = 1000;

    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 naming the parameter.
    pub fn parse(raw_query: &str) -> Result<Self, Problem> {
        let query = Query::new(raw_query);
        let limit = match query.get("limit")? {
            None => 100,
            Some(text) => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let number = text.parse().ok().filter(|limit| digits && (1..=Self::MOST).contains(limit));
                number.ok_or_else(|| bad("limit must be an integer from 1 to 1000"))?
            }
        };
        let before = match query.get("before")? {
            None => None,
            Some(text) => Some(place(&text).ok_or_else(|| bad("before must be the member next of another page"))?),
        };
        Ok(Self { limit, before })
    }

    /// A place as `next` writes it.
    #[must_use]
    pub fn next((revision, n): (u64, u32)) -> String {
        format!("{revision}-{n}")
    }
}

fn bad(text: &str) -> Problem {
    Problem::new(ProblemKind::InvalidInput, text)
}

fn place(text: &str) -> Option<(u64, u32)> {
    let (revision, n) = text.split_once('-')?;
    Some((revision.parse().ok()?, n.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        assert_eq!(AuditQuery::parse("").unwrap(), AuditQuery { limit: 100, before: None });
        let next = format!("limit=1000&before={}", AuditQuery::next((7, 3)));
        assert_eq!(AuditQuery::parse(&next).unwrap(), AuditQuery { limit: 1000, before: Some((7, 3)) });
        for bad in ["limit=0", "limit=1001", "limit=%2B5", "limit=x", "before=7", "before=a-b", "before=%ff"] {
            assert_eq!(AuditQuery::parse(bad).unwrap_err().status(), 400, "{bad}");
        }
    }
}
