//! Everything in this repository that is run by name: `cargo xtask <name>`.
//!
//! Purpose: one command per habit (set a machine up, run every check, regenerate what is generated), the same on a
//! developer's machine and in CI, each step saying what it does and how long it took.
//!
//! Invariants: a failing step never hides the ones after it; the exit code is non-zero as soon as one failed; nothing
//! is written outside the target directory except by `generate` and by `apt-get` in `setup`.
//!
//! It must not hold rules of the product, and it has no dependency, so that it is built before anything else is.
//!
//! To add a step, write a function `fn(&Workspace) -> step::Outcome` and give it a line in [`steps::ALL`].

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command that people read: its output is its product")]
#![allow(clippy::disallowed_methods, reason = "no library code: it reads the environment for the commands it starts")]

mod bench;
mod compat;
mod generate;
mod process;
mod server;
mod setup;
mod step;
mod steps;
mod tidy;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <command>

  setup              install what the tests need, saying what is done
  test [STEP...]     run every check, or only the steps named, in the order named
  tidy               check the house rules that no compiler knows
  generate [--check] write the generated files anew; with --check only compare them
  bench [SECTION...] measure everything, or only the sections named, into docs/performance.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let workspace = Workspace::locate();
    let passed = match words.as_slice() {
        ["setup"] => steps::run(&workspace, &["setup"]),
        ["test", names @ ..] => steps::run(&workspace, names),
        ["tidy"] => steps::run(&workspace, &["tidy"]),
        ["generate"] => report(generate::write(&workspace)),
        ["bench", sections @ ..] => report(bench::run(&workspace, sections)),
        ["generate", "--check"] => steps::run(&workspace, &["generate"]),
        _ => report(Err(format!("{USAGE}\n\nsteps of test:\n{}", steps::describe()))),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints why a command failed and says whether it passed.
fn report(outcome: step::Outcome) -> bool {
    if let Err(reason) = &outcome {
        eprintln!("{reason}");
    }
    outcome.is_ok()
}
