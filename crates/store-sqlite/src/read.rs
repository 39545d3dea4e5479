//! Reading: the head, every record, what has changed, and the audit.
//!
//! Each function reads inside the transaction or on the snapshot of its caller and knows nothing of threads.

use linkspan_engine::place::{first_of, key, of_key};
use linkspan_engine::record::{Kind, RecordKey};
use linkspan_engine::store::{AuditRow, Changes, Commit, Head, Loc, StoreError, StoredAudit, StoredRecord};
use linkspan_model::ProjectId;
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::of_read;

type Changed = (Loc, RecordKey, Option<Vec<u8>>);

/// The head.
pub(crate) fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT epoch, revision, commit_id, create_time, format FROM head";
    connection.prepare_cached(sql)?.query_row([], |row| {
        Ok(Head {
            epoch: u128::from_be_bytes(row.get(0)?),
            revision: row.get(1)?,
            commit_id: u128::from_be_bytes(row.get(2)?),
            create_time: row.get(3)?,
            format: row.get(4)?,
        })
    })
}

/// Hands over every live record.
pub(crate) fn records(connection: &Connection, each: &mut dyn FnMut(StoredRecord)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT at, kind, id, body FROM record")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(StoredRecord { at: place(row)?, key: record_key(row)?, body: bytes(row, 3)? });
    }
    Ok(())
}

/// What was committed after `since`.
pub(crate) fn changes(connection: &Connection, since: &Head) -> Result<Changes, StoreError> {
    let head = head(connection).map_err(|error| of_read(&error))?;
    if since.epoch != head.epoch || since.revision > head.revision {
        return Ok(Changes::Diverged);
    }
    let known = commit_id(connection, since.revision).map_err(|error| of_read(&error))?;
    match known {
        None => Ok(Changes::TooOld),
        Some(id) if id != since.commit_id => Ok(Changes::Diverged),
        Some(_) => {
            let commits = commits_after(connection, since.revision).map_err(|error| of_read(&error))?;
            Ok(Changes::Since { commits, head })
        }
    }
}

/// The name of a commit, unless it is forgotten.
pub(crate) fn commit_id(connection: &Connection, revision: u64) -> rusqlite::Result<Option<u128>> {
    let sql = "SELECT commit_id FROM commits WHERE revision = ?1";
    let id = connection.prepare_cached(sql)?.query_row([revision], |row| row.get(0)).optional()?;
    Ok(id.map(u128::from_be_bytes))
}

fn commits_after(connection: &Connection, revision: u64) -> rusqlite::Result<Vec<Commit>> {
    let mut statement = connection.prepare_cached("SELECT revision, commit_id FROM commits WHERE revision > ?1")?;
    let commits = statement.query_map([revision], |row| {
        Ok(Commit { revision: row.get(0)?, commit_id: u128::from_be_bytes(row.get(1)?), records: Vec::new() })
    })?;
    let mut commits = commits.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut changed = changed_after(connection, revision)?.into_iter().peekable();
    for commit in &mut commits {
        while let Some(change) = changed.next_if(|(at, ..)| at.revision == commit.revision) {
            commit.records.push(change);
        }
    }
    Ok(commits)
}

/// Records and tombstones by place.
fn changed_after(connection: &Connection, revision: u64) -> rusqlite::Result<Vec<Changed>> {
    let sql = "SELECT at, kind, id, body FROM record WHERE at >= ?1
        UNION ALL SELECT at, kind, id, NULL FROM tombstone WHERE at >= ?1 ORDER BY at";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([first_of(revision.saturating_add(1))], |row| {
        let is_tombstone = row.get_ref(3)?.data_type() == Type::Null;
        Ok((place(row)?, record_key(row)?, if is_tombstone { None } else { Some(bytes(row, 3)?) }))
    })?;
    rows.collect()
}

/// Audit rows of a project, newest first.
///
/// There is no index, since one would double what an audit row costs in a commit: the rows are passed over from the
/// newest on, a quarter of a second for a million of them, in a thread that may wait.
pub(crate) fn audit(
    connection: &Connection,
    project: Option<&ProjectId>,
    (before, limit): (Option<Loc>, usize),
) -> rusqlite::Result<Vec<StoredAudit>> {
    let sql = "SELECT at, time, project, event FROM audit
        WHERE at < ?2 AND project IS ?1 ORDER BY at DESC LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let (before, limit) = (before.map_or(i64::MAX, key), i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = statement.query_map(params![project.map(ProjectId::as_str), before, limit], |row| {
        let row_of = AuditRow { time: row.get(1)?, project: project.cloned(), event: bytes(row, 3)? };
        Ok(StoredAudit { at: place(row)?, row: row_of })
    })?;
    rows.collect()
}

pub(crate) fn place(row: &Row<'_>) -> rusqlite::Result<Loc> {
    let key = row.get(0)?;
    of_key(key).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, key))
}

pub(crate) fn record_key(row: &Row<'_>) -> rusqlite::Result<RecordKey> {
    let number: i64 = row.get(1)?;
    let kind = u8::try_from(number).ok().and_then(Kind::from_number);
    let kind = kind.ok_or(rusqlite::Error::IntegralValueOutOfRange(1, number))?;
    Ok(RecordKey { kind, id: row.get(2)? })
}

/// The bytes of a text, which are not looked into.
pub(crate) fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    let value = row.get_ref(column)?;
    let wrong =
        |error: FromSqlError| rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), error.into());
    value.as_bytes().map(<[u8]>::to_vec).map_err(wrong)
}
