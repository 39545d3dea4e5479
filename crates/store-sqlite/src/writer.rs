//! Writing: one batch, one transaction, and what to do when its COMMIT fails.
//!
//! A COMMIT that fails with an I/O error leaves its frames in the log without counting them. This process won't see
//! them again, but the next one would find them complete after a crash and take them for committed. So before
//! anything is read or written again, a small commit is written over them and flushed: then the batch is surely not
//! applied. Until that succeeds nothing is answered.

use linkspan_engine::place::{LAST_REVISION, MOST_ROWS, key};
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Batch, CommitError, Head, Loc, RECORD_FORMAT, RecordChange};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, TransactionBehavior, params};

use crate::error::{of_commit, of_write};
use crate::lock::Lock;
use crate::opening::Opened;
use crate::read;
use crate::trim::Kept;

/// The one connection that writes.
pub(crate) struct Writer {
    connection: Connection,
    retention: Retention,
    kept: Kept,
    in_doubt: bool,
    // Given back only when the connection is closed.
    _lock: Lock,
}

impl Writer {
    pub(crate) fn new(Opened { connection, lock }: Opened, retention: Retention) -> rusqlite::Result<Self> {
        let kept = Kept::read(&connection)?;
        Ok(Self { connection, retention, kept, in_doubt: false, _lock: lock })
    }

    /// The connection, once no commit is in doubt.
    pub(crate) fn settled(&mut self) -> rusqlite::Result<&mut Connection> {
        if self.in_doubt {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Something must change, or SQLite writes no frame.
            tx.execute("UPDATE head SET settled = settled + 1", [])?;
            tx.commit()?;
            self.kept = Kept::read(&self.connection)?;
            self.in_doubt = false;
        }
        Ok(&mut self.connection)
    }

    /// How much history is kept.
    pub(crate) fn retention(&self) -> Retention {
        self.retention
    }

    /// Whether the last commit is in doubt.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Writes a batch if the head is still the expected one.
    pub(crate) fn commit(&mut self, batch: &Batch, expected: &Head) -> Result<Head, CommitError> {
        if batch.changes.len().max(batch.audit.len()) > MOST_ROWS || expected.revision >= LAST_REVISION {
            return Err(CommitError::Refused(format!(
                "{} changes on revision {}",
                batch.changes.len(),
                expected.revision
            )));
        }
        let refused = |error: rusqlite::Error| of_write(&error);
        self.settled().map_err(refused)?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        let revision = expected.revision + 1;
        move_head(&tx, batch, expected)?;
        write_records(&tx, revision, &batch.changes)?;
        write_audit(&tx, revision, batch).map_err(refused)?;
        let trimmed = self.kept.trim(&tx, &self.retention, (revision, batch)).map_err(refused)?;
        // Dropping the transaction after any error above rolls it back; `commit` does so itself.
        let committed = tx.commit().map_err(|error| of_commit(&error));
        self.in_doubt = matches!(committed, Err(CommitError::InDoubt(_)));
        committed?;
        self.kept = trimmed;
        let format = RECORD_FORMAT;
        Ok(Head { revision, commit_id: batch.commit_id, create_time: batch.create_time, format, ..*expected })
    }

    /// Brings the whole log into the database and empties it.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    /// Puts the last commit in doubt.
    #[cfg(test)]
    pub(crate) fn doubt(&mut self) {
        self.in_doubt = true;
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Moves the head on from the expected one, or says where it is.
fn move_head(tx: &Connection, batch: &Batch, expected: &Head) -> Result<(), CommitError> {
    let refused = |error: rusqlite::Error| of_write(&error);
    let sql = "UPDATE head
        SET revision = ?1, commit_id = ?2, create_time = ?3, format = ?4, audit_rows = audit_rows + ?5
        WHERE epoch = ?6 AND revision = ?7 AND commit_id = ?8 AND format <= ?4";
    let commit_id = batch.commit_id.to_be_bytes();
    let set = params![
        expected.revision + 1,
        commit_id,
        batch.create_time,
        RECORD_FORMAT,
        batch.audit.len(),
        expected.epoch.to_be_bytes(),
        expected.revision,
        expected.commit_id.to_be_bytes()
    ];
    let moved = tx.prepare_cached(sql).and_then(|mut statement| statement.execute(set)).map_err(refused)?;
    if moved == 0 {
        let head = read::head(tx).map_err(refused)?;
        return Err(if head.format > RECORD_FORMAT {
            CommitError::Refused(format!("the store has record format {}, this release {RECORD_FORMAT}", head.format))
        } else {
            CommitError::HeadMoved(head)
        });
    }
    let sql = "INSERT INTO commits VALUES (?1, ?2)";
    let row = params![expected.revision + 1, commit_id];
    tx.prepare_cached(sql).and_then(|mut statement| statement.execute(row)).map_err(refused)?;
    Ok(())
}

fn write_records(tx: &Connection, revision: u64, changes: &[RecordChange]) -> Result<(), CommitError> {
    let refused = |error: rusqlite::Error| of_write(&error);
    let prepare = |sql| tx.prepare_cached(sql).map_err(refused);
    let mut delete = prepare("DELETE FROM record WHERE at = ?1 AND kind = ?2 AND id = ?3")?;
    let mut insert = prepare("INSERT INTO record VALUES (?1, ?2, ?3, ?4)")?;
    let mut bury = prepare("INSERT INTO tombstone VALUES (?1, ?2, ?3)")?;
    for (change, n) in changes.iter().zip(0..) {
        let (at, kind, id) = (key(Loc { revision, n }), change.key.kind as u8, change.key.id.as_str());
        if let Some(old) = change.replaces {
            let gone = delete.execute(params![key(old), kind, id]).map_err(refused)?;
            if gone != 1 {
                let why = format!("{:?} is to be replaced at {old:?}, where it does not lie", change.key);
                return Err(CommitError::Damaged(why));
            }
        }
        let written = match &change.body {
            Some(body) => insert.execute(params![at, kind, id, Text(body)]),
            None => bury.execute(params![at, kind, id]),
        };
        written.map_err(refused)?;
    }
    Ok(())
}

fn write_audit(tx: &Connection, revision: u64, batch: &Batch) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4)")?;
    for (row, n) in batch.audit.iter().zip(0..) {
        let project = row.project.as_ref().map(|project| project.as_str());
        insert.execute(params![key(Loc { revision, n }), row.time, project, Text(&row.event)])?;
    }
    Ok(())
}

/// Bytes that are kept as text, so that people can read them, whatever they are.
struct Text<'a>(&'a [u8]);

impl ToSql for Text<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}
