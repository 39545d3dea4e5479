//! Errors, and what an error of SQLite means for the engine.

use std::path::PathBuf;

use linkspan_engine::store::{CommitError, StoreError};
use rusqlite::ErrorCode;

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "{} is in use by {}; only one process may open it",
        path.display(),
        holder.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    InUse {
        /// The database.
        path: PathBuf,
        /// The process, if it has named itself.
        holder: Option<u32>,
    },
    /// A file or directory can't be used.
    #[error("can't use {}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A newer release wrote it. Nothing was changed.
    #[error("{} has {what} {found}, this release knows {known}; use the release that wrote it", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// What is newer: the schema, or the records' format.
        what: &'static str,
        /// Its number.
        found: u32,
        /// The newest that this release knows.
        known: u32,
    },
    /// It is an SQLite database of something else. Nothing was changed.
    #[error("{} is not a database of Linkspan", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Its invariants are broken.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// SQLite can't work with it.
    #[error("can't use {}: {source}", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// What a failed read means.
pub(crate) fn of_read(error: &rusqlite::Error) -> StoreError {
    if means_damage(error) {
        StoreError::Damaged(error.to_string())
    } else {
        StoreError::Unavailable(error.to_string())
    }
}

/// What a failure before COMMIT means: the transaction is rolled back, so nothing is in doubt.
pub(crate) fn of_write(error: &rusqlite::Error) -> CommitError {
    match error.sqlite_error_code() {
        _ if means_damage(error) => CommitError::Damaged(error.to_string()),
        Some(ErrorCode::DiskFull) => CommitError::Full(error.to_string()),
        _ => CommitError::Refused(error.to_string()),
    }
}

/// What a failure of COMMIT means.
///
/// The log's last frame is what commits. If the disk was full it is incomplete, and a lock that was not given means
/// that it was never begun; after any other failure it may be there.
pub(crate) fn of_commit(error: &rusqlite::Error) -> CommitError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => CommitError::Full(error.to_string()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => CommitError::Refused(error.to_string()),
        _ => CommitError::InDoubt(error.to_string()),
    }
}

/// Whether the file's content, and not the access to it, is what failed.
pub(crate) fn means_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    match error.sqlite_error_code() {
        // A constraint fails only on rows that no commit can have left.
        Some(code) => matches!(
            code,
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::TypeMismatch
                | ErrorCode::ConstraintViolation
        ),
        None => matches!(
            error,
            E::FromSqlConversionFailure(..)
                | E::IntegralValueOutOfRange(..)
                | E::InvalidColumnType(..)
                | E::QueryReturnedNoRows
        ),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn sqlite(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn only_a_failure_of_commit_is_in_doubt() {
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_NOMEM] {
            assert!(matches!(of_commit(&sqlite(code)), CommitError::InDoubt(_)), "{code}");
            assert!(matches!(of_write(&sqlite(code)), CommitError::Refused(_)), "{code}");
            assert!(matches!(of_read(&sqlite(code)), StoreError::Unavailable(_)), "{code}");
        }
        assert!(matches!(of_commit(&sqlite(ffi::SQLITE_BUSY)), CommitError::Refused(_)));
    }

    #[test]
    fn a_full_disk_and_damage_are_told_apart() {
        assert!(matches!(of_commit(&sqlite(ffi::SQLITE_FULL)), CommitError::Full(_)));
        assert!(matches!(of_write(&sqlite(ffi::SQLITE_FULL)), CommitError::Full(_)));
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            assert!(matches!(of_write(&sqlite(code)), CommitError::Damaged(_)), "{code}");
            assert!(matches!(of_read(&sqlite(code)), StoreError::Damaged(_)), "{code}");
        }
    }
}
