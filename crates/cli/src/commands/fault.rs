//! `linkspan fault …`: how the simulated plane goes wrong, for tests of what people build on Linkspan.

use std::path::PathBuf;

use clap::Subcommand;
use linkspan_wire::own::{FaultRule, FaultRules};
use serde::Serialize;

use super::Act;
use crate::failure::Failure;
use crate::output::{Cell, Output, Row};
use crate::profile::Target;

/// What to do with faults.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List the rules in force
    #[command(visible_alias = "ls")]
    List,
    /// Replace all rules by those of a file, such as {"rules":[{"matches":"any","effect":{"latency_ms":500}}]}
    Set {
        /// A file of JSON; - is standard input
        file: PathBuf,
    },
    /// Remove all rules
    Clear,
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let admin = target.client().admin();
        match self {
            Self::List => {}
            Self::Set { file } => admin.set_faults(&read(file)?).await?,
            Self::Clear => admin.set_faults(&FaultRules::default()).await?,
        }
        output.list(&admin.faults().await?.rules.into_iter().map(RuleRow).collect::<Vec<_>>())
    }
}

fn read(file: &PathBuf) -> Result<FaultRules, Failure> {
    let is_stdin = file.as_os_str() == "-";
    let text = if is_stdin { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    let fault = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", file.display()));
    serde_json::from_str(&text.map_err(|error| fault(&error))?).map_err(|error| fault(&error))
}

/// A rule as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct RuleRow(FaultRule);

impl Row for RuleRow {
    const PLURAL: &'static str = "faults";
    const COLUMNS: &'static [(&'static str, bool)] = &[("CONCERNS", false), ("EFFECT", false)];

    fn name(&self) -> String {
        json(&self.0.effect)
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![json(&self.0.matches).into(), json(&self.0.effect).into()]
    }
}

fn json(value: &impl Serialize) -> String {
    // These types hold no map with keys that are not text, so this can't fail.
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
}
