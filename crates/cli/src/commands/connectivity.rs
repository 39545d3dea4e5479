//! `linkspan connectivity …`

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use linkspan_client::{Connectivity, ProjectClient};
use linkspan_wire::{CreateConnectivityTest, TestAddress};
use serde::Serialize;

use super::{Act, waiting};
use crate::durations;
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Output, Row, Tone};
use crate::profile::Target;

/// What to do with connectivity tests.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Try whether a queue reaches an address, wait for the result, and fail unless it does
    Test(Test),
}

/// What to try.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The queue to try it from
    #[arg(long, value_name = "NAME")]
    queue: String,
    /// What to reach: an address, or a name of the host records, with its port
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    to: TestAddress,
    /// Longest wait for the result
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = durations::parse)]
    timeout: Duration,
}

fn address(text: &str) -> Result<TestAddress, String> {
    TestAddress::parse(text).ok_or_else(|| format!("`{text}` is not of the form host:port, such as 192.168.0.1:3306"))
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let project = &target.project().await?;
        let Self::Test(test) = self;
        test.run(project, output).await
    }
}

impl Test {
    async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        let request = CreateConnectivityTest { address: self.to.clone() };
        let task_id = project.begin_connectivity_test(&self.queue, &request).await?;
        let found = self.result(project, task_id).await?;
        let address = self.to.to_string();
        let row = ResultRow { queue: &self.queue, address: &address, task_id, found: &found };
        output.one(&row)?;
        row.verdict()
    }

    /// Asks until there is a result; each call of it waits at the server.
    async fn result(&self, project: &ProjectClient, task_id: i64) -> Result<Connectivity, Failure> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let found = project.connectivity(&self.queue, task_id).await?;
            if found.connectivity != "TESTING" {
                return Ok(found);
            }
            if Instant::now() >= deadline {
                let text = format!("{} from queue {} is still being tried (task {task_id})", self.to, self.queue);
                return Err(Failure::new(Exit::Unavailable, text).hint("give it more time with --timeout"));
            }
            waiting::pause().await;
        }
    }
}

/// A result as it is printed.
#[derive(Serialize)]
struct ResultRow<'a> {
    queue: &'a str,
    address: &'a str,
    task_id: i64,
    #[serde(flatten)]
    found: &'a Connectivity,
}

impl Row for ResultRow<'_> {
    const PLURAL: &'static str = "results";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("QUEUE", false), ("ADDRESS", false), ("CONNECTIVITY", false), ("TASK", true)];

    fn name(&self) -> String {
        self.task_id.to_string()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        let tone = if self.found.connectivity == "REACHABLE" { Tone::Good } else { Tone::Bad };
        vec![
            self.queue.into(),
            self.address.into(),
            Cell::toned(&self.found.connectivity, tone),
            self.task_id.to_string().into(),
        ]
    }
}

impl ResultRow<'_> {
    /// Fails unless the address was reached, with what the server says about it.
    fn verdict(&self) -> Result<(), Failure> {
        if self.found.connectivity == "REACHABLE" {
            return Ok(());
        }
        let text = format!("queue {} does not reach {}", self.queue, self.address);
        let failure = Failure::failed(text);
        Err(if self.found.reason.is_empty() { failure } else { failure.hint(&self.found.reason) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_reached_is_a_success() {
        let found = |connectivity: &str, reason: &str| Connectivity {
            is_success: true,
            message: String::new(),
            connectivity: connectivity.into(),
            reason: reason.into(),
        };
        let verdict = |found: &Connectivity| {
            let row = ResultRow { queue: "q", address: "h:1", task_id: 9, found };
            assert_eq!(row.cells(true, 1).len(), ResultRow::COLUMNS.len());
            row.verdict().map_err(|failure| failure.text())
        };
        assert_eq!(verdict(&found("REACHABLE", "")), Ok(()));
        let told = verdict(&found("UNREACHABLE", "No connection of queue q is active.")).unwrap_err();
        assert!(told.contains("queue q does not reach h:1") && told.contains("is active"), "{told}");
    }

    #[test]
    fn an_address_needs_a_port() {
        assert!(address("10.0.0.1").unwrap_err().contains("host:port"));
        assert_eq!(address("[2001:db8::1]:80").unwrap().port, 80);
    }
}
