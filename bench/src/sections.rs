//! The sections of the page, in the order in which they are measured.

use std::time::Instant;

use crate::arguments::Bench;
use crate::outcome::Outcome;
use crate::{in_process, lists, machine, networks, nodes, peers, report, start, whole_list, writes};

/// A part of the page.
pub struct Section {
    /// Its name on the command line and in the page's marker lines.
    pub name: &'static str,
    run: fn(&Bench) -> Outcome<String>,
}

/// Every section.
pub const ALL: &[Section] = &[
    Section { name: "machine", run: machine::run },
    Section { name: "in-process", run: in_process::run },
    Section { name: "writes", run: writes::in_process },
    Section { name: "start", run: start::run },
    Section { name: "lists", run: lists::run },
    Section { name: "whole-list", run: whole_list::run },
    Section { name: "writes-http", run: writes::over_http },
    Section { name: "networks", run: networks::run },
    Section { name: "nodes", run: nodes::run },
    Section { name: PEERS, run: peers::run },
];

/// Downloads other programs and takes long, so it is only measured by name.
const PEERS: &str = "peers";

/// Measures the sections named, or all but the peers, and writes the page. A section that fails leaves its old table.
pub fn run(bench: &Bench, names: &[String]) -> Outcome<()> {
    std::fs::create_dir_all(&bench.work).map_err(|error| format!("{}: {error}", bench.work.display()))?;
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|section| section.name != name.as_str())) {
        let known: Vec<_> = ALL.iter().map(|section| section.name).collect();
        return Err(format!("there is no section `{unknown}`, only {}", known.join(", ")).into());
    }
    let mut failed = Vec::new();
    let is_wanted = |section: &&Section| match names {
        [] => section.name != PEERS,
        _ => names.iter().any(|name| name == section.name),
    };
    for section in ALL.iter().filter(is_wanted) {
        let started = Instant::now();
        println!("\n== {}", section.name);
        match (section.run)(bench) {
            Ok(markdown) => {
                report::keep(bench, section.name, &markdown)?;
                println!("\n{markdown}\n== {}: {:.0} s", section.name, started.elapsed().as_secs_f64());
            }
            Err(fault) => {
                println!("== {}: FAILED: {fault}", section.name);
                failed.push(section.name);
            }
        }
    }
    report::write(bench)?;
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}
