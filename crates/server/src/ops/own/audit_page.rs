//! Rows of the audit as the API shows them.

use linkspan_engine::store::{Loc, StoreError, StoredAudit};
use linkspan_model::UnixMillis;
use linkspan_wire::own::{AuditEvent, AuditPage, AuditQuery, Time};
use linkspan_wire::{Problem, ProblemKind};
use serde::Deserialize;

use crate::answer::Fault;

/// An event as the store keeps it.
#[derive(Deserialize)]
struct Stored {
    time: UnixMillis,
    action: String,
    resource: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    request_id: String,
    user_id: Option<String>,
    user_name: Option<String>,
    access_key: Option<String>,
    remote: Option<String>,
}

/// The place that a page begins before.
pub(super) fn before(query: &AuditQuery) -> Option<Loc> {
    query.before.map(|(revision, n)| Loc { revision, n })
}

/// A page of at most `limit` rows that were read.
pub(super) fn page(rows: &[StoredAudit], limit: usize) -> AuditPage {
    let last = rows.last().filter(|_| rows.len() >= limit);
    let next = last.map(|row| AuditQuery::next((row.at.revision, row.at.n)));
    AuditPage { events: rows.iter().filter_map(event).collect(), next }
}

fn event(row: &StoredAudit) -> Option<AuditEvent> {
    let read: Result<Stored, _> = serde_json::from_slice(&row.row.event);
    let stored = read
        .inspect_err(|why| tracing::warn!(revision = row.at.revision, %why, "an event of the audit can't be read"))
        .ok()?;
    let Stored { time, action, resource, detail, request_id, user_id, user_name, access_key, remote } = stored;
    let time = Time(time);
    Some(AuditEvent { time, action, resource, detail, request_id, user_id, user_name, access_key, remote })
}

/// The store did not hand over the audit.
pub(super) fn unread(why: StoreError) -> Fault {
    tracing::warn!(%why, "the audit can't be read");
    match why {
        StoreError::Unavailable(_) => {
            Problem::new(ProblemKind::Unavailable, "The audit can't be read now, try again in a moment.").into()
        }
        StoreError::Damaged(_) | StoreError::Format { .. } => {
            Problem::new(ProblemKind::Internal, "The audit can't be read.").into()
        }
    }
}
