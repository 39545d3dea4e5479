//! Reading: the head, every record, what has changed, and the audit.

use std::pin::pin;

use futures_util::TryStreamExt;
use futures_util::future::join3;
use linkspan_engine::place::{first_of, key, of_key};
use linkspan_engine::record::{Kind, RecordKey};
use linkspan_engine::store::{AuditRow, Changes, Commit, Head, Loc, RECORD_FORMAT, StoredAudit, StoredRecord};
use linkspan_engine::transfer::{Row as Moved, Table};
use linkspan_model::ProjectId;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};
use uuid::Uuid;

use crate::connection::{Connection, Server};
use crate::error::Trouble;
use crate::sql::{BEGIN_SNAPSHOT, COMMIT, Sql};
use crate::trim::Kept;

/// Records that are handed over at once while loading.
const CHUNK: usize = 256;

/// Where the store stands, and what it keeps.
pub(crate) async fn head(connection: &Connection, sql: &Sql) -> Result<(Head, Kept), Trouble> {
    head_of(&connection.query(&sql.head, &Vec::new()).await?)
}

fn head_of(rows: &[Row]) -> Result<(Head, Kept), Trouble> {
    let [row] = rows else { return Err(Trouble::Damaged(format!("there are {} heads", rows.len()))) };
    if column::<Option<String>>(row, 7)?.as_deref() == Some("on") {
        return Err(Trouble::Unreachable("this one is set to be only read (default_transaction_read_only)".into()));
    }
    let head = Head {
        epoch: column::<Uuid>(row, 0)?.as_u128(),
        revision: count(row, 1)?,
        commit_id: column::<Uuid>(row, 2)?.as_u128(),
        create_time: column(row, 3)?,
        format: u32::try_from(column::<i32>(row, 4)?).map_err(|_| Trouble::Damaged("a negative format".into()))?,
    };
    Ok((head, Kept { oldest_commit: count(row, 5)?, audit_rows: count(row, 6)? }))
}

/// What was committed after `since`, and what the store keeps at the head that it leads to.
pub(crate) async fn changes(
    connection: &Connection,
    sql: &Sql,
    since: &Head,
) -> Result<(Changes, Head, Kept), Trouble> {
    let revision = i64::try_from(since.revision).unwrap_or(i64::MAX);
    let (of_revision, none) = (vec![(&revision as &(dyn ToSql + Sync), Type::INT8)], Vec::new());
    let begin = connection.execute(BEGIN_SNAPSHOT);
    let (begun, heads, known) =
        join3(begin, connection.query(&sql.head, &none), connection.query(&sql.commit_id, &of_revision)).await;
    begun?;
    let (head, kept) = head_of(&heads?)?;
    known_format(&head)?;
    let known = known?.first().map(|row| column::<Uuid>(row, 0)).transpose()?.map(|id| id.as_u128());
    let reload = match known {
        _ if since.epoch != head.epoch || since.revision > head.revision => Some(Changes::Diverged),
        None => Some(Changes::TooOld),
        Some(id) if id != since.commit_id => Some(Changes::Diverged),
        Some(_) => None,
    };
    if let Some(reload) = reload {
        connection.execute(COMMIT).await?;
        return Ok((reload, head, kept));
    }
    let first = first_of(since.revision.saturating_add(1));
    let from = vec![(&first as &(dyn ToSql + Sync), Type::INT8)];
    let commits = connection.query(&sql.commits_after, &of_revision);
    let (commits, changed, ended) =
        join3(commits, connection.query(&sql.changed_after, &from), connection.execute(COMMIT)).await;
    ended?;
    Ok((Changes::Since { commits: commits_of(&commits?, &changed?)?, head }, head, kept))
}

/// Refuses records that this release would misread.
fn known_format(head: &Head) -> Result<(), Trouble> {
    if head.format > RECORD_FORMAT { Err(Trouble::Newer(head.format)) } else { Ok(()) }
}

fn commits_of(commits: &[Row], changed: &[Row]) -> Result<Vec<Commit>, Trouble> {
    let mut changed = changed.iter().map(change_of).peekable();
    let mut all = Vec::with_capacity(commits.len());
    for row in commits {
        let (revision, commit_id) = (count(row, 0)?, column::<Uuid>(row, 1)?.as_u128());
        let mut records = Vec::new();
        while let Some(change) =
            changed.next_if(|change| change.as_ref().map_or(true, |(at, ..)| at.revision == revision))
        {
            records.push(change?);
        }
        all.push(Commit { revision, commit_id, records });
    }
    Ok(all)
}

fn change_of(row: &Row) -> Result<(Loc, RecordKey, Option<Vec<u8>>), Trouble> {
    Ok((place(row)?, record_key(row)?, column(row, 3)?))
}

/// Sends every live record as of one instant, then answers the head that they belong to.
pub(crate) async fn load(
    connection: &Connection,
    server: &Server,
    records: mpsc::Sender<Vec<StoredRecord>>,
) -> Result<(Head, Kept), Trouble> {
    let limit = server.answer_within;
    let slow = |_| Trouble::Slow(limit);
    timeout(limit, connection.execute(BEGIN_SNAPSHOT)).await.map_err(slow)??;
    let (head, kept) = timeout(limit, head(connection, &server.sql)).await.map_err(slow)??;
    known_format(&head)?;
    let none = std::iter::empty::<(&(dyn ToSql + Sync), Type)>();
    let rows = timeout(limit, connection.client().query_typed_raw(&server.sql.records, none)).await.map_err(slow)??;
    let mut rows = pin!(rows);
    let mut chunk = Vec::with_capacity(CHUNK);
    // How many there are is nobody's fault, so only each step has a limit.
    while let Some(row) = timeout(limit, rows.try_next()).await.map_err(slow)?? {
        chunk.push(StoredRecord { at: place(&row)?, key: record_key(&row)?, body: column(&row, 3)? });
        if chunk.len() == CHUNK {
            send(&records, &mut chunk).await?;
        }
    }
    send(&records, &mut chunk).await?;
    timeout(limit, connection.execute(COMMIT)).await.map_err(slow)??;
    Ok((head, kept))
}

async fn send(records: &mpsc::Sender<Vec<StoredRecord>>, chunk: &mut Vec<StoredRecord>) -> Result<(), Trouble> {
    let full = std::mem::replace(chunk, Vec::with_capacity(CHUNK));
    records.send(full).await.map_err(|_| Trouble::Unreachable("nobody takes the records any more".into()))
}

/// Audit rows of a project, newest first.
///
/// There is no index, since one would cost every commit; see the SQLite store.
pub(crate) async fn audit(
    connection: &Connection,
    sql: &Sql,
    (project, before, limit): (Option<ProjectId>, Option<Loc>, usize),
) -> Result<Vec<StoredAudit>, Trouble> {
    let name = project.as_ref().map(ProjectId::as_str);
    let (before, limit) = (before.map_or(i64::MAX, key), i64::try_from(limit).unwrap_or(i64::MAX));
    let parameters: Vec<(&(dyn ToSql + Sync), Type)> =
        vec![(&name, Type::TEXT), (&before, Type::INT8), (&limit, Type::INT8)];
    let rows = connection.query(&sql.audit, &parameters).await?;
    let row_of = |row: &Row| {
        let event = AuditRow { time: column(row, 1)?, project: project.clone(), event: column(row, 2)? };
        Ok(StoredAudit { at: place(row)?, row: event })
    };
    rows.iter().map(row_of).collect()
}

pub(crate) fn column<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Result<T, Trouble> {
    row.try_get(place).map_err(|error| Trouble::Damaged(error.to_string()))
}

/// A number that is never negative.
pub(crate) fn count(row: &Row, place: usize) -> Result<u64, Trouble> {
    let number: i64 = column(row, place)?;
    u64::try_from(number).map_err(|_| Trouble::Damaged(format!("{number} where a count should be")))
}

/// A row of a table that is moved as it lies.
pub(crate) fn row_of(table: Table, row: &Row) -> Result<Moved, Trouble> {
    Ok(match table {
        Table::Commits => Moved::Commit(count(row, 0)?, column::<Uuid>(row, 1)?.as_u128()),
        Table::Records => Moved::Record(StoredRecord { at: place(row)?, key: record_key(row)?, body: column(row, 3)? }),
        Table::Tombstones => Moved::Tombstone(place(row)?, record_key(row)?),
        Table::Audit => {
            let project: Option<&str> = column(row, 3)?;
            let project = project.map(str::parse).transpose();
            let project = project.map_err(|error| Trouble::Damaged(format!("a row of the audit: {error}")))?;
            let event = AuditRow { time: column(row, 1)?, project, event: column(row, 2)? };
            Moved::Audit(StoredAudit { at: place(row)?, row: event })
        }
    })
}

fn place(row: &Row) -> Result<Loc, Trouble> {
    let key = column(row, 0)?;
    of_key(key).ok_or_else(|| Trouble::Damaged(format!("a row lies at {key}")))
}

fn record_key(row: &Row) -> Result<RecordKey, Trouble> {
    let number: i16 = column(row, 1)?;
    let kind = u8::try_from(number).ok().and_then(Kind::from_number);
    let kind = kind.ok_or_else(|| Trouble::Damaged(format!("a record is of kind {number}")))?;
    Ok(RecordKey { kind, id: column(row, 2)? })
}
