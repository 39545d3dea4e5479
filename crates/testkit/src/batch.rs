//! Short ways to write down batches in tests.

use linkspan_engine::record::{Kind, Record, RecordKey, Setting};
use linkspan_engine::store::{AuditRow, Batch, CommitId, Loc, RecordChange};
use linkspan_model::UnixMillis;

/// The key of a connection named by a number; stores don't look into ids.
#[must_use]
pub fn connection(number: u32) -> RecordKey {
    RecordKey { kind: Kind::Connection, id: format!("00000000-0000-4000-8000-{number:012}") }
}

/// Writes a new record.
#[must_use]
pub fn create(key: RecordKey, body: &str) -> RecordChange {
    RecordChange { key, replaces: None, body: Some(body.into()) }
}

/// Writes a new setting: the smallest record that means something to the engine.
#[must_use]
pub fn setting(name: &str, value: &str) -> RecordChange {
    let record = Record::Setting(Setting { name: name.into(), value: value.into() });
    RecordChange { key: record.key(), replaces: None, body: Some(record.to_body()) }
}

/// Writes a record anew.
#[must_use]
pub fn update(at: Loc, key: RecordKey, body: &str) -> RecordChange {
    RecordChange { key, replaces: Some(at), body: Some(body.into()) }
}

/// Removes a record.
#[must_use]
pub fn delete(at: Loc, key: RecordKey) -> RecordChange {
    RecordChange { key, replaces: Some(at), body: None }
}

/// An audit row, of a project or of the administration.
///
/// # Panics
/// The project's id is not well-formed.
#[must_use]
pub fn audit(time: UnixMillis, project: Option<&str>, event: &str) -> AuditRow {
    AuditRow { time, project: project.map(|id| id.parse().unwrap()), event: event.into() }
}

/// A batch of changes without audit; its creation time is its id.
#[must_use]
pub fn batch(commit_id: CommitId, changes: Vec<RecordChange>) -> Batch {
    Batch { commit_id, create_time: commit_id as UnixMillis, changes, audit: Vec::new() }
}

/// A place.
#[must_use]
pub fn at(revision: u64, n: u32) -> Loc {
    Loc { revision, n }
}
