//! Opening: take the lock, look before anything is changed, then make or migrate the tables.

use std::path::{Path, PathBuf};

use linkspan_engine::retention::Retention;
use linkspan_engine::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

use crate::error::OpenError;
use crate::location::{Location, make_private, publish};
use crate::lock::Lock;
use crate::schema::{APPLICATION_ID, Known};
use crate::{access, offline};

/// How a database is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How much history is kept.
    pub retention: Retention,
    /// When the log is flushed.
    pub synchronous: Synchronous,
    /// The epoch of a store that is made; none = random.
    pub epoch: Option<u128>,
}

/// When the log is flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Before a commit is answered.
    #[default]
    Full,
    /// At checkpoints only: a power cut loses answered commits. It is here for the test that must notice it.
    Normal,
}

impl Synchronous {
    pub(crate) fn pragma(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

/// An open database and the lock that makes it ours.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) lock: Lock,
}

/// Opens or makes a database, migrated to what is known.
pub(crate) fn open(location: &Location, options: &Options, known: Known) -> Result<Opened, OpenError> {
    let io = |source| OpenError::Io { path: location.path().to_owned(), source };
    location.make_dir().map_err(io)?;
    let lock = Lock::take(location)?;
    make_private(location.path()).map_err(io)?;
    let sqlite = |source| sqlite_error(location.path(), source);
    let mut connection = access::writer(location.path()).map_err(sqlite)?;
    let found = Found::look(&connection, location.path(), known)?;
    access::set_up_writer(&connection, options.synchronous).map_err(sqlite)?;
    if found.is_empty {
        make(&mut connection, options, known).map_err(sqlite)?;
        location.sync_dir().map_err(io)?;
    } else {
        migrate(&mut connection, &found, (location, known))?;
    }
    Ok(Opened { connection, lock })
}

/// What a file holds before anything is done to it.
pub(crate) struct Found {
    is_empty: bool,
    schema: u32,
    format: u32,
}

impl Found {
    /// Looks without changing a byte, and refuses what this release can't work with.
    pub(crate) fn look(connection: &Connection, path: &Path, known: Known) -> Result<Self, OpenError> {
        let sqlite = |source| sqlite_error(path, source);
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i32>(0)).map_err(sqlite);
        let (application, schema) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
        if number("SELECT count(*) FROM sqlite_schema")? == 0 && (application, schema) == (0, 0) {
            return Ok(Self { is_empty: true, schema: 0, format: 0 });
        }
        if application != APPLICATION_ID {
            return Err(OpenError::Foreign { path: path.to_owned() });
        }
        let newer = |what, found, known| OpenError::Newer { path: path.to_owned(), what, found, known };
        let schema = u32::try_from(schema).map_err(|_| damaged(path, "its schema has a negative number"))?;
        if schema > known.schema() {
            return Err(newer("schema", schema, known.schema()));
        }
        let format = connection.query_row("SELECT format FROM head", [], |row| row.get(0)).map_err(sqlite)?;
        if format > known.format {
            return Err(newer("record format", format, known.format));
        }
        Ok(Self { is_empty: false, schema, format })
    }

    /// The number of its schema.
    pub(crate) fn schema(&self) -> u32 {
        self.schema
    }

    /// Whether there is nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_empty
    }
}

fn make(connection: &mut Connection, options: &Options, known: Known) -> rusqlite::Result<()> {
    let epoch = options.epoch.map_or_else(random_epoch, Ok)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in known.migrations {
        (migration.apply)(&tx)?;
    }
    tx.execute("UPDATE head SET epoch = ?1, format = ?2", (epoch.to_be_bytes(), known.format))?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", known.schema())?;
    tx.commit()
}

fn migrate(connection: &mut Connection, found: &Found, (location, known): (&Location, Known)) -> Result<(), OpenError> {
    let sqlite = |source| sqlite_error(location.path(), source);
    for migration in known.migrations.iter().filter(|migration| migration.to > found.schema) {
        let backup = keep_copy(connection, location, &format!("before-schema-{}", migration.to))?;
        tracing::info!(backup = %backup.display(), schema = migration.to, "migrating the database");
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
        let apply = || {
            (migration.apply)(&tx)?;
            tx.pragma_update(None, "user_version", migration.to)
        };
        apply().and_then(|()| tx.commit()).map_err(sqlite)?;
    }
    if found.format < known.format {
        let backup = keep_copy(connection, location, &format!("before-format-{}", known.format))?;
        tracing::info!(backup = %backup.display(), format = known.format, "the records get a newer format");
        connection.execute("UPDATE head SET format = ?1", [known.format]).map_err(sqlite)?;
    }
    Ok(())
}

/// Copies the database under a name that nothing has yet.
fn keep_copy(connection: &Connection, location: &Location, what: &str) -> Result<PathBuf, OpenError> {
    let first = location.beside(&format!(".{what}"));
    let more = (1..u32::MAX).map(|number| location.beside(&format!(".{what}.{number}")));
    let name = std::iter::once(first.clone()).chain(more).find(|name| !name.exists()).unwrap_or(first);
    let draft = location.beside(".copying");
    offline::copy(connection, &draft)?;
    publish(&draft, &name).map_err(|source| OpenError::Io { path: name.clone(), source })?;
    Ok(name)
}

/// An epoch that no other store has.
pub(crate) fn random_epoch() -> rusqlite::Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    Ok(u128::from_be_bytes(bytes))
}

/// What an error of SQLite means while opening.
pub(crate) fn sqlite_error(path: &Path, source: rusqlite::Error) -> OpenError {
    match crate::error::of_read(&source) {
        StoreError::Damaged(why) => damaged(path, &why),
        _ => OpenError::Sqlite { path: path.to_owned(), source },
    }
}

fn damaged(path: &Path, why: &str) -> OpenError {
    OpenError::Damaged { path: path.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use linkspan_engine::store::{Head, RECORD_FORMAT, Store};
    use linkspan_testkit::batch::{batch, setting};

    use super::*;
    use crate::SqliteStore;
    use crate::schema::Migration;

    /// A release that is one schema ahead.
    const AHEAD: Known = Known { migrations: &[Known::TODAY.migrations[0], SECOND], format: RECORD_FORMAT };
    const SECOND: Migration =
        Migration { to: 2, apply: |tx| tx.execute_batch("ALTER TABLE commits ADD COLUMN note TEXT") };
    /// A release with the same tables and newer records.
    const NEWER_FORMAT: Known = Known { format: RECORD_FORMAT + 1, ..Known::TODAY };

    fn open_as(location: &Location, known: Known) -> Result<SqliteStore, OpenError> {
        SqliteStore::open_as(location, &Options::default(), known)
    }

    /// A database of this release with one record.
    async fn today(dir: &Path) -> (Location, Head) {
        let location = Location::in_dir(dir);
        let store = open_as(&location, Known::TODAY).unwrap();
        let head = store.head().await.unwrap();
        (location, store.commit(&batch(7, vec![setting("a", "1")]), &head).await.unwrap())
    }

    fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let named = entries.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path));
        // The lock names whoever came last, and SQLite's index of the log is memory, not data.
        let data = named.filter(|(name, _)| !name.ends_with(".lock") && !name.ends_with("-shm"));
        let mut files: Vec<_> = data.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect();
        files.retain(|(_, bytes)| !bytes.is_empty());
        files.sort();
        files
    }

    #[tokio::test]
    async fn an_older_database_is_copied_and_then_migrated() {
        let scratch = tempfile::tempdir().unwrap();
        let (location, head) = today(scratch.path()).await;
        let before = std::fs::read(location.path()).unwrap();
        let store = open_as(&location, AHEAD).unwrap();
        assert_eq!(store.head().await.unwrap(), head);
        let notes = "SELECT count(*) FROM commits WHERE note IS NULL";
        let count: u32 = store.writer().connection().query_row(notes, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2);
        let copy = Location::file(location.beside(".before-schema-2"));
        let report = crate::check(&copy).unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.schema, report.head), (1, Some(head)));
        assert_eq!(std::fs::read(copy.path()).unwrap().len(), before.len());
        drop(store);
        open_as(&location, AHEAD).unwrap();
        assert!(!location.beside(".before-schema-2.1").exists(), "it was migrated twice");
    }

    #[tokio::test]
    async fn a_copy_that_is_there_stays() {
        let scratch = tempfile::tempdir().unwrap();
        let (location, _) = today(scratch.path()).await;
        std::fs::write(location.beside(".before-schema-2"), "of another day").unwrap();
        open_as(&location, AHEAD).unwrap();
        assert_eq!(std::fs::read(location.beside(".before-schema-2")).unwrap(), b"of another day");
        assert!(location.beside(".before-schema-2.1").exists());
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_the_old_schema() {
        const BROKEN: Migration = Migration {
            to: 2,
            apply: |tx| tx.execute_batch("DELETE FROM record; ALTER TABLE no_such_table ADD COLUMN x"),
        };
        const KNOWN: Known = Known { migrations: &[Known::TODAY.migrations[0], BROKEN], format: RECORD_FORMAT };
        let scratch = tempfile::tempdir().unwrap();
        let (location, head) = today(scratch.path()).await;
        open_as(&location, KNOWN).unwrap_err();
        let report = crate::check(&location).unwrap();
        assert_eq!((report.schema, report.head, report.records.len()), (1, Some(head), 1));
        assert!(report.is_sound(), "{report:?}");
    }

    #[tokio::test]
    async fn older_records_are_copied_before_newer_ones_are_written() {
        let scratch = tempfile::tempdir().unwrap();
        let (location, _) = today(scratch.path()).await;
        let store = open_as(&location, NEWER_FORMAT).unwrap();
        assert_eq!(store.head().await.unwrap().format, RECORD_FORMAT + 1);
        let copy = location.beside(&format!(".before-format-{}", RECORD_FORMAT + 1));
        let copy = crate::check(&Location::file(copy)).unwrap();
        assert_eq!(copy.head.unwrap().format, RECORD_FORMAT);
    }

    #[tokio::test]
    async fn a_newer_database_is_refused_and_not_a_byte_is_changed() {
        for (ahead, ours) in [(AHEAD, 1), (NEWER_FORMAT, RECORD_FORMAT)] {
            let scratch = tempfile::tempdir().unwrap();
            let (location, _) = today(scratch.path()).await;
            let store = open_as(&location, ahead).unwrap();
            let head = store.head().await.unwrap();
            // As a crash leaves it: the last commit is in the log only.
            let crashed = tempfile::tempdir().unwrap();
            let _ = store.commit(&batch(8, vec![setting("b", "2")]), &head).await;
            for (name, bytes) in files(scratch.path()) {
                std::fs::write(crashed.path().join(name), bytes).unwrap();
            }
            drop(store);
            for dir in [scratch.path(), crashed.path()] {
                let (location, before) = (Location::in_dir(dir), files(dir));
                for _ in 0..2 {
                    let refused = open_as(&location, Known::TODAY).unwrap_err();
                    let OpenError::Newer { found, known, .. } = refused else { panic!("{refused}") };
                    assert_eq!((found, known), (ours + 1, ours));
                    assert!(files(dir) == before, "a refused file has changed");
                }
                assert!(open_as(&location, ahead).is_ok(), "the newer release can go on");
            }
        }
    }

    #[test]
    fn a_database_of_something_else_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path());
        let other = Connection::open(location.path()).unwrap();
        other.execute_batch("CREATE TABLE head (one INTEGER)").unwrap();
        other.close().unwrap();
        let before = files(scratch.path());
        assert!(matches!(open_as(&location, Known::TODAY), Err(OpenError::Foreign { .. })));
        assert_eq!(files(scratch.path()), before);
    }

    #[test]
    fn a_file_that_is_no_database_is_damaged() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path());
        std::fs::write(location.path(), "no database at all, but long enough to be read as one".repeat(99)).unwrap();
        assert!(matches!(open_as(&location, Known::TODAY), Err(OpenError::Damaged { .. })));
    }

    #[tokio::test]
    async fn the_epoch_is_the_one_asked_for() {
        let scratch = tempfile::tempdir().unwrap();
        let options = Options { epoch: Some(42), ..Options::default() };
        let store = SqliteStore::open(&Location::in_dir(scratch.path()), &options).unwrap();
        assert_eq!(store.head().await.unwrap().epoch, 42);
    }

    #[tokio::test]
    async fn one_store_at_a_time_has_a_database() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path());
        let store = open_as(&location, Known::TODAY).unwrap();
        let refused = open_as(&location, Known::TODAY).unwrap_err();
        assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
        drop(store);
        assert!(open_as(&location, Known::TODAY).is_ok());
    }
}
