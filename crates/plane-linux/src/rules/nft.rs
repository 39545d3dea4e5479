use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::table::TABLE;
use crate::error::{Fault, Outcome};
use crate::namespace::Namespace;

/// The program `nft`. Its own environment is empty, and what it is told comes from here only.
#[derive(Debug)]
pub(crate) struct Nft {
    program: PathBuf,
}

impl Nft {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// What it says of its version.
    pub(crate) fn version(&self) -> Outcome<String> {
        let output = self.run(&["--version"], "")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Carries out commands, all or none.
    pub(super) fn transact(&self, namespace: &Namespace, commands: &str) -> Outcome<()> {
        let output = namespace.inside(|| self.run(&["-f", "-"], commands))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        tracing::debug!(%said, commands, "refused by nft");
        Err(Fault::Rules(format!("refused: {}", said.lines().next().unwrap_or_default()).into()))
    }

    /// All chains of a namespace, whosever they are.
    pub(super) fn chains(&self, namespace: &Namespace) -> Outcome<Value> {
        let output = namespace.inside(|| self.run(&["-j", "list", "chains"], ""))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Fault::Rules(
                format!("cannot list chains: {}", said.lines().next().unwrap_or_default()).into(),
            ));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| Fault::Unreadable(format!("nft lists: {error}").into()))
    }

    /// Our table as it is; none if there is none.
    pub(super) fn list(&self, namespace: &Namespace) -> Outcome<Option<Value>> {
        let arguments: Vec<_> = ["-j", "list", "table"].into_iter().chain(TABLE.split(' ')).collect();
        let output = namespace.inside(|| self.run(&arguments, ""))?;
        if output.status.success() {
            let unreadable = |error| Fault::Unreadable(format!("nft lists: {error}").into());
            return serde_json::from_slice(&output.stdout).map(Some).map_err(unreadable);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("No such file or directory") {
            return Ok(None);
        }
        Err(Fault::Rules(format!("cannot list: {}", said.lines().next().unwrap_or_default()).into()))
    }

    fn run(&self, arguments: &[&str], input: &str) -> Outcome<Output> {
        let failed = |error: std::io::Error| Fault::Rules(format!("cannot be run: {error}").into());
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().env("LC_ALL", "C");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            // Says nothing before it has read everything, so this cannot come to a standstill; whether it took all of
            // it shows in how it ends.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output().map_err(failed)
    }
}
