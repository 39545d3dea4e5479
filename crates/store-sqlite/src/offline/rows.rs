//! The rows of a database at one instant, and of one that is being made.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use linkspan_engine::place::key;
use linkspan_engine::record::RecordKey;
use linkspan_engine::store::{AuditRow, Head, StoreError, StoredAudit, StoredRecord};
use linkspan_engine::transfer::{CHUNK_BYTES, CHUNK_ROWS, Draft, Row, Rows, Table};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::OfflineError;
use crate::error::{OpenError, of_read};
use crate::location::{Location, make_private, publish};
use crate::lock::Lock;
use crate::opening::{Found, sqlite_error};
use crate::schema::{APPLICATION_ID, Known};
use crate::{access, read};

/// The table by which a draft is known, with the head that it copies.
const DRAFT: &str =
    "CREATE TABLE draft (epoch BLOB NOT NULL, revision INTEGER NOT NULL, commit_id BLOB NOT NULL) STRICT";

/// A database at one instant, beside writers of any process.
#[derive(Debug)]
pub struct Snapshot {
    connection: Connection,
}

impl Snapshot {
    /// Begins to read.
    ///
    /// # Errors
    /// There is no database, it can't be read, or another release wrote it.
    pub fn open(location: &Location) -> Result<Self, OfflineError> {
        if !location.holds_data() {
            return Err(OfflineError::Empty(location.path().to_owned()));
        }
        let sqlite = |error| sqlite_error(location.path(), error);
        let connection = access::reader(location.path()).map_err(sqlite)?;
        connection.execute_batch("BEGIN").map_err(sqlite)?;
        let found = Found::look(&connection, location.path(), Known::TODAY)?;
        if found.is_empty() {
            return Err(OfflineError::Empty(location.path().to_owned()));
        }
        if found.schema() != Known::TODAY.schema() {
            return Err(OfflineError::Older { path: location.path().to_owned(), schema: found.schema() });
        }
        Ok(Self::of(connection))
    }

    /// What a connection reads in the transaction that it has begun.
    pub(super) fn of(connection: Connection) -> Self {
        Self { connection }
    }
}

impl Rows for Snapshot {
    fn head(&mut self) -> Result<Head, StoreError> {
        read::head(&self.connection).map_err(|error| of_read(&error))
    }

    fn rows(&mut self, table: Table, behind: Option<i64>) -> Result<Vec<Row>, StoreError> {
        rows(&self.connection, table, behind).map_err(|error| of_read(&error))
    }

    fn audit_rows(&mut self) -> Result<u64, StoreError> {
        audit_rows(&self.connection).map_err(|error| of_read(&error))
    }
}

/// A database that is being made beside the place where it will be.
#[derive(Debug)]
pub struct DraftFile {
    written: Snapshot,
    path: PathBuf,
    target: PathBuf,
    /// Nobody else works on the draft. Closed last: closing it would take SQLite's own locks on the file away.
    _own: File,
    // Only for a database that a server opens, not for a backup.
    _lock: Option<Lock>,
}

impl DraftFile {
    /// Begins the copy of what stands at `head`, or goes on with one that broke off.
    ///
    /// # Errors
    /// There is something at the location, another process has it, or the file can't be written.
    pub fn database(location: &Location, head: &Head) -> Result<Self, OfflineError> {
        let io = |source| OpenError::Io { path: location.path().to_owned(), source };
        if location.holds_data() {
            return Err(OfflineError::Exists(location.path().to_owned()));
        }
        location.make_dir().map_err(io)?;
        let lock = Lock::take(location)?;
        // An empty file, as a server leaves that was ended at its first start, is no database but would be in the way.
        remove_if_there(location.path()).map_err(io)?;
        Self::begin(location.beside(".copying"), (location.path(), Some(lock)), head)
    }

    /// The same for a backup: a file of its own.
    ///
    /// # Errors
    /// There is such a file, or it can't be written.
    pub fn backup(file: &Path, head: &Head) -> Result<Self, OfflineError> {
        if file.exists() {
            return Err(OfflineError::Exists(file.to_owned()));
        }
        Self::begin(Location::file(file).beside(".partial"), (file, None), head)
    }

    fn begin(path: PathBuf, (target, lock): (&Path, Option<Lock>), head: &Head) -> Result<Self, OfflineError> {
        let io = |source| OpenError::Io { path: path.clone(), source };
        let sqlite = |error| sqlite_error(&path, error);
        make_private(&path).map_err(io)?;
        let own = File::options().write(true).open(&path).map_err(io)?;
        if own.try_lock().is_err() {
            return Err(OpenError::InUse { path, holder: None }.into());
        }
        let mut connection = access::writer(&path).map_err(sqlite)?;
        if !is_draft_of(&connection, head) {
            // What lies there is of another copy, or was never begun: nobody can open it, so nothing is lost.
            drop(connection);
            own.set_len(0).map_err(io)?;
            remove_if_there(&Location::file(&path).beside("-journal")).map_err(io)?;
            connection = access::writer(&path).map_err(sqlite)?;
            begin(&mut connection, head).map_err(sqlite)?;
        }
        Ok(Self { written: Snapshot::of(connection), target: target.to_owned(), _own: own, _lock: lock, path })
    }

    fn finish(&mut self, head: &Head) -> rusqlite::Result<()> {
        let tx = self.written.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute(
            "UPDATE head SET epoch = ?1, revision = ?2, commit_id = ?3, create_time = ?4, format = ?5,
                audit_rows = (SELECT count(*) FROM audit)",
            params![
                head.epoch.to_be_bytes(),
                head.revision,
                head.commit_id.to_be_bytes(),
                head.create_time,
                head.format
            ],
        )?;
        tx.execute_batch("DROP TABLE draft")?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", Known::TODAY.schema())?;
        tx.commit()
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the tables. The file bears no number of a schema yet, so nothing takes it for a database.
fn begin(connection: &mut Connection, head: &Head) -> rusqlite::Result<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in Known::TODAY.migrations {
        (migration.apply)(&tx)?;
    }
    tx.execute_batch(DRAFT)?;
    tx.execute("DELETE FROM commits", [])?;
    let of = params![head.epoch.to_be_bytes(), head.revision, head.commit_id.to_be_bytes()];
    tx.execute("INSERT INTO draft VALUES (?1, ?2, ?3)", of)?;
    tx.commit()
}

fn is_draft_of(connection: &Connection, head: &Head) -> bool {
    let sql = "SELECT count(*) FROM draft WHERE epoch = ?1 AND revision = ?2 AND commit_id = ?3";
    let of = params![head.epoch.to_be_bytes(), head.revision, head.commit_id.to_be_bytes()];
    connection.query_row(sql, of, |row| row.get(0)) == Ok(1)
}

impl Draft for DraftFile {
    fn written(&mut self) -> &mut dyn Rows {
        &mut self.written
    }

    fn last(&mut self, table: Table) -> Result<Option<i64>, StoreError> {
        let (key, name) = (table.key(), table.name());
        let sql = format!("SELECT {key} FROM {name} ORDER BY {key} DESC LIMIT 1");
        self.written.connection.query_row(&sql, [], |row| row.get(0)).optional().map_err(|error| of_read(&error))
    }

    fn put(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        let mut put = || {
            let tx = self.written.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            rows.iter().try_for_each(|row| insert(&tx, row))?;
            tx.commit()
        };
        put().map_err(|error: rusqlite::Error| of_read(&error))
    }

    fn publish(mut self: Box<Self>, head: &Head) -> Result<(), StoreError> {
        self.finish(head).map_err(|error| of_read(&error))?;
        let Self { written, path, target, .. } = *self;
        written.connection.close().map_err(|(_, error)| of_read(&error))?;
        publish(&path, &target).map_err(|error| StoreError::Unavailable(format!("{}: {error}", target.display())))
    }
}

fn audit_rows(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT audit_rows FROM head", [], |row| row.get(0))
}

fn rows(connection: &Connection, table: Table, behind: Option<i64>) -> rusqlite::Result<Vec<Row>> {
    let columns = match table {
        Table::Commits => "revision, commit_id",
        Table::Records => "at, kind, id, body",
        Table::Tombstones => "at, kind, id",
        Table::Audit => "at, time, project, event",
    };
    let (key, name) = (table.key(), table.name());
    let sql = format!("SELECT {columns} FROM {name} WHERE {key} > ?1 ORDER BY {key} LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    // Keys may be anything in a damaged file, but the least of all is never given.
    let mut read = statement.query(params![behind.unwrap_or(i64::MIN), CHUNK_ROWS])?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = read.next()? {
        let row = row_of(table, row)?;
        bytes += match &row {
            Row::Record(record) => record.body.len(),
            Row::Audit(audit) => audit.row.event.len(),
            Row::Commit(..) | Row::Tombstone(..) => 0,
        };
        rows.push(row);
        if bytes >= CHUNK_BYTES {
            break;
        }
    }
    Ok(rows)
}

fn row_of(table: Table, row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(match table {
        Table::Commits => Row::Commit(row.get(0)?, u128::from_be_bytes(row.get(1)?)),
        Table::Records => {
            Row::Record(StoredRecord { at: read::place(row)?, key: read::record_key(row)?, body: read::bytes(row, 3)? })
        }
        Table::Tombstones => Row::Tombstone(read::place(row)?, read::record_key(row)?),
        Table::Audit => {
            let project: Option<String> = row.get(2)?;
            let unknown = |_| rusqlite::Error::InvalidColumnType(2, "project".to_owned(), rusqlite::types::Type::Text);
            let project = project.map(|text| text.parse()).transpose().map_err(unknown)?;
            let event = AuditRow { time: row.get(1)?, project, event: read::bytes(row, 3)? };
            Row::Audit(StoredAudit { at: read::place(row)?, row: event })
        }
    })
}

fn insert(tx: &Connection, row: &Row) -> rusqlite::Result<()> {
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec()).map_err(|error| rusqlite::Error::Utf8Error(0, error.utf8_error()))
    };
    match row {
        Row::Commit(revision, id) => {
            let sql = "INSERT INTO commits VALUES (?1, ?2)";
            tx.prepare_cached(sql)?.execute(params![revision, id.to_be_bytes()])?;
        }
        Row::Record(StoredRecord { at, key: RecordKey { kind, id }, body }) => {
            let sql = "INSERT INTO record VALUES (?1, ?2, ?3, ?4)";
            tx.prepare_cached(sql)?.execute(params![key(*at), *kind as u8, id, text(body)?])?;
        }
        Row::Tombstone(at, RecordKey { kind, id }) => {
            let sql = "INSERT INTO tombstone VALUES (?1, ?2, ?3)";
            tx.prepare_cached(sql)?.execute(params![key(*at), *kind as u8, id])?;
        }
        Row::Audit(StoredAudit { at, row: AuditRow { time, project, event } }) => {
            let project = project.as_ref().map(|project| project.as_str());
            let sql = "INSERT INTO audit VALUES (?1, ?2, ?3, ?4)";
            tx.prepare_cached(sql)?.execute(params![key(*at), time, project, text(event)?])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use linkspan_engine::transfer::transfer;
    use linkspan_testkit::history::{commit, full, look};
    use linkspan_testkit::moving::in_pieces;

    use super::*;
    use crate::{Options, SqliteStore, check};

    #[tokio::test]
    async fn a_copy_that_breaks_off_goes_on_and_holds_the_same() {
        let scratch = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| Location::in_dir(scratch.path().join(name)));
        let store = SqliteStore::open(&from, &Options::default()).unwrap();
        let heads = commit(&store, &full(40)).await;
        let mut source = Snapshot::open(&from).unwrap();
        // What is written meanwhile is no part of it.
        commit(&store, &[]).await;
        let begin = |head: &Head| Box::new(DraftFile::database(&to, head).unwrap()) as Box<dyn Draft>;
        let head = in_pieces(&mut source, begin, || to.path().exists());
        assert_eq!(head.epoch, 42);
        let report = check(&to).unwrap();
        // The bodies of this history are no records of the engine.
        assert!(report.findings.iter().all(|finding| finding.contains("expected")), "{report:?}");
        assert_eq!(report.head, Some(head));
        let copy = SqliteStore::open(&to, &Options::default()).unwrap();
        assert_eq!(look(&copy, &heads).await, look(&store, &heads).await);
    }

    #[tokio::test]
    async fn what_was_copied_of_another_head_is_copied_anew() {
        let scratch = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| Location::in_dir(scratch.path().join(name)));
        let store = SqliteStore::open(&from, &Options::default()).unwrap();
        let mut heads = commit(&store, &full(3)).await;
        let stale = Snapshot::open(&from).unwrap().head().unwrap();
        let mut draft = DraftFile::database(&to, &stale).unwrap();
        draft.put(vec![Row::Commit(700, 7)]).unwrap();
        drop(draft);
        heads.extend(commit(&store, &full(1)[..0]).await);
        let next = linkspan_testkit::batch::batch(99, vec![]);
        let head = linkspan_engine::store::Store::commit(&store, &next, &heads[heads.len() - 1]).await.unwrap();
        let mut source = Snapshot::open(&from).unwrap();
        assert_eq!(source.head().unwrap(), head);
        let draft = DraftFile::database(&to, &head).unwrap();
        assert_eq!(transfer(&mut source, Box::new(draft), None, &mut |_| {}).unwrap(), head);
        assert_eq!(check(&to).unwrap().head, Some(head));
    }

    #[tokio::test]
    async fn nothing_is_copied_over_a_database_or_into_one_that_is_in_use() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path());
        let store = SqliteStore::open(&location, &Options::default()).unwrap();
        let head = linkspan_engine::store::Store::head(&store).await.unwrap();
        assert!(matches!(DraftFile::database(&location, &head), Err(OfflineError::Exists(_))));
        let elsewhere = Location::in_dir(scratch.path().join("elsewhere"));
        let first = DraftFile::database(&elsewhere, &head).unwrap();
        let second = DraftFile::database(&elsewhere, &head);
        assert!(matches!(second, Err(OfflineError::Open(OpenError::InUse { .. }))), "{second:?}");
        drop(first);
        assert!(matches!(Snapshot::open(&elsewhere), Err(OfflineError::Empty(_))));
        let file = scratch.path().join("backup");
        let first = DraftFile::backup(&file, &head).unwrap();
        let second = DraftFile::backup(&file, &head);
        assert!(matches!(second, Err(OfflineError::Open(OpenError::InUse { .. }))), "{second:?}");
        drop(first);
        DraftFile::backup(&file, &head).unwrap();
    }

    #[tokio::test]
    async fn an_empty_file_is_in_nobodys_way() {
        let scratch = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| Location::in_dir(scratch.path().join(name)));
        drop(SqliteStore::open(&from, &Options::default()).unwrap());
        to.make_dir().unwrap();
        std::fs::write(to.path(), "").unwrap();
        let mut source = Snapshot::open(&from).unwrap();
        let head = source.head().unwrap();
        let draft = DraftFile::database(&to, &head).unwrap();
        assert_eq!(transfer(&mut source, Box::new(draft), None, &mut |_| {}).unwrap(), head);
    }
}
