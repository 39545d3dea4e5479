//! A restore: a backup becomes the database of a data directory, under an epoch of its own.

use std::path::Path;

use linkspan_engine::transfer::Report;
use rusqlite::Connection;

use super::{OfflineError, check, copy};
use crate::error::OpenError;
use crate::location::{Location, publish};
use crate::lock::Lock;
use crate::opening::{random_epoch, sqlite_error};

/// Checks a backup and makes it the database at `target`, and says what it holds.
///
/// Records, revisions and audit stay as they are; the epoch is new, so that no node and no client takes the restored
/// history for the one it knew. Other files of the directory, such as a master key, stay.
///
/// # Errors
/// There is a database at `target`, the backup is damaged or of a newer release, or a file can't be used.
pub fn restore(backup: &Path, target: &Location) -> Result<Report, OfflineError> {
    let io = |source| OpenError::Io { path: target.path().to_owned(), source };
    if target.holds_data() {
        return Err(OfflineError::Exists(target.path().to_owned()));
    }
    let report = check(&Location::file(backup))?;
    if !report.is_sound() {
        return Err(OfflineError::Unsound { path: backup.to_owned(), report: Box::new(report) });
    }
    target.make_dir().map_err(io)?;
    let _lock = Lock::take(target)?;
    let draft = target.beside(".restoring");
    let sqlite = |error| sqlite_error(&draft, error);
    copy(&crate::access::reader(backup).map_err(sqlite)?, &draft)?;
    start_epoch(&draft).map_err(sqlite)?;
    if target.path().exists() {
        std::fs::remove_file(target.path()).map_err(io)?;
    }
    publish(&draft, target.path()).map_err(io)?;
    check(target)
}

fn start_epoch(path: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.execute("UPDATE head SET epoch = ?1", [random_epoch()?.to_be_bytes()])?;
    connection.close().map_err(|(_, error)| error)
}

#[cfg(test)]
mod tests {
    use linkspan_engine::store::{RecordChange, Store};
    use linkspan_testkit::batch::{batch, connection, create, setting};

    use super::*;
    use crate::{Options, SqliteStore, backup};

    /// A data directory with one commit and its backup.
    async fn backed_up(dir: &Path, record: RecordChange) -> (Location, std::path::PathBuf) {
        let location = Location::in_dir(dir.join("data"));
        let store = SqliteStore::open(&location, &Options::default()).unwrap();
        let head = store.head().await.unwrap();
        store.commit(&batch(7, vec![record]), &head).await.unwrap();
        let file = dir.join("backup");
        backup(&location, &file).unwrap();
        (location, file)
    }

    #[tokio::test]
    async fn a_restored_store_has_the_records_and_another_epoch() {
        let scratch = tempfile::tempdir().unwrap();
        let (source, file) = backed_up(scratch.path(), setting("x", "")).await;
        let target = Location::in_dir(scratch.path().join("elsewhere/data"));
        std::fs::create_dir_all(scratch.path().join("elsewhere/data")).unwrap();
        std::fs::write(scratch.path().join("elsewhere/data/master.key"), "key").unwrap();
        let report = restore(&file, &target).unwrap();
        let (old, new) = (check(&source).unwrap().head.unwrap(), report.head.unwrap());
        assert_ne!(old.epoch, new.epoch);
        assert_eq!((old.revision, old.commit_id), (new.revision, new.commit_id));
        assert_eq!(report.records.values().sum::<u64>(), 1);
        assert!(SqliteStore::open(&target, &Options::default()).is_ok());
    }

    #[tokio::test]
    async fn a_database_that_is_there_stays() {
        let scratch = tempfile::tempdir().unwrap();
        let (source, file) = backed_up(scratch.path(), setting("x", "")).await;
        let before = std::fs::read(source.path()).unwrap();
        assert!(matches!(restore(&file, &source), Err(OfflineError::Exists(_))));
        assert_eq!(std::fs::read(source.path()).unwrap(), before);
    }

    #[tokio::test]
    async fn a_damaged_backup_is_not_restored() {
        let scratch = tempfile::tempdir().unwrap();
        let (_, file) = backed_up(scratch.path(), create(connection(1), "no connection")).await;
        let target = Location::in_dir(scratch.path().join("elsewhere"));
        let refused = restore(&file, &target).unwrap_err();
        assert!(matches!(refused, OfflineError::Unsound { .. }), "{refused}");
        std::fs::write(&file, "no database").unwrap();
        assert!(matches!(restore(&file, &target), Err(OfflineError::Open(OpenError::Damaged { .. }))));
        assert!(!target.path().exists());
    }
}
