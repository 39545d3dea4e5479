//! What is done with a database of either kind: each is a source of rows, and a draft that rows are put into.

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use linkspan_engine::store::{Head, RECORD_FORMAT, StoreError};
use linkspan_engine::transfer::{self, Draft, Report, Rows, transfer};
use linkspan_engine::{Ids, RandomIds};
use linkspan_store_postgres::{DraftSchema, Options, Snapshot as SchemaSnapshot};
use linkspan_store_sqlite::{
    DraftFile, Location, OfflineError, OpenError, Options as SqliteOptions, Snapshot, SqliteStore,
};

use crate::failure::{Exit, Failure};
use crate::serve::{Database, of_open_postgres};

/// A question for a thousand rows may take longer than one that a server asks.
fn patient() -> Options {
    Options { answer_within: Duration::from_secs(60), ..Options::default() }
}

/// Writes the database of one instant to a file.
pub(super) fn backup(database: Database, file: &Path) -> Result<Head, Failure> {
    match database {
        Database::Sqlite(location) => linkspan_store_sqlite::backup(&location, file).map_err(offline),
        Database::Postgres(_) => {
            let mut source = source(&database)?;
            let head = source.head().map_err(|error| failed(&error))?;
            let draft = DraftFile::backup(file, &head).map_err(offline)?;
            moved(&mut *source, Box::new(draft), head.epoch)
        }
    }
}

/// Makes a backup a database, under an epoch of its own.
pub(super) fn restore(file: &Path, database: &Database) -> Result<Report, Failure> {
    let Database::Sqlite(location) = database else {
        let backup = Location::file(file);
        let report = linkspan_store_sqlite::check(&backup).map_err(offline)?;
        if !report.is_sound() {
            return Err(offline(OfflineError::Unsound { path: file.to_owned(), report: Box::new(report) }));
        }
        return copy(&Database::Sqlite(backup), database);
    };
    linkspan_store_sqlite::restore(file, location).map_err(offline)
}

/// Copies a database into another one, under an epoch of its own, and says what that holds.
pub(super) fn copy(from: &Database, to: &Database) -> Result<Report, Failure> {
    let mut source = source(from)?;
    let head = source.head().map_err(|error| failed(&error))?;
    let draft: Box<dyn Draft> = match to {
        Database::Sqlite(location) => Box::new(DraftFile::database(location, &head).map_err(offline)?),
        Database::Postgres(location) => {
            let begun = DraftSchema::begin(location, &patient(), &head);
            Box::new(begun.map_err(|error| of_open_postgres(&error))?)
        }
    };
    moved(&mut *source, draft, RandomIds.uuid().as_u128())?;
    check(to)
}

/// Raises the record format to this release's, and answers what it was.
pub(super) fn finalize(database: &Database) -> Result<u32, Failure> {
    match database {
        Database::Sqlite(location) => {
            let mut snapshot = Snapshot::open(location).map_err(offline)?;
            let before = snapshot.head().map_err(|error| failed(&error))?.format;
            drop(snapshot);
            // Its server has done it, and may be running.
            if before >= RECORD_FORMAT {
                return Ok(before);
            }
            SqliteStore::open(location, &SqliteOptions::default()).map_err(|error| offline(error.into()))?;
            Ok(before)
        }
        Database::Postgres(location) => {
            linkspan_store_postgres::finalize(location, &patient()).map_err(|error| of_open_postgres(&error))
        }
    }
}

/// Reads everything in a database.
pub(super) fn check(database: &Database) -> Result<Report, Failure> {
    match database {
        Database::Sqlite(location) => linkspan_store_sqlite::check(location).map_err(offline),
        Database::Postgres(_) => {
            let mut report = Report { schema: SchemaSnapshot::SCHEMA, ..Report::default() };
            transfer::check(&mut *source(database)?, &mut report);
            Ok(report)
        }
    }
}

fn source(database: &Database) -> Result<Box<dyn Rows>, Failure> {
    Ok(match database {
        Database::Sqlite(location) => Box::new(Snapshot::open(location).map_err(offline)?),
        Database::Postgres(location) => {
            Box::new(SchemaSnapshot::open(location, &patient()).map_err(|error| of_open_postgres(&error))?)
        }
    })
}

/// Moves everything, and shows how far it is to whoever watches.
fn moved(source: &mut dyn Rows, draft: Box<dyn Draft>, epoch: u128) -> Result<Head, Failure> {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows copied") {
        bar.set_style(style);
    }
    let head = transfer(source, draft, Some(epoch), &mut |rows| bar.inc(rows));
    bar.finish_and_clear();
    head.map_err(|error| failed(&error))
}

fn failed(error: &StoreError) -> Failure {
    Failure::failed(error.to_string())
}

fn offline(error: OfflineError) -> Failure {
    let exit = match &error {
        OfflineError::Exists(_) | OfflineError::Open(OpenError::InUse { .. }) => Exit::Conflict,
        OfflineError::Empty(_) => Exit::NotFound,
        _ => Exit::Failed,
    };
    Failure::new(exit, error.to_string())
}
