//! A backup: the database of one instant in one file.

use std::path::Path;

use linkspan_engine::store::Head;

use super::{OfflineError, copy};
use crate::error::OpenError;
use crate::location::{Location, publish};
use crate::opening::{Found, sqlite_error};
use crate::schema::Known;
use crate::{access, read};

/// Writes a backup, also while a server writes to the database, and says at which head it stands.
///
/// The file appears under its name only when it is whole and on disk. The master key that seals secrets is no part
/// of the database and therefore not of its backup.
///
/// # Errors
/// There is no database, it can't be read, `to` is there already or can't be written.
pub fn backup(source: &Location, to: &Path) -> Result<Head, OfflineError> {
    if to.exists() {
        return Err(OfflineError::Exists(to.to_owned()));
    }
    if !source.holds_data() {
        return Err(OfflineError::Empty(source.path().to_owned()));
    }
    let sqlite = |error| sqlite_error(source.path(), error);
    let connection = access::reader(source.path()).map_err(sqlite)?;
    let found = Found::look(&connection, source.path(), Known::TODAY)?;
    if found.is_empty() {
        return Err(OfflineError::Empty(source.path().to_owned()));
    }
    let draft = Location::file(to).beside(".partial");
    copy(&connection, &draft)?;
    let copied = access::reader(&draft).and_then(|copied| read::head(&copied));
    let head = copied.map_err(|error| sqlite_error(&draft, error))?;
    publish(&draft, to).map_err(|source| OpenError::Io { path: to.to_owned(), source })?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use linkspan_engine::store::Store;
    use linkspan_testkit::batch::{batch, connection, create};

    use super::*;
    use crate::{Options, SqliteStore, check};

    #[tokio::test]
    async fn a_backup_is_taken_beside_a_server_that_writes() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path());
        let store = SqliteStore::open(&location, &Options::default()).unwrap();
        let mut head = store.head().await.unwrap();
        for number in 1..=20_u32 {
            head = store.commit(&batch(number.into(), vec![create(connection(number), "x")]), &head).await.unwrap();
            let to = scratch.path().join(format!("backup-{number}"));
            assert_eq!(backup(&location, &to).unwrap(), head);
            let report = check(&Location::file(&to)).unwrap();
            assert_eq!(report.head.unwrap(), head);
            assert_eq!(report.records.values().sum::<u64>(), u64::from(number));
        }
        assert!(!scratch.path().join("backup-20-wal").exists(), "a backup is one file");
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_is_made_of_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path());
        let to = scratch.path().join("backup");
        assert!(matches!(backup(&location, &to), Err(OfflineError::Empty(_))));
        drop(SqliteStore::open(&location, &Options::default()).unwrap());
        std::fs::write(&to, "mine").unwrap();
        assert!(matches!(backup(&location, &to), Err(OfflineError::Exists(_))));
        assert_eq!(std::fs::read(&to).unwrap(), b"mine");
    }
}
