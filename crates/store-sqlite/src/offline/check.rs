//! A check: is every page sound, and is what the rows say what a store may hold?

use linkspan_engine::transfer::{self, Report};
use rusqlite::Connection;

use super::OfflineError;
use super::rows::Snapshot;
use crate::access;
use crate::location::Location;
use crate::opening::{Found, sqlite_error};
use crate::schema::Known;

/// No more broken pages than this are reported.
const MOST_PAGES: usize = 100;

/// Checks a database as of one instant, also beside a server that writes to it, and a backup.
///
/// # Errors
/// There is no database, or one that this release can't read. What is wrong inside is reported, not an error.
pub fn check(location: &Location) -> Result<Report, OfflineError> {
    if !location.holds_data() {
        return Err(OfflineError::Empty(location.path().to_owned()));
    }
    let sqlite = |source| sqlite_error(location.path(), source);
    let connection = access::reader(location.path()).map_err(sqlite)?;
    connection.execute_batch("BEGIN").map_err(sqlite)?;
    let found = Found::look(&connection, location.path(), Known::TODAY)?;
    if found.is_empty() {
        return Err(OfflineError::Empty(location.path().to_owned()));
    }
    let mut report = Report { schema: found.schema(), ..Report::default() };
    if let Err(error) = check_pages(&connection, &mut report) {
        report.find(|| format!("reading stopped: {error}"));
    } else if report.schema == Known::TODAY.schema() {
        transfer::check(&mut Snapshot::of(connection), &mut report);
    }
    Ok(report)
}

fn check_pages(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MOST_PAGES})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
            report.find(|| line);
        }
    }
    Ok(())
}
