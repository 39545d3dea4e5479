//! `linkspan quota`

use clap::Args;
use linkspan_client::QuotaInfo;
use serde::Serialize;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{Cell, Output, Row};
use crate::profile::{self, ClientOptions, Target};

/// Where to ask.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    client: ClientOptions,
}

/// Shows the quotas of the project.
pub(crate) async fn run(options: &Options, environment: &Environment, output: &Output) -> Result<(), Failure> {
    let target = Target::find(&options.client, environment)?;
    let quotas = quotas(&target).await.map_err(|failure| profile::explained(failure, &target.origin))?;
    output.list(&quotas.into_iter().map(QuotaRow).collect::<Vec<_>>())
}

async fn quotas(target: &Target) -> Result<Vec<QuotaInfo>, Failure> {
    Ok(target.project().await?.quotas().await?)
}

/// A quota as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct QuotaRow(QuotaInfo);

impl Row for QuotaRow {
    const PLURAL: &'static str = "quotas";
    const COLUMNS: &'static [(&'static str, bool)] = &[("TYPE", false), ("USED", false), ("QUOTA", false)];

    fn name(&self) -> String {
        self.0.r#type.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        let quota = if self.0.quota < 0 { "unlimited".to_owned() } else { self.0.quota.to_string() };
        vec![self.0.r#type.as_str().into(), self.0.used.to_string().into(), quota.into()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_limit_says_so() {
        let cells = |quota| QuotaRow(QuotaInfo { r#type: "CU".into(), quota, used: 16 }).cells(false, 1);
        assert_eq!(cells(-1)[2].text, "unlimited");
        assert_eq!(cells(100)[2].text, "100");
        assert_eq!(cells(1).len(), QuotaRow::COLUMNS.len());
    }
}
