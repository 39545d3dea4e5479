//! A check: is every page sound, every record readable, and the head where the commits end?

use std::collections::BTreeMap;

use linkspan_engine::place::first_of;
use linkspan_engine::record::{Kind, Record};
use linkspan_engine::store::Head;
use rusqlite::Connection;

use super::OfflineError;
use crate::location::Location;
use crate::opening::{Found, sqlite_error};
use crate::schema::Known;
use crate::{access, read};

/// No more findings than this are reported.
const MOST_FINDINGS: usize = 100;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The number of the tables' schema. Of an older one only the pages are checked; opening migrates it.
    pub schema: u32,
    /// The head.
    pub head: Option<Head>,
    /// The live records by kind.
    pub records: BTreeMap<Kind, u64>,
    /// The rows of the audit.
    pub audit_rows: u64,
    /// What is wrong, in sentences for the operator; at most a hundred.
    pub findings: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, what: impl FnOnce() -> String) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(what());
        }
    }
}

/// Checks a database as of one instant, also beside a server that writes to it, and a backup.
///
/// # Errors
/// There is no database, or one that this release can't read. What is wrong inside is reported, not an error.
pub fn check(location: &Location) -> Result<Report, OfflineError> {
    if !location.holds_data() {
        return Err(OfflineError::Empty(location.path().to_owned()));
    }
    let sqlite = |source| sqlite_error(location.path(), source);
    let mut connection = access::reader(location.path()).map_err(sqlite)?;
    let tx = connection.transaction().map_err(sqlite)?;
    let found = Found::look(&tx, location.path(), Known::TODAY)?;
    if found.is_empty() {
        return Err(OfflineError::Empty(location.path().to_owned()));
    }
    let mut report = Report { schema: found.schema(), ..Report::default() };
    let checked = check_pages(&tx, &mut report)
        .and_then(|()| if report.schema == Known::TODAY.schema() { check_content(&tx, &mut report) } else { Ok(()) });
    if let Err(error) = checked {
        report.find(|| format!("reading stopped: {error}"));
    }
    Ok(report)
}

fn check_pages(tx: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let mut statement = tx.prepare(&format!("PRAGMA integrity_check({MOST_FINDINGS})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
            report.find(|| line);
        }
    }
    Ok(())
}

fn check_content(tx: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let head = read::head(tx)?;
    report.head = Some(head);
    check_commits(tx, &head, report)?;
    check_places(tx, &head, report)?;
    check_audit(tx, report)?;
    read::records(tx, &mut |record| {
        *report.records.entry(record.key.kind).or_default() += 1;
        if let Err(error) = Record::from_stored(&record.key, &record.body) {
            report.find(|| error.to_string());
        }
    })
}

/// The commits that are kept lead without a gap to the head.
fn check_commits(tx: &Connection, head: &Head, report: &mut Report) -> rusqlite::Result<()> {
    let sql = "SELECT count(*), ifnull(max(revision) - min(revision) + 1, 0), ifnull(max(revision), 0) FROM commits";
    let (count, span, last) =
        tx.query_row(sql, [], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?, row.get::<_, u64>(2)?)))?;
    if count != span || count == 0 {
        report.find(|| format!("the commits have a gap: {count} of {span} are there"));
    }
    if last != head.revision {
        report.find(|| format!("the last commit is {last}, the head is at revision {}", head.revision));
    } else if read::commit_id(tx, last)? != Some(head.commit_id) {
        report.find(|| "the last commit bears another id than the head".to_owned());
    }
    Ok(())
}

/// No row lies in the future, and no record twice.
fn check_places(tx: &Connection, head: &Head, report: &mut Report) -> rusqlite::Result<()> {
    let end = first_of(head.revision.saturating_add(1));
    for table in ["record", "tombstone", "audit"] {
        let sql = format!("SELECT count(*) FROM {table} WHERE at < 0 OR at >= ?1");
        let outside: u64 = tx.query_row(&sql, [end], |row| row.get(0))?;
        if outside > 0 {
            report.find(|| format!("{outside} rows of {table} lie outside the revisions up to the head"));
        }
    }
    let sql = "SELECT kind, id, count(*) FROM record GROUP BY kind, id HAVING count(*) > 1";
    let mut statement = tx.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id, count): (u8, String, u64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        report.find(|| format!("record {:?} {id} is there {count} times", Kind::from_number(kind)));
    }
    Ok(())
}

fn check_audit(tx: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    report.audit_rows = tx.query_row("SELECT count(*) FROM audit", [], |row| row.get(0))?;
    let counted: u64 = tx.query_row("SELECT audit_rows FROM head", [], |row| row.get(0))?;
    if counted != report.audit_rows {
        let rows = report.audit_rows;
        report.find(|| format!("the audit has {rows} rows, the head counts {counted}"));
    }
    Ok(())
}
