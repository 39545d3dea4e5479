//! Trimming: a bounded share of what is no longer kept goes with every commit, in its transaction.

use linkspan_engine::place::first_of;
use linkspan_engine::retention::Retention;
use linkspan_engine::store::Batch;
use rusqlite::{Connection, OptionalExtension};

/// What must be known to see that nothing is to be trimmed without asking the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The oldest commit that `changes` can start from.
    oldest_commit: u64,
    /// Whether there may be tombstones of forgotten commits.
    stale_tombstones: bool,
    audit_rows: u64,
    /// The time of the oldest audit row.
    oldest_audit: Option<i64>,
}

impl Kept {
    /// Reads it from the database.
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
        Ok(Self {
            oldest_commit: one("SELECT revision FROM commits ORDER BY revision LIMIT 1")?,
            stale_tombstones: true,
            audit_rows: one("SELECT audit_rows FROM head")?,
            oldest_audit: oldest_audit(connection)?,
        })
    }

    /// Trims after the rows of a batch are written, and says what is kept then.
    pub(crate) fn trim(
        mut self,
        tx: &Connection,
        retention: &Retention,
        (revision, batch): (u64, &Batch),
    ) -> rusqlite::Result<Self> {
        let forget = retention.commits_to_forget(revision + 1 - self.oldest_commit);
        if forget > 0 {
            self.oldest_commit += forget;
            tx.prepare_cached("DELETE FROM commits WHERE revision < ?1")?.execute([self.oldest_commit])?;
            self.stale_tombstones = true;
        }
        if self.stale_tombstones {
            let written = batch.changes.iter().filter(|change| change.body.is_none()).count() as u64;
            self.stale_tombstones = trim_tombstones(tx, self.oldest_commit, retention.budget(written))?;
        }
        self.trim_audit(tx, retention, batch)?;
        Ok(self)
    }

    fn trim_audit(&mut self, tx: &Connection, retention: &Retention, batch: &Batch) -> rusqlite::Result<()> {
        let Some(newest) = batch.audit.iter().map(|row| row.time).max() else { return Ok(()) };
        let written = batch.audit.len() as u64;
        self.audit_rows += written;
        self.oldest_audit = self.oldest_audit.or_else(|| batch.audit.first().map(|row| row.time));
        let many = retention.audit_to_remove(self.audit_rows, written);
        let before = retention.audit_old_before(newest);
        let old = match self.oldest_audit {
            Some(oldest) if oldest < before => old_rows(tx, before, retention.budget(written))?,
            _ => 0,
        };
        if many.max(old) > 0 {
            let removed = remove_audit(tx, many.max(old))?;
            self.audit_rows = self.audit_rows.saturating_sub(removed);
            self.oldest_audit = oldest_audit(tx)?;
            tx.prepare_cached("UPDATE head SET audit_rows = audit_rows - ?1")?.execute([removed])?;
        }
        Ok(())
    }
}

/// Removes the oldest tombstones of forgotten commits, and says whether some may be left.
fn trim_tombstones(tx: &Connection, oldest_commit: u64, most: u64) -> rusqlite::Result<bool> {
    let end = first_of(oldest_commit.saturating_add(1));
    let sql = "SELECT at FROM tombstone WHERE at < ?1 ORDER BY at LIMIT 1 OFFSET ?2";
    let beyond: Option<i64> = tx.prepare_cached(sql)?.query_row((end, most), |row| row.get(0)).optional()?;
    tx.prepare_cached("DELETE FROM tombstone WHERE at < ?1")?.execute([beyond.unwrap_or(end)])?;
    Ok(beyond.is_some())
}

/// How many of the oldest rows are old, looking at so many.
fn old_rows(tx: &Connection, before: i64, most: u64) -> rusqlite::Result<u64> {
    let mut statement = tx.prepare_cached("SELECT time FROM audit ORDER BY at LIMIT ?1")?;
    let mut rows = statement.query([most])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? >= before {
            break;
        }
        count += 1;
    }
    Ok(count)
}

fn remove_audit(tx: &Connection, count: u64) -> rusqlite::Result<u64> {
    let sql = "SELECT at FROM audit ORDER BY at LIMIT 1 OFFSET ?1";
    let beyond: Option<i64> = tx.prepare_cached(sql)?.query_row([count], |row| row.get(0)).optional()?;
    let removed = tx.prepare_cached("DELETE FROM audit WHERE at < ?1")?.execute([beyond.unwrap_or(i64::MAX)])?;
    Ok(removed as u64)
}

fn oldest_audit(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT time FROM audit ORDER BY at LIMIT 1";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()
}
