//! `linkspan db …`: work on a database whose server is stopped, or, for a backup, runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use linkspan_engine::record::Kind;
use linkspan_engine::transfer::Report;
use linkspan_store_sqlite::{Location, OfflineError, OpenError, backup, check, restore};
use serde::Serialize;

use crate::environment::Environment;
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Output, Row, Tone};
use crate::serve;

/// What to do with a database.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Write a backup of one instant, also while a server runs
    ///
    /// The master key that seals secrets is no part of it: keep a copy of master.key apart.
    Backup {
        /// The file to write, which must not exist
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Make a backup the database of a data directory that has none
    Restore {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Check that a database is whole, and say what it holds
    Check {
        #[command(flatten)]
        place: Place,
    },
}

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The data directory [default: ./linkspan-data] [env: LINKSPAN_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The database, if it is not in the data directory [env: LINKSPAN_DATABASE]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl Place {
    fn location(&self, environment: &Environment) -> Result<Location, Failure> {
        let given = [("data_dir", &self.data_dir), ("database", &self.database)];
        let given = given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?)));
        serve::database(given.collect(), environment)
    }
}

/// Runs one; blocks while it works.
pub(crate) fn run(action: &Action, environment: &Environment, output: &Output) -> Result<(), Failure> {
    match action {
        Action::Backup { file, place } => {
            let location = place.location(environment)?;
            let head = backup(&location, &environment.at(file)).map_err(failed)?;
            output.done(&file.display().to_string(), &format!("holds revision {}", head.revision))?;
            output.note("The master key is not in it. Without master.key the secrets of its access keys are lost.");
            Ok(())
        }
        Action::Restore { file, place } => {
            let location = place.location(environment)?;
            let report = restore(&environment.at(file), &location).map_err(failed)?;
            told(output, &location, &report)?;
            output.note("It needs the master.key under which its secrets were sealed.");
            Ok(())
        }
        Action::Check { place } => {
            let location = place.location(environment)?;
            let report = check(&location).map_err(failed)?;
            told(output, &location, &report)?;
            if report.is_sound() { Ok(()) } else { Err(Failure::failed("the database is damaged")) }
        }
    }
}

fn told(output: &Output, location: &Location, report: &Report) -> Result<(), Failure> {
    let records = report.records.iter().map(|(kind, count)| (several(*kind), *count)).collect();
    output.one(&Summary {
        path: location.path().display().to_string(),
        schema: report.schema,
        revision: report.head.map(|head| head.revision),
        records,
        audit_rows: report.audit_rows,
        findings: report.findings.clone(),
    })
}

/// What a database holds.
#[derive(Serialize)]
struct Summary {
    path: String,
    schema: u32,
    revision: Option<u64>,
    records: BTreeMap<&'static str, u64>,
    audit_rows: u64,
    findings: Vec<String>,
}

impl Row for Summary {
    const PLURAL: &'static str = "databases";
    const COLUMNS: &'static [(&'static str, bool)] = &[];

    fn name(&self) -> String {
        self.path.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        Vec::new()
    }

    fn details(&self, _now: i64) -> Vec<(&'static str, Cell)> {
        let records: Vec<String> = self.records.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let revision = self.revision.map(|revision| revision.to_string()).unwrap_or_default();
        let mut lines = vec![
            ("Database", self.path.as_str().into()),
            ("Schema", self.schema.to_string().into()),
            ("Revision", Cell::or_dash(&revision)),
            ("Records", Cell::or_dash(&records.join(", "))),
            ("Audit rows", self.audit_rows.to_string().into()),
        ];
        match &self.findings[..] {
            [] => lines.push(("Verdict", Cell::toned("sound", Tone::Good))),
            findings => lines.extend(findings.iter().map(|finding| ("Damage", Cell::toned(finding, Tone::Bad)))),
        }
        lines
    }
}

/// What several records of a kind are called.
fn several(kind: Kind) -> &'static str {
    match kind {
        Kind::Setting => "settings",
        Kind::Domain => "domains",
        Kind::Project => "projects",
        Kind::User => "users",
        Kind::AccessKey => "access keys",
        Kind::Connection => "connections",
        Kind::Hosts => "host lists",
        Kind::Peer => "peers",
        Kind::Queue => "queues",
        Kind::Pool => "pools",
        Kind::Vpc => "VPCs",
        Kind::Subnet => "subnets",
        Kind::ConnectivityTest => "connectivity tests",
        Kind::RouteTable => "route tables",
    }
}

fn failed(error: OfflineError) -> Failure {
    let exit = match &error {
        OfflineError::Exists(_) | OfflineError::Open(OpenError::InUse { .. }) => Exit::Conflict,
        OfflineError::Empty(_) => Exit::NotFound,
        _ => Exit::Failed,
    };
    Failure::new(exit, error.to_string())
}
