//! A batch as columns: what it deletes, inserts and buries, each an array that one statement takes.

use std::collections::HashSet;

use linkspan_engine::place::{LAST_REVISION, MOST_ROWS, key};
use linkspan_engine::record::RecordKey;
use linkspan_engine::store::{AuditRow, Batch, CommitError, CommitId, Head, Loc, RecordChange};
use linkspan_model::UnixMillis;
use tokio_postgres::types::{ToSql, Type};

use crate::connection::Parameters;

/// No more bytes of bodies and events than this in a batch. A message of the protocol holds 1 GiB; a parameter that the
/// driver could not send would leave its statement out of a transaction that is committed nevertheless.
const MOST_BYTES: usize = 512 << 20;

/// What one transaction writes.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) commit_id: CommitId,
    pub(crate) create_time: UnixMillis,
    pub(crate) deleted: Keys,
    pub(crate) inserted: Keys,
    /// Of what is inserted, in the same order.
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) buried: Keys,
    pub(crate) audit: AuditRows,
}

/// Columns of rows by their place.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) at: Vec<i64>,
    pub(crate) kind: Vec<i16>,
    pub(crate) id: Vec<String>,
}

/// Columns of audit rows.
#[derive(Debug, Default)]
pub(crate) struct AuditRows {
    pub(crate) at: Vec<i64>,
    pub(crate) time: Vec<i64>,
    pub(crate) project: Vec<Option<String>>,
    pub(crate) event: Vec<Vec<u8>>,
}

impl Keys {
    pub(crate) fn push(&mut self, at: i64, record: &RecordKey) {
        self.at.push(at);
        self.kind.push(record.kind as i16);
        self.id.push(record.id.clone());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// The columns as parameters, and one more.
    pub(crate) fn parameters<'a>(&'a self, more: Option<(&'a (dyn ToSql + Sync), Type)>) -> Parameters<'a> {
        let mut parameters: Parameters<'a> =
            vec![(&self.at, Type::INT8_ARRAY), (&self.kind, Type::INT2_ARRAY), (&self.id, Type::TEXT_ARRAY)];
        parameters.extend(more);
        parameters
    }
}

impl AuditRows {
    pub(crate) fn push(&mut self, at: i64, row: &AuditRow) {
        self.at.push(at);
        self.time.push(row.time);
        self.project.push(row.project.as_ref().map(|project| project.as_str().to_owned()));
        self.event.push(row.event.clone());
    }

    /// The columns as parameters.
    pub(crate) fn parameters(&self) -> Parameters<'_> {
        vec![
            (&self.at, Type::INT8_ARRAY),
            (&self.time, Type::INT8_ARRAY),
            (&self.project, Type::TEXT_ARRAY),
            (&self.event, Type::BYTEA_ARRAY),
        ]
    }
}

impl Rows {
    /// The rows of a batch on a head; refused if no transaction could hold it.
    pub(crate) fn of(batch: &Batch, expected: &Head) -> Result<Self, CommitError> {
        let bodies = batch.changes.iter().filter_map(|change| change.body.as_ref()).map(Vec::len);
        let bytes = bodies.chain(batch.audit.iter().map(|row| row.event.len())).sum::<usize>();
        if batch.changes.len().max(batch.audit.len()) > MOST_ROWS
            || expected.revision >= LAST_REVISION
            || bytes > MOST_BYTES
        {
            let (count, revision) = (batch.changes.len(), expected.revision);
            return Err(CommitError::Refused(format!("{count} changes of {bytes} bytes on revision {revision}")));
        }
        let revision = expected.revision + 1;
        let mut rows = Self { commit_id: batch.commit_id, create_time: batch.create_time, ..Self::default() };
        rows.put_records(revision, &batch.changes);
        for (row, n) in batch.audit.iter().zip(0..) {
            rows.audit.push(key(Loc { revision, n }), row);
        }
        Ok(rows)
    }

    /// No transaction at all, but one that moves the head.
    pub(crate) fn none(commit_id: CommitId, create_time: UnixMillis) -> Self {
        Self { commit_id, create_time, ..Self::default() }
    }

    /// What the changes come to: a row of this batch that a later change of it replaces is never written.
    fn put_records(&mut self, revision: u64, changes: &[RecordChange]) {
        let mut replaced = HashSet::new();
        for (change, place) in changes.iter().zip(0_usize..) {
            match change.replaces {
                Some(old) if old.revision == revision && is_written(changes, change, (old, place)) => {
                    replaced.insert(old.n);
                }
                // A place of this batch that holds no such row holds none in the database either, which then says so.
                Some(old) => self.deleted.push(key(old), &change.key),
                None => {}
            }
        }
        for (change, n) in changes.iter().zip(0..) {
            let at = key(Loc { revision, n });
            match &change.body {
                Some(body) if !replaced.contains(&n) => {
                    self.inserted.push(at, &change.key);
                    self.bodies.push(body.clone());
                }
                Some(_) => {}
                None => self.buried.push(at, &change.key),
            }
        }
    }

    /// How many rows the trimming may take into account.
    pub(crate) fn audited(&self) -> u64 {
        self.audit.at.len() as u64
    }
}

/// Whether an earlier change of the batch wrote the row that a later one replaces.
fn is_written(changes: &[RecordChange], later: &RecordChange, (old, place): (Loc, usize)) -> bool {
    let earlier = usize::try_from(old.n).ok().filter(|n| *n < place).and_then(|n| changes.get(n));
    earlier.is_some_and(|earlier| earlier.key == later.key && earlier.body.is_some())
}

#[cfg(test)]
mod tests {
    use linkspan_engine::store::RECORD_FORMAT;
    use linkspan_testkit::batch::{at, audit, batch, connection, create, delete, update};

    use super::*;

    const HEAD: Head = Head { epoch: 1, revision: 4, commit_id: 0, create_time: 0, format: RECORD_FORMAT };

    #[test]
    fn a_row_that_the_batch_itself_replaces_is_not_written() {
        let changes = vec![
            create(connection(1), "one"),
            create(connection(2), "two"),
            update(at(5, 0), connection(1), "one!"),
            delete(at(5, 1), connection(2)),
            update(at(3, 9), connection(3), "three!"),
        ];
        let rows = Rows::of(&batch(7, changes), &HEAD).unwrap();
        assert_eq!(rows.inserted.at, [key(at(5, 2)), key(at(5, 4))]);
        assert_eq!(rows.bodies, [b"one!".to_vec(), b"three!".to_vec()]);
        assert_eq!((rows.deleted.at, rows.buried.at), (vec![key(at(3, 9))], vec![key(at(5, 3))]));
    }

    #[test]
    fn a_row_that_the_batch_did_not_write_is_looked_for_in_the_database() {
        for wrong in [at(5, 0), at(5, 1), at(5, 7)] {
            let changes = vec![create(connection(1), "one"), update(wrong, connection(2), "two")];
            let rows = Rows::of(&batch(7, changes), &HEAD).unwrap();
            assert_eq!(rows.deleted.at, [key(wrong)], "{wrong:?}");
        }
    }

    #[test]
    fn what_no_transaction_can_hold_is_refused() {
        let long = Batch { audit: vec![audit(1, None, "{}"); MOST_ROWS + 1], ..batch(7, vec![]) };
        assert!(matches!(Rows::of(&long, &HEAD), Err(CommitError::Refused(_))));
        let last = Head { revision: LAST_REVISION, ..HEAD };
        assert!(matches!(Rows::of(&batch(7, vec![]), &last), Err(CommitError::Refused(_))));
    }
}
