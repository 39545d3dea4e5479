//! The house rules that neither the compiler nor clippy knows, checked over the files that git tracks.
//!
//! Each check is a function from the [`Tree`] to what it found, so that a sample of files in memory tests it.
//! (Lengths of functions and numbers of parameters are clippy's: `too_many_lines`, `too_many_arguments`.)
//!
//! To add a rule, write such a function in the file of its kind, a test in which a bad sample goes red, and a line in
//! [`CHECKS`].

mod dependencies;
mod directions;
mod documents;
mod rust_sources;
mod tree;

use std::fmt;

use crate::step::Outcome;
use crate::workspace::Workspace;
use tree::Tree;

type Check = fn(&Tree) -> Vec<Finding>;

const CHECKS: &[Check] = &[
    rust_sources::lengths,
    rust_sources::median_length,
    rust_sources::names,
    rust_sources::crate_docs,
    rust_sources::unfinished,
    rust_sources::blanks,
    dependencies::reasons,
    directions::crates,
    directions::foreign,
    documents::links,
    documents::readmes,
    documents::changelog,
];

/// A rule broken at a place.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    /// Lines count from 1; 0 means the whole file.
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.path, self.what),
            line => write!(formatter, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// Runs every check and prints what they found.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let tree = Tree::load(workspace)?;
    println!("  {}", rust_sources::census(&tree));
    let findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    for finding in &findings {
        println!("  {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("one rule is broken".to_owned()),
        count => Err(format!("{count} rules are broken")),
    }
}
