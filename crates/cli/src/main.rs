//! The binary `linkspan`: the server, and the command line that speaks to one.
//!
//! Invariants: standard output holds results only; the exit code says what a failure comes down to; everything that
//! depends on the surroundings takes them as a parameter.
//!
//! It must not hold rules of the API: those are the server's. It is the only place that knows a store's backend, and
//! puts the parts of the server together (`serve`).
//!
//! To add a command: see `arguments.rs`.

mod arguments;
mod commands;
mod durations;
mod environment;
mod failure;
mod import;
mod manual;
mod output;
mod profile;
mod quickstart;
mod serve;
mod topology;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use linkspan_engine::{Clock, SystemClock};
use linkspan_server::contract;

use arguments::{Cli, Command, Page};
use environment::Environment;
use failure::Failure;
use output::{Format, Output};

fn main() -> ExitCode {
    let environment = Environment::capture();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misread(&error),
    };
    let output = Output::new(cli.output, &environment, SystemClock.now());
    match run(&cli.command, &environment, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&failure, output.format());
            failure.exit().into()
        }
    }
}

/// Help and version are answers; anything else is a mistake, told in the form that was asked for if that can be seen.
fn misread(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Nobody is left to tell if it can't be printed.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    match output::format_of(std::env::args()) {
        Format::Json | Format::Jsonl | Format::Yaml => {
            let text = error.render().to_string();
            let failure = Failure::usage(text.trim().trim_start_matches("error: "));
            output::failure(&failure, output::format_of(std::env::args()));
        }
        _ => drop(error.print()),
    }
    failure::Exit::Usage.into()
}

fn run(command: &Command, environment: &Environment, output: &Output) -> Result<(), Failure> {
    if output.format().is_drawing() && !matches!(command, Command::Topology(_)) {
        return Err(Failure::usage("only `linkspan topology` can be drawn as dot, mermaid or svg"));
    }
    match command {
        Command::Serve(options) => serve::run(options, environment, output),
        Command::Quickstart(options) => quickstart::run(options, environment, output),
        Command::Connection(group) => client_side(commands::run(group, environment, output)),
        Command::Queue(group) => client_side(commands::run(group, environment, output)),
        Command::Pool(group) => client_side(commands::run(group, environment, output)),
        Command::Connectivity(group) => client_side(commands::run(group, environment, output)),
        Command::Diagnose(options) => client_side(commands::diagnose::run(options, environment, output)),
        Command::Topology(options) => client_side(commands::topology::run(options, environment, output)),
        Command::Quota(options) => client_side(commands::quota::run(options, environment, output)),
        Command::Network(group) => client_side(commands::run(group, environment, output)),
        Command::Import(options) => client_side(import::run(options, environment, output)),
        Command::Audit(options) => client_side(commands::audit::run(options, environment, output)),
        Command::Key(group) => client_side(commands::run(group, environment, output)),
        Command::User(group) => client_side(commands::run(group, environment, output)),
        Command::Project(group) => client_side(commands::run(group, environment, output)),
        Command::Domain(group) => client_side(commands::run(group, environment, output)),
        Command::Fault(group) => client_side(commands::run(group, environment, output)),
        Command::Netd(options) => commands::netd::run(options),
        Command::Db { action } => commands::database::run(action, environment, output),
        Command::Completion { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "linkspan", &mut text);
            output.print(&String::from_utf8_lossy(&text))
        }
        Command::Man => {
            let mut text = Vec::new();
            let rendered = clap_mangen::Man::new(Cli::command()).render(&mut text);
            rendered.map_err(|error| Failure::failed(error.to_string()))?;
            output.print(&String::from_utf8_lossy(&text))
        }
        Command::Version => output.print(concat!("linkspan ", env!("CARGO_PKG_VERSION"))),
        Command::Docs { page } => output.print(&match page {
            Page::Cli => manual::cli(Cli::command()),
            Page::Settings => manual::settings(),
            Page::Openapi => contract::document().to_json(),
            Page::Compatibility => contract::register(contract::Language::English),
            Page::CompatibilityZh => contract::register(contract::Language::Chinese),
        }),
    }
}

/// A command that only asks a server needs no more than one thread.
fn client_side(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::failed(format!("no runtime can be made: {error}")))?.block_on(work)
}
