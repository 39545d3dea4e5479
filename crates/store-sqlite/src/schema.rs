//! The tables, and the steps that lead from each earlier release to them.
//!
//! To change the tables: add a [`Migration`] with the next number and never touch the ones before it; a test opens a
//! database of every earlier number. The number is SQLite's `user_version`.

use linkspan_engine::store::RECORD_FORMAT;
use rusqlite::Transaction;

/// `application_id` of a database of Linkspan: "LNKS".
pub(crate) const APPLICATION_ID: i32 = 0x4c4e_4b53;

/// A step to the schema of one number.
#[derive(Clone, Copy)]
pub(crate) struct Migration {
    /// The number it leads to.
    pub(crate) to: u32,
    /// What it does; it runs in a transaction that also sets the number.
    pub(crate) apply: fn(&Transaction<'_>) -> rusqlite::Result<()>,
}

/// What a release can work with.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// Its migrations, from the first on.
    pub(crate) migrations: &'static [Migration],
    /// The newest record format.
    pub(crate) format: u32,
}

impl Known {
    /// This release.
    pub(crate) const TODAY: Self = Self { migrations: MIGRATIONS, format: RECORD_FORMAT };

    /// The newest schema.
    pub(crate) fn schema(self) -> u32 {
        self.migrations.last().map_or(0, |migration| migration.to)
    }
}

const MIGRATIONS: &[Migration] = &[Migration { to: 1, apply: |tx| tx.execute_batch(FIRST) }];

/// `at` is `revision << 20 | n` (see `place`). Bodies and events are JSON, kept as text so that `sqlite3` shows them.
///
/// `head` is one row; `settled` only serves to write something that changes nothing. Tombstones lie apart from the
/// records, so that loading and trimming pass over nothing but what they want.
const FIRST: &str = "
    CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        epoch BLOB NOT NULL,
        revision INTEGER NOT NULL,
        commit_id BLOB NOT NULL,
        create_time INTEGER NOT NULL,
        format INTEGER NOT NULL,
        audit_rows INTEGER NOT NULL,
        settled INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE commits (
        revision INTEGER PRIMARY KEY,
        commit_id BLOB NOT NULL
    ) STRICT;
    CREATE TABLE record (
        at INTEGER PRIMARY KEY,
        kind INTEGER NOT NULL,
        id TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE TABLE tombstone (
        at INTEGER PRIMARY KEY,
        kind INTEGER NOT NULL,
        id TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        at INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        project TEXT,
        event TEXT NOT NULL
    ) STRICT;
    INSERT INTO head VALUES (1, zeroblob(16), 0, zeroblob(16), 0, 1, 0, 0);
    INSERT INTO commits VALUES (0, zeroblob(16));
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_up_from_one() {
        let numbers = MIGRATIONS.iter().map(|migration| migration.to);
        assert!(numbers.eq(1..=Known::TODAY.schema()));
    }
}
