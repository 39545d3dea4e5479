//! Benchmarks: every figure beside a reference that was measured in the same run. `docs/performance.md` says what
//! is measured, how, and what came out.
//!
//! Invariants: load goes to loopback only and is bounded in count and time; a process that a benchmark starts is ended
//! by its own id, whatever happens; an answer that is not the expected one spoils the run instead of counting.
//!
//! It must not tune the product: the server runs as it is shipped, in its default configuration.
//!
//! To add a section: a function `fn(&Bench) -> Outcome<String>` that returns Markdown, a line in [`sections::ALL`], and
//! its two marker lines in `docs/performance.md`.

#![allow(clippy::disallowed_methods, reason = "no library code: it measures real time and waits for real processes")]

mod arguments;
mod ceiling;
mod client;
mod contender;
mod data;
mod fixture;
mod in_process;
mod lists;
mod machine;
mod networks;
mod nodes;
mod outcome;
mod peers;
mod process;
mod quantities;
mod report;
mod rounds;
mod sections;
mod server;
mod signed;
mod start;
mod table;
mod whole_list;
mod writes;
mod wrk;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use outcome::Outcome;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("linkspan-bench: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Outcome<()> {
    match arguments.command {
        Command::Run { sections } => sections::run(&arguments.bench, &sections),
        Command::Networks => networks::inside(&arguments.bench),
        Command::Report => report::write(&arguments.bench),
        Command::Ceiling(options) => ceiling::serve(&options),
        Command::Floor(options) => writes::floor::print(&options),
        Command::WriteLoad(options) => writes::load::run(&options),
    }
}
