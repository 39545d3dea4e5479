//! What `linkspan pool` changes about pools that exist, and about the queues in them.

use clap::Args;
use linkspan_client::{PolicyInfo, PoolQueueInfo, ProjectClient};
use linkspan_model::ScalingPolicy;
use linkspan_wire::{AddQueueToPool, UpdatePool, UpdateScalingPolicies};
use serde::Serialize;

use super::parsed;
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Output, Row};

/// What is to be different.
#[derive(Debug, Args)]
#[group(id = "pool_bounds", required = true, multiple = true)]
pub(crate) struct Update {
    /// Fewest compute units, a multiple of 16
    #[arg(long, value_name = "N")]
    min_cu: Option<u32>,
    /// Most compute units, a multiple of 16
    #[arg(long, value_name = "N")]
    max_cu: Option<u32>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Policies to look at or to replace.
#[derive(Debug, Args)]
pub(crate) struct Policies {
    /// The pool
    pool: String,
    /// The queue
    queue: String,
    /// A policy such as 09-18=5,16,64: hours, priority, fewest and most compute units (`pool` = as many as the pool
    /// has). All policies are given at once, one of them for 00-24
    #[arg(long = "set", value_name = "POLICY", value_parser = policy)]
    set: Vec<ScalingPolicy>,
}

impl Update {
    pub(crate) async fn run(&self, project: &ProjectClient, pool: &str) -> Result<(), Failure> {
        let description = self.description.as_deref().map(Into::into);
        let update = UpdatePool { description, max_cu: self.max_cu, min_cu: self.min_cu };
        Ok(project.update_pool(pool, &update).await?)
    }
}

/// Moves queues into a pool and shows what is in it.
pub(crate) async fn add_queues(
    project: &ProjectClient,
    pool: &str,
    names: &[String],
    output: &Output,
) -> Result<(), Failure> {
    for name in names {
        let queue_name = parsed("the queue", name)?;
        project.add_queue_to_pool(pool, &AddQueueToPool { queue_name }).await?;
    }
    queues(project, pool, output).await
}

/// Shows the queues in a pool.
pub(crate) async fn queues(project: &ProjectClient, pool: &str, output: &Output) -> Result<(), Failure> {
    let queues = project.pool_queues(pool).await?;
    output.list(&queues.into_iter().map(QueueRow::from).collect::<Vec<_>>())
}

impl Policies {
    /// Replaces the policies, if some are given, and shows them.
    pub(crate) async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        if !self.set.is_empty() {
            let update = UpdateScalingPolicies { queue_scaling_policies: self.set.clone() };
            project.set_scaling_policies(&self.pool, &self.queue, &update).await?;
        }
        let queues = project.pool_queues(&self.pool).await?;
        let found = queues.into_iter().find(|queue| queue.queue_name.eq_ignore_ascii_case(&self.queue));
        let unknown = || format!("there is no queue named {} in elastic resource pool {}", self.queue, self.pool);
        let found = found.ok_or_else(|| Failure::new(Exit::NotFound, unknown()))?;
        output.list(&QueueRow::from(found).queue_scaling_policies.into_iter().map(PolicyRow).collect::<Vec<_>>())
    }
}

/// Reads `09-18=5,16,64`.
fn policy(text: &str) -> Result<ScalingPolicy, String> {
    let read = || -> Option<ScalingPolicy> {
        let (hours, rest) = text.split_once('=')?;
        let (start, stop) = hours.split_once('-')?;
        let [priority, min_cu, max_cu] = rest.split(',').collect::<Vec<_>>().try_into().ok()?;
        let inherits_max_cu = max_cu == "pool";
        let min_cu = min_cu.parse().ok()?;
        Some(ScalingPolicy {
            priority: priority.parse().ok()?,
            start_hour: start.parse().ok()?,
            stop_hour: stop.parse().ok()?,
            min_cu,
            max_cu: if inherits_max_cu { min_cu } else { max_cu.parse().ok()? },
            inherits_max_cu,
        })
    };
    read().ok_or_else(|| format!("`{text}` is no policy: write START-STOP=PRIORITY,MIN,MAX, such as 09-18=5,16,64"))
}

/// A queue of a pool as it is printed.
#[derive(Serialize)]
struct QueueRow {
    queue_name: String,
    queue_scaling_policies: Vec<PolicyInfo>,
}

impl From<PoolQueueInfo> for QueueRow {
    fn from(queue: PoolQueueInfo) -> Self {
        // A server that tells no policies, or in a form of its own, has none that can be shown.
        let queue_scaling_policies = serde_json::from_value(queue.queue_scaling_policies).unwrap_or_default();
        Self { queue_name: queue.queue_name, queue_scaling_policies }
    }
}

impl Row for QueueRow {
    const PLURAL: &'static str = "queues in this pool";
    const COLUMNS: &'static [(&'static str, bool)] = &[("NAME", false), ("POLICIES", false)];

    fn name(&self) -> String {
        self.queue_name.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        let policies: Vec<_> = self.queue_scaling_policies.iter().map(short).collect();
        vec![self.queue_name.as_str().into(), Cell::or_dash(&policies.join(" "))]
    }
}

/// A policy in the form in which it can be given.
fn short(policy: &PolicyInfo) -> String {
    let hour = |time: &str| time.trim_end_matches(":00").to_owned();
    let most = if policy.inherit_elastic_resource_pool_max_cu { "pool".into() } else { policy.max_cu.to_string() };
    let (start, stop) = (hour(&policy.impact_start_time), hour(&policy.impact_stop_time));
    format!("{start}-{stop}={},{},{most}", policy.priority, policy.min_cu)
}

/// A policy as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct PolicyRow(PolicyInfo);

impl Row for PolicyRow {
    const PLURAL: &'static str = "policies";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("FROM", false), ("TO", false), ("PRIORITY", false), ("MIN CU", false), ("MAX CU", false)];

    fn name(&self) -> String {
        short(&self.0)
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        let policy = &self.0;
        let most = if policy.inherit_elastic_resource_pool_max_cu { "pool".into() } else { policy.max_cu.to_string() };
        vec![
            policy.impact_start_time.as_str().into(),
            policy.impact_stop_time.as_str().into(),
            policy.priority.to_string().into(),
            policy.min_cu.to_string().into(),
            most.into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_and_written_alike() {
        let read = policy("09-18=5,16,64").unwrap();
        assert_eq!((read.start_hour, read.stop_hour, read.priority), (9, 18, 5));
        assert_eq!((read.min_cu, read.max_cu, read.inherits_max_cu), (16, 64, false));
        assert!(policy("0-24=1,16,pool").unwrap().inherits_max_cu);
        for bad in ["", "9-18", "9=1,2,3", "9-18=1,2", "9-18=1,2,3,4", "9-18=300,2,3", "9-18=1,-2,3"] {
            assert!(policy(bad).unwrap_err().contains("is no policy"), "{bad}");
        }
        let info = PolicyInfo {
            priority: 5,
            impact_start_time: "00:00".into(),
            impact_stop_time: "18:00".into(),
            min_cu: 16,
            max_cu: 64,
            inherit_elastic_resource_pool_max_cu: false,
        };
        assert_eq!(short(&info), "00-18=5,16,64");
        assert_eq!(PolicyRow(info).cells(true, 1).len(), PolicyRow::COLUMNS.len());
        assert_eq!(QueueRow::from(PoolQueueInfo::default()).cells(true, 1).len(), QueueRow::COLUMNS.len());
    }
}
