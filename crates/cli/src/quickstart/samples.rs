//! The samples: a small data platform whose queues and pool reach three data sources.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use linkspan_client::{ClientError, FailureKind, ProjectClient};
use linkspan_model::Hosts;
use linkspan_wire::own::{CreateSubnet, CreateVpc, FreeText};
use linkspan_wire::{CreateConnection, CreatePool, CreateQueue, ListConnectionsQuery, StatusFilter};
use serde_json::json;

use crate::commands::pairs;
use crate::commands::waiting::{self, Tally};
use crate::failure::{Exit, Failure};

const WITHIN: Duration = Duration::from_secs(30);
const VPC: &str = "0f3b6c1e-52a4-4d0e-9c1b-6a2d5f7e8b10";

/// A data source and who reaches it.
struct Sample {
    connection: &'static str,
    network: &'static str,
    cidr: &'static str,
    queues: &'static [&'static str],
    pools: &'static [&'static str],
    hosts: &'static [(&'static str, &'static str)],
}

const SAMPLES: [Sample; 3] = [
    Sample {
        connection: "orders_db",
        network: "1a7d2f60-8f0b-4d53-bb7e-1c9f0a4e2d11",
        cidr: "10.20.1.0/24",
        queues: &["etl", "reports"],
        pools: &[],
        hosts: &[("orders-db", "10.20.1.10")],
    },
    Sample {
        connection: "events_kafka",
        network: "2b8e3a71-90c1-4e64-8c8f-2da01b5f3e22",
        cidr: "10.20.2.0/24",
        queues: &["etl"],
        pools: &["batch"],
        hosts: &[("kafka-1", "10.20.2.11"), ("kafka-2", "10.20.2.12")],
    },
    Sample {
        connection: "lake_hdfs",
        network: "3c9f4b82-a1d2-4f75-9d90-3eb12c604f33",
        cidr: "10.20.3.0/24",
        queues: &[],
        pools: &["batch"],
        hosts: &[("namenode", "10.20.3.10")],
    },
];

/// Makes what is not there yet, so that a directory can be used twice.
pub(super) async fn make(project: &ProjectClient) -> Result<(), Failure> {
    networks(project).await?;
    let pool = json!({"elastic_resource_pool_name": "batch", "min_cu": 64, "max_cu": 64});
    unless_there(project.create_pool(&read(CreatePool::from_body, &pool)?).await)?;
    for (name, queue_type) in [("etl", "general"), ("reports", "sql")] {
        let queue = json!({"queue_name": name, "queue_type": queue_type, "cu_count": 16, "resource_mode": 1});
        unless_there(project.create_queue(&read(CreateQueue::from_body, &queue)?).await)?;
    }
    for sample in &SAMPLES {
        unless_there(project.create_connection(&sample.request()?).await.map(drop))?;
    }
    Ok(())
}

async fn networks(project: &ProjectClient) -> Result<(), Failure> {
    let vpc = VPC.parse().map_err(wrong)?;
    let name = FreeText::try_from("data sources".to_owned()).map_err(wrong)?;
    let cidr = Some("10.20.0.0/16".parse().map_err(wrong)?);
    unless_there(project.create_vpc(&CreateVpc { id: Some(vpc), name, cidr }).await.map(drop))?;
    for sample in &SAMPLES {
        let subnet = CreateSubnet {
            id: Some(sample.network.parse().map_err(wrong)?),
            vpc_id: VPC.parse().map_err(wrong)?,
            name: FreeText::try_from(sample.connection.to_owned()).map_err(wrong)?,
            cidr: sample.cidr.parse().map_err(wrong)?,
            ipv6: false,
        };
        unless_there(project.create_subnet(&subnet).await.map(drop))?;
    }
    Ok(())
}

impl Sample {
    fn request(&self) -> Result<CreateConnection, Failure> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Ok(CreateConnection {
            name: self.connection.parse().map_err(wrong)?,
            dest_vpc_id: VPC.parse().map_err(wrong)?,
            dest_network_id: self.network.parse().map_err(wrong)?,
            routetable_id: None,
            queues: names(self.queues),
            elastic_resource_pools: names(self.pools),
            hosts: Hosts::parse(self.hosts).map_err(wrong)?,
            tags: pairs::tags(&[("env".to_owned(), "quickstart".to_owned())])?,
        })
    }
}

/// Waits until every peer has come to an end of its creation. The bar is drawn only where somebody sees it.
pub(super) async fn until_settled(project: &ProjectClient) -> Result<(), Failure> {
    let bar = bar();
    let deadline = Instant::now() + WITHIN;
    let query = ListConnectionsQuery { status: Some(StatusFilter::Active), ..ListConnectionsQuery::default() };
    loop {
        let connections = project.all_connections(&query).await?.items;
        let tally = Tally::of(connections.iter().flat_map(waiting::peers));
        bar.set_length(tally.all as u64);
        bar.set_position((tally.active + tally.failed) as u64);
        if tally.is_settled() {
            bar.finish_and_clear();
            return Ok(());
        }
        if Instant::now() >= deadline {
            bar.abandon();
            let text =
                format!("after {WITHIN:?} only {} of {} peers are settled", tally.active + tally.failed, tally.all);
            return Err(Failure::new(Exit::Unavailable, text));
        }
        waiting::pause().await;
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("joining networks {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    bar
}

/// What is there already was made by an earlier run.
fn unless_there(result: Result<(), ClientError>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == FailureKind::Conflict => Ok(()),
        other => Ok(other?),
    }
}

fn read<T>(from_body: fn(&[u8]) -> Result<T, linkspan_wire::ApiError>, body: &serde_json::Value) -> Result<T, Failure> {
    from_body(body.to_string().as_bytes()).map_err(|error| wrong(error.message()))
}

fn wrong(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("a sample is wrong: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_can_be_sent() {
        for sample in &SAMPLES {
            let body = serde_json::to_vec(&sample.request().unwrap()).unwrap();
            CreateConnection::from_body(&body).unwrap();
        }
    }

    #[test]
    fn no_two_data_sources_overlap() {
        let cidrs: Vec<linkspan_model::Cidr4> = SAMPLES.iter().map(|sample| sample.cidr.parse().unwrap()).collect();
        assert!(
            cidrs.iter().enumerate().all(|(index, one)| cidrs.iter().skip(index + 1).all(|two| !one.overlaps(*two)))
        );
    }
}
