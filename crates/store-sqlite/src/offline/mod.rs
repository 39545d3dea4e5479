//! Tools that work on files: backup, restore, check. None of them needs a server, and the first and the last may run
//! beside one.
//!
//! To add a tool, give it a file of its own and a function that takes a [`Location`](crate::Location).

mod backup;
mod check;
mod restore;
mod rows;

use std::path::{Path, PathBuf};

use linkspan_engine::transfer::Report;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, ffi};

pub use self::backup::backup;
pub use self::check::check;
pub use self::restore::restore;
pub use self::rows::{DraftFile, Snapshot};
use crate::error::OpenError;
use crate::location::make_private;
use crate::opening::sqlite_error;

/// Why a tool gave up. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// A database can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is something already where the result would be.
    #[error("{} is there already; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// There is no database.
    #[error("{} holds no database", .0.display())]
    Empty(PathBuf),
    /// An older release wrote it.
    #[error("{} has schema {schema}, of an older release: start the server on it once, which migrates it", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The number of its schema.
        schema: u32,
    },
    /// What should be restored is damaged.
    #[error("{} is damaged: {}", path.display(), report.findings.join("; "))]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What was found.
        report: Box<Report>,
    },
}

/// Copies a database as it is at one instant into one file for its owner only, beside writers of any process.
pub(crate) fn copy(from: &Connection, to: &Path) -> Result<(), OpenError> {
    let io = |source| OpenError::Io { path: to.to_owned(), source };
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        _ => make_private(to).map_err(io)?,
    }
    let sqlite = |source| sqlite_error(to, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(sqlite)?;
    let copied = Backup::new(from, &mut target).and_then(|backup| backup.step(-1)).map_err(sqlite)?;
    if copied != StepResult::Done {
        return Err(sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)));
    }
    // A copy has no log: it is one file, and can be read where nothing can be written.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).map_err(sqlite)
}
