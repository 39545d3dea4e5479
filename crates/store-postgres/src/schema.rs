//! The tables, and the steps that lead from each earlier release to them.
//!
//! To change the tables: add a [`Migration`] with the next number and never touch the ones before it. Nodes of the
//! release before go on working while a newer one migrates, so a step must leave their statements as they are, or raise
//! the record format, which makes them refuse to write.

use linkspan_engine::store::RECORD_FORMAT;

/// A step to the schema of one number.
#[derive(Clone, Copy)]
pub(crate) struct Migration {
    /// The number it leads to.
    pub(crate) to: u32,
    /// What it does, in a transaction that also notes the number; `{s}` is the schema.
    pub(crate) sql: &'static str,
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
    pub(crate) const fn schema(self) -> u32 {
        match self.migrations.last() {
            Some(migration) => migration.to,
            None => 0,
        }
    }
}

const MIGRATIONS: &[Migration] = &[Migration { to: 1, sql: FIRST }, Migration { to: 2, sql: LEASES }];

/// The table that says which steps were taken. Its row 0 is what nodes lock that want to take one.
pub(crate) const MIGRATION_TABLE: &str = "CREATE TABLE IF NOT EXISTS {s}.migration (
    number INTEGER PRIMARY KEY,
    applied TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT current_timestamp
)";

/// `at` is `revision << 20 | n`. Bodies and events are JSON, but kept as bytes: a store does not look into them.
///
/// Only the head counts audit rows, so that every node trims alike. Its row is written by every commit and lies in a
/// page of its own.
const FIRST: &str = "
    CREATE TABLE {s}.head (
        one SMALLINT PRIMARY KEY CHECK (one = 1),
        epoch UUID NOT NULL,
        revision BIGINT NOT NULL,
        commit_id UUID NOT NULL,
        create_time BIGINT NOT NULL,
        format INTEGER NOT NULL,
        oldest_commit BIGINT NOT NULL,
        audit_rows BIGINT NOT NULL
    );
    CREATE TABLE {s}.commits (
        revision BIGINT PRIMARY KEY,
        commit_id UUID NOT NULL
    );
    CREATE TABLE {s}.record (
        at BIGINT PRIMARY KEY,
        kind SMALLINT NOT NULL,
        id TEXT NOT NULL,
        body BYTEA NOT NULL
    );
    CREATE TABLE {s}.tombstone (
        at BIGINT PRIMARY KEY,
        kind SMALLINT NOT NULL,
        id TEXT NOT NULL
    );
    CREATE TABLE {s}.audit (
        at BIGINT PRIMARY KEY,
        time BIGINT NOT NULL,
        project TEXT,
        event BYTEA NOT NULL
    );
    INSERT INTO {s}.head VALUES (1, '00000000-0000-0000-0000-000000000000', 0,
        '00000000-0000-0000-0000-000000000000', 0, 1, 0, 0);
    INSERT INTO {s}.commits VALUES (0, '00000000-0000-0000-0000-000000000000');
";

/// `until` is in milliseconds of the database's own clock.
const LEASES: &str = "
    CREATE TABLE {s}.lease (
        scope TEXT PRIMARY KEY,
        generation BIGINT NOT NULL,
        holder UUID NOT NULL,
        name TEXT NOT NULL,
        until BIGINT NOT NULL
    )";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_up_from_one() {
        let numbers = MIGRATIONS.iter().map(|migration| migration.to);
        assert!(numbers.eq(1..=Known::TODAY.schema()));
    }
}
