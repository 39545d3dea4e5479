use std::collections::{BTreeMap, HashSet};

use super::{Cursor, Row, Rows, Table};
use crate::record::{Kind, Record, RecordKey};
use crate::store::{Head, StoreError};

/// No more findings than this are reported.
const MOST_FINDINGS: usize = 100;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The number of the tables' schema. Of an older one nothing inside is checked; opening migrates it.
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

    /// Adds a finding, unless there are enough.
    pub fn find(&mut self, what: impl FnOnce() -> String) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(what());
        }
    }
}

/// Reads everything: is every record readable and there once, do the commits lead without a gap to the head, and does
/// no row lie beyond it? What is wrong goes to the report.
pub fn check(rows: &mut dyn Rows, report: &mut Report) {
    if let Err(error) = check_all(rows, report) {
        report.find(|| format!("reading stopped: {error}"));
    }
}

fn check_all(rows: &mut dyn Rows, report: &mut Report) -> Result<(), StoreError> {
    let head = rows.head()?;
    report.head = Some(head);
    check_commits(rows, &head, report)?;
    check_records(rows, &head, report)?;
    count(rows, (Table::Tombstones, &head), report)?;
    report.audit_rows = count(rows, (Table::Audit, &head), report)?;
    let (counted, found) = (rows.audit_rows()?, report.audit_rows);
    if counted != found {
        report.find(|| format!("the audit has {found} rows, the head counts {counted}"));
    }
    Ok(())
}

/// The commits that are kept lead without a gap to the head.
fn check_commits(rows: &mut dyn Rows, head: &Head, report: &mut Report) -> Result<(), StoreError> {
    let mut cursor = Cursor::new(Table::Commits);
    let mut last = None;
    while let Some(Row::Commit(revision, id)) = cursor.next(rows)? {
        if last.is_some_and(|(before, _)| revision != before + 1) {
            report.find(|| format!("the commits have a gap before {revision}"));
        }
        last = Some((revision, id));
    }
    match last {
        Some((revision, id)) if revision == head.revision => {
            if id != head.commit_id {
                report.find(|| "the last commit bears another id than the head".to_owned());
            }
        }
        Some((revision, _)) => {
            report.find(|| format!("the last commit is {revision}, the head is at revision {}", head.revision));
        }
        None => report.find(|| "there are no commits".to_owned()),
    }
    Ok(())
}

/// Every record can be read, and is there once.
fn check_records(rows: &mut dyn Rows, head: &Head, report: &mut Report) -> Result<(), StoreError> {
    let mut seen: HashSet<RecordKey> = HashSet::new();
    let mut cursor = Cursor::new(Table::Records);
    while let Some(Row::Record(record)) = cursor.next(rows)? {
        *report.records.entry(record.key.kind).or_default() += 1;
        if record.at.revision > head.revision {
            report.find(|| format!("record {:?} {} lies beyond the head", record.key.kind, record.key.id));
        }
        if let Err(error) = Record::from_stored(&record.key, &record.body) {
            report.find(|| error.to_string());
        }
        let key = record.key;
        if !seen.insert(key.clone()) {
            report.find(|| format!("record {:?} {} is there more than once", key.kind, key.id));
        }
    }
    Ok(())
}

/// How many rows a table has; none lies beyond the head.
fn count(rows: &mut dyn Rows, (table, head): (Table, &Head), report: &mut Report) -> Result<u64, StoreError> {
    let (mut count, end) = (0, crate::place::first_of(head.revision.saturating_add(1)));
    let mut cursor = Cursor::new(table);
    while let Some(row) = cursor.next(rows)? {
        count += 1;
        if row.place() >= end {
            report.find(|| format!("a row of {} lies beyond the head, at {}", table.name(), row.place()));
        }
    }
    Ok(count)
}
