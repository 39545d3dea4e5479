//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::ceiling::CeilingOptions;
use crate::writes::floor::FloorOptions;
use crate::writes::load::LoadOptions;

/// Measures Linkspan against references in the same run.
#[derive(Parser)]
#[command(name = "linkspan-bench")]
pub struct Arguments {
    #[command(flatten)]
    pub bench: Bench,
    #[command(subcommand)]
    pub command: Command,
}

/// How everything is measured.
#[derive(Args, Clone)]
pub struct Bench {
    /// The program that is measured
    #[arg(long, global = true, default_value = "target/release/linkspan")]
    pub server: PathBuf,
    /// Where data directories and results lie; its disk is the one that is measured
    #[arg(long, global = true, default_value = "target/bench")]
    pub work: PathBuf,
    /// The page that holds the tables
    #[arg(long, global = true, default_value = "docs/performance.md")]
    pub page: PathBuf,
    /// Rounds of each comparison; their median counts
    #[arg(long, global = true, default_value_t = 9)]
    pub rounds: usize,
    /// Seconds of load that are measured in a round
    #[arg(long, global = true, default_value_t = 2)]
    pub seconds: u64,
    /// Seconds to wait before each measurement for other programs to leave the processors alone
    #[arg(long, global = true, default_value_t = 30)]
    pub patience: u64,
    /// Only cases whose name contains this
    #[arg(long, global = true)]
    pub only: Option<String>,
}

impl Bench {
    /// Whether a case is to be measured.
    pub fn wants(&self, case: &str) -> bool {
        self.only.as_ref().is_none_or(|only| case.contains(only.as_str()))
    }

    /// How long to wait for a quiet moment.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }

    /// Time of load that is measured in a round.
    pub fn measured(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// Measure sections (all but the peers if none is named), then write the tables into the page
    Run {
        /// machine, in-process, writes, start, lists, whole-list, writes-http, networks, nodes; and by name only: peers
        sections: Vec<String>,
    },
    /// Write the tables of the last runs into the page
    Report,
    /// Internal: real networks, as root of namespaces of its own
    #[command(hide = true)]
    Networks,
    /// Internal: the bare server that everything is compared with
    #[command(hide = true)]
    Ceiling(CeilingOptions),
    /// Internal: what the disk needs for a flush
    #[command(hide = true)]
    Floor(FloorOptions),
    /// Internal: clients that create connections over HTTP
    #[command(hide = true)]
    WriteLoad(LoadOptions),
}
