//! Moving everything that a store holds into an empty one, row by row as it lies.
//!
//! Invariants: what is read is one instant; a draft can't be opened as a store before it is published, and is published
//! only once every row of it was read back and found to be the source's; a move that broke off goes on where it was.
//! Records, revisions, commits and audit stay as they are, so answers do too.
//!
//! It must not know what a record means, except to check it. To add a backend: [`Rows`] for what it holds, [`Draft`] for
//! what is being made.

mod check;

use crate::place::key;
use crate::record::RecordKey;
use crate::store::{CommitId, Head, Loc, StoreError, StoredAudit, StoredRecord};

pub use self::check::{Report, check};

/// Rows that are handed over at once, at most.
pub const CHUNK_ROWS: usize = 1024;
/// Bytes of bodies and events that are handed over at once: no further row is added to so many.
pub const CHUNK_BYTES: usize = 16 << 20;

/// A table that every backend has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// The names of the commits that `changes` can start from.
    Commits,
    /// The live records.
    Records,
    /// What is left of deleted ones.
    Tombstones,
    /// The audit.
    Audit,
}

impl Table {
    /// All of them, in the order they are moved.
    pub const ALL: [Self; 4] = [Self::Commits, Self::Records, Self::Tombstones, Self::Audit];

    /// Its name in every backend.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Commits => "commits",
            Self::Records => "record",
            Self::Tombstones => "tombstone",
            Self::Audit => "audit",
        }
    }

    /// The column that its rows are ordered by.
    #[must_use]
    pub fn key(self) -> &'static str {
        if self == Self::Commits { "revision" } else { "at" }
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Of the commits.
    Commit(u64, CommitId),
    /// Of the live records.
    Record(StoredRecord),
    /// Of the tombstones.
    Tombstone(Loc, RecordKey),
    /// Of the audit.
    Audit(StoredAudit),
}

impl Row {
    /// Its key: the order of its table.
    #[must_use]
    pub fn place(&self) -> i64 {
        match self {
            Self::Commit(revision, _) => i64::try_from(*revision).unwrap_or(i64::MAX),
            Self::Record(record) => key(record.at),
            Self::Tombstone(at, _) => key(*at),
            Self::Audit(audit) => key(audit.at),
        }
    }
}

/// What a store holds at one instant. Blocks its caller.
pub trait Rows {
    /// The head.
    ///
    /// # Errors
    /// It can't be read.
    fn head(&mut self) -> Result<Head, StoreError>;

    /// The next rows of a table behind a place, in order: at least one if there is one, at most [`CHUNK_ROWS`] and about
    /// [`CHUNK_BYTES`].
    ///
    /// # Errors
    /// They can't be read.
    fn rows(&mut self, table: Table, behind: Option<i64>) -> Result<Vec<Row>, StoreError>;

    /// How many rows the audit has by the head's count.
    ///
    /// # Errors
    /// It can't be read.
    fn audit_rows(&mut self) -> Result<u64, StoreError>;
}

/// A store that is being made. Until it is published nothing opens it.
pub trait Draft {
    /// What was put there so far.
    fn written(&mut self) -> &mut dyn Rows;

    /// The last row of a table that an earlier try has put there.
    ///
    /// # Errors
    /// It can't be read.
    fn last(&mut self, table: Table) -> Result<Option<i64>, StoreError>;

    /// Adds rows of one table, all or none.
    ///
    /// # Errors
    /// They can't be written.
    fn put(&mut self, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Makes it a store that stands at `head`, durably.
    ///
    /// # Errors
    /// It can't be written; it stays a draft.
    fn publish(self: Box<Self>, head: &Head) -> Result<(), StoreError>;
}

/// Moves everything into a draft, reads it back, and publishes it under an epoch (none = the source's own). `progress`
/// learns how many rows were moved since it was last told.
///
/// # Errors
/// The source can't be read, the draft can't be written, or what was read back is not what was written. The draft stays
/// for another try.
pub fn transfer(
    source: &mut dyn Rows,
    mut draft: Box<dyn Draft>,
    epoch: Option<u128>,
    progress: &mut dyn FnMut(u64),
) -> Result<Head, StoreError> {
    let head = source.head()?;
    for table in Table::ALL {
        let mut behind = draft.last(table)?;
        loop {
            let rows = source.rows(table, behind)?;
            let Some(last) = rows.last() else { break };
            behind = Some(last.place());
            let count = rows.len() as u64;
            draft.put(rows)?;
            progress(count);
        }
    }
    for table in Table::ALL {
        compare(source, draft.written(), table)?;
    }
    let head = Head { epoch: epoch.unwrap_or(head.epoch), ..head };
    draft.publish(&head)?;
    Ok(head)
}

/// Reads a table of both, and finds every row in both.
fn compare(source: &mut dyn Rows, written: &mut dyn Rows, table: Table) -> Result<(), StoreError> {
    let (mut here, mut there) = (Cursor::new(table), Cursor::new(table));
    loop {
        let (one, other) = (here.next(source)?, there.next(written)?);
        if one != other {
            let place = one.or(other).map_or(0, |row| row.place());
            return Err(StoreError::Damaged(format!("the copy of {} differs at {place}", table.name())));
        }
        if one.is_none() {
            return Ok(());
        }
    }
}

/// Walks over the rows of a table.
struct Cursor {
    table: Table,
    behind: Option<i64>,
    read: std::vec::IntoIter<Row>,
}

impl Cursor {
    fn new(table: Table) -> Self {
        Self { table, behind: None, read: Vec::new().into_iter() }
    }

    fn next(&mut self, of: &mut dyn Rows) -> Result<Option<Row>, StoreError> {
        if self.read.as_slice().is_empty() {
            self.read = of.rows(self.table, self.behind)?.into_iter();
        }
        let row = self.read.next();
        self.behind = row.as_ref().map(Row::place).or(self.behind);
        Ok(row)
    }
}
