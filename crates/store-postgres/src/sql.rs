//! Every statement, with the schema's name in it: a search path would belong to a connection, and with a pooler there is
//! none.
//!
//! Within a transaction each statement is sent on its own, but all of them at once. They must stay plain enough for
//! databases that only speak PostgreSQL's protocol: no statement changes a table twice.

use crate::location::Schema;

/// Ends a transaction, or rolls it back if it has failed.
pub(crate) const COMMIT: &str = "COMMIT";

/// Begins a transaction that reads one instant.
pub(crate) const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The statements for one schema.
#[derive(Debug)]
pub(crate) struct Sql {
    /// Begins a transaction that writes: flushed, and ended by the server if it takes too long or stands still.
    pub(crate) begin: String,
    pub(crate) head: String,
    pub(crate) commit_id: String,
    pub(crate) commits_after: String,
    pub(crate) changed_after: String,
    pub(crate) records: String,
    pub(crate) audit: String,
    /// Fails with a NULL where none may be if the head is not the expected one.
    pub(crate) move_head: String,
    /// Fails with a division by zero unless it finds every row.
    pub(crate) delete_records: String,
    pub(crate) insert_records: String,
    pub(crate) insert_tombstones: String,
    pub(crate) insert_audit: String,
    pub(crate) forget_commits: String,
    pub(crate) trim_tombstones: String,
    /// Removes the oldest rows that are too many or too old, and says how many rows are left.
    pub(crate) trim_audit: String,
    pub(crate) oldest_audit: String,
    /// Keeps the lease that is held, or takes one that is free; nothing, if it is another's.
    pub(crate) take_lease: String,
    pub(crate) lease: String,
    pub(crate) first_lease: String,
}

impl Sql {
    pub(crate) fn new(schema: &Schema, limit_ms: u128) -> Self {
        let named = |text: &str| text.replace("{s}", schema.as_str());
        Self {
            begin: format!(
                "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on; \
                 SET LOCAL statement_timeout = {limit_ms}; SET LOCAL idle_in_transaction_session_timeout = {limit_ms}"
            ),
            head: named(HEAD),
            commit_id: named("SELECT commit_id FROM {s}.commits WHERE revision = $1"),
            commits_after: named("SELECT revision, commit_id FROM {s}.commits WHERE revision > $1 ORDER BY revision"),
            changed_after: named(CHANGED_AFTER),
            records: named("SELECT at, kind, id, body FROM {s}.record"),
            audit: named(AUDIT),
            move_head: named(MOVE_HEAD),
            delete_records: named(DELETE_RECORDS),
            insert_records: named(INSERT_RECORDS),
            insert_tombstones: named(INSERT_TOMBSTONES),
            insert_audit: named(INSERT_AUDIT),
            forget_commits: named("DELETE FROM {s}.commits WHERE revision < $1"),
            trim_tombstones: named(TRIM_TOMBSTONES),
            trim_audit: named(TRIM_AUDIT),
            oldest_audit: named("SELECT time FROM {s}.audit ORDER BY at LIMIT 1"),
            take_lease: named(&TAKE_LEASE.replace("{now}", NOW)),
            lease: named("SELECT generation, holder, name FROM {s}.lease WHERE scope = $1"),
            first_lease: named(&FIRST_LEASE.replace("{now}", NOW)),
        }
    }
}

/// The database's clock as it is now, and not as it was when the transaction began.
const NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

/// `$4` is the generation that is held, `$5` one that a new one must be later than, `$6` for how long. A lease that has
/// ended is never kept, but taken anew under another generation, since somebody may have held it meanwhile.
const TAKE_LEASE: &str = "UPDATE {s}.lease
    SET generation = CASE WHEN until > {now} THEN generation ELSE greatest(generation, $5) + 1 END,
        holder = $2, name = $3, until = {now} + $6
    WHERE scope = $1 AND (until <= {now} OR (holder = $2 AND generation = $4))
    RETURNING generation, holder, name";

const FIRST_LEASE: &str = "INSERT INTO {s}.lease (scope, generation, holder, name, until)
    VALUES ($1, $4 + 1, $2, $3, {now} + $5)
    ON CONFLICT (scope) DO NOTHING RETURNING generation, holder, name";

/// With it the server says whether it takes writes by now: one that takes none may be an old primary, which knows nothing
/// of what is written elsewhere.
const HEAD: &str = "SELECT epoch, revision, commit_id, create_time, format, oldest_commit, audit_rows,
    current_setting('default_transaction_read_only', true) FROM {s}.head";

const CHANGED_AFTER: &str = "SELECT at, kind, id, body FROM {s}.record WHERE at >= $1
    UNION ALL SELECT at, kind, id, NULL FROM {s}.tombstone WHERE at >= $1 ORDER BY at";

const AUDIT: &str = "SELECT at, time, event FROM {s}.audit
    WHERE at < $2 AND project IS NOT DISTINCT FROM $1 ORDER BY at DESC LIMIT $3";

/// It comes first, so that every commit locks the head before anything else and none waits for another in a circle.
const MOVE_HEAD: &str = "WITH moved AS (
        UPDATE {s}.head
        SET revision = revision + 1, commit_id = $1, create_time = $2, audit_rows = audit_rows + $3, oldest_commit = $4
        WHERE epoch = $5 AND revision = $6 AND commit_id = $7 AND format <= $8
        RETURNING revision)
    INSERT INTO {s}.commits (revision, commit_id) VALUES ((SELECT revision FROM moved), $1)";

const DELETE_RECORDS: &str = "WITH gone AS (
        DELETE FROM {s}.record
        WHERE (at, kind, id) IN (SELECT at, kind, id FROM unnest($1, $2, $3) AS old (at, kind, id))
        RETURNING at)
    SELECT 1 / CASE WHEN count(*) = $4 THEN 1 ELSE 0 END FROM gone";

/// Columns of one length that are unnested side by side give rows as they come; `unnest` of all of them in `FROM` would
/// first put each column into a table of its own.
const INSERT_RECORDS: &str = "INSERT INTO {s}.record (at, kind, id, body)
    SELECT unnest($1), unnest($2), unnest($3), unnest($4)";

const INSERT_TOMBSTONES: &str = "INSERT INTO {s}.tombstone (at, kind, id)
    SELECT unnest($1), unnest($2), unnest($3)";

const INSERT_AUDIT: &str = "INSERT INTO {s}.audit (at, time, project, event)
    SELECT unnest($1), unnest($2), unnest($3), unnest($4)";

const TRIM_TOMBSTONES: &str = "DELETE FROM {s}.tombstone
    WHERE at IN (SELECT at FROM {s}.tombstone WHERE at < $1 ORDER BY at LIMIT $2)
    RETURNING at";

/// `$1` rows are too many; of the `$2` oldest those go that come before the first one younger than `$3`.
const TRIM_AUDIT: &str = "WITH first AS (SELECT at, time FROM {s}.audit ORDER BY at LIMIT $2),
        young AS (SELECT min(at) AS at FROM first WHERE time >= $3),
        old AS (SELECT at FROM first WHERE at < coalesce((SELECT at FROM young), 9223372036854775807)),
        many AS (SELECT at FROM {s}.audit ORDER BY at LIMIT $1),
        gone AS (DELETE FROM {s}.audit WHERE at IN (SELECT at FROM old UNION SELECT at FROM many) RETURNING at)
    UPDATE {s}.head SET audit_rows = audit_rows - (SELECT count(*) FROM gone) RETURNING audit_rows";
