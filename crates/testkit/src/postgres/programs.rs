//! Where PostgreSQL's programs are: on the search path, or where Debian keeps each version's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Debian's directory of versions.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The directory of the programs.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    directory: PathBuf,
}

impl Programs {
    pub(crate) fn find() -> Self {
        let found = newest().or_else(on_path);
        let directory = found.expect("there is no PostgreSQL on this machine: run `cargo xtask setup`");
        Self { directory }
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }

    /// What the server calls its version: other ones can't read its data.
    pub(crate) fn version(&self) -> String {
        let output = Command::new(self.path("postgres")).arg("--version").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect()
    }
}

/// All of them lie in one directory, whoever put links to some of them elsewhere.
fn newest() -> Option<PathBuf> {
    let versions = std::fs::read_dir(VERSIONS).ok()?.flatten();
    let numbered = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut numbers: Vec<_> = numbered.collect();
    numbers.sort_unstable();
    let directories = numbers.into_iter().rev().map(|number| Path::new(VERSIONS).join(number.to_string()).join("bin"));
    directories.into_iter().find(|directory| directory.join("postgres").exists())
}

fn on_path() -> Option<PathBuf> {
    let there = Command::new("initdb").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    there.then(PathBuf::new)
}
