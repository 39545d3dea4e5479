//! `linkspan db …`: work on a database whose server is stopped, or, for a backup, runs.

mod moving;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use linkspan_engine::record::Kind;
use linkspan_engine::store::RECORD_FORMAT;
use linkspan_engine::transfer::Report;
use serde::Serialize;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, Tone};
use crate::serve::{self, Database};

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
    /// Make a backup the database of a data directory, or of a PostgreSQL schema, that has none
    Restore {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Copy everything into another database, which must hold none
    ///
    /// Works between SQLite and PostgreSQL in both directions. Stop every server on the first one: what is written there
    /// after the copy has begun is not in it. A copy that broke off goes on where it was when it is run again.
    /// One of the two may be left out: it is then the database of the settings, so that a password need not be on the
    /// command line.
    Copy {
        /// The database to copy: sqlite:PATH or postgres://…
        #[arg(long, value_name = "URL", required_unless_present = "to")]
        from: Option<String>,
        /// Where to
        #[arg(long, value_name = "URL")]
        to: Option<String>,
    },
    /// Let a database use what came with this release, once every node on it runs this one
    ///
    /// Until then nodes of the release before can serve it too, and what they would not understand is refused. They stop
    /// when it is done; there is no way back but a backup. Servers may run meanwhile. A database in SQLite has one server,
    /// which does it by itself.
    Finalize {
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
    fn database(&self, environment: &Environment) -> Result<Database, Failure> {
        let given = [("data_dir", &self.data_dir), ("database", &self.database)];
        let given = given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?)));
        serve::database(given.collect(), environment)
    }
}

/// Runs one; blocks while it works.
pub(crate) fn run(action: &Action, environment: &Environment, output: &Output) -> Result<(), Failure> {
    match action {
        Action::Backup { file, place } => {
            let head = moving::backup(place.database(environment)?, &environment.at(file))?;
            output.done(&file.display().to_string(), &format!("holds revision {}", head.revision))?;
            output.note("The master key is not in it. Without that key the secrets of its access keys are lost.");
            Ok(())
        }
        Action::Restore { file, place } => {
            let database = place.database(environment)?;
            let report = moving::restore(&environment.at(file), &database)?;
            told(output, &database, &report)?;
            output.note("It needs the master key under which its secrets were sealed.");
            Ok(())
        }
        Action::Copy { from, to } => {
            let [from, to] = [from, to].map(|database| Place { data_dir: None, database: database.clone() });
            let (from, to) = (from.database(environment)?, to.database(environment)?);
            let report = moving::copy(&from, &to)?;
            told(output, &to, &report)?;
            output.note("It needs the master key of the database that was copied, and so does every node on it.");
            Ok(())
        }
        Action::Finalize { place } => {
            let database = place.database(environment)?;
            let done = match moving::finalize(&database)? {
                before if before < RECORD_FORMAT => format!("raised from record format {before} to {RECORD_FORMAT}"),
                _ => format!("is at record format {RECORD_FORMAT} already"),
            };
            output.done(&database.to_string(), &done)
        }
        Action::Check { place } => {
            let database = place.database(environment)?;
            let report = moving::check(&database)?;
            told(output, &database, &report)?;
            if report.is_sound() { Ok(()) } else { Err(Failure::failed("the database is damaged")) }
        }
    }
}

fn told(output: &Output, database: &Database, report: &Report) -> Result<(), Failure> {
    let records = report.records.iter().map(|(kind, count)| (several(*kind), *count)).collect();
    output.one(&Summary {
        path: database.to_string(),
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
        Kind::NetworkBinding => "bound networks",
        Kind::PlaneRequest => "requests to the plane",
    }
}
