//! How soon a bind is in force: a server with its `netd`, and a client that binds one queue after another and looks
//! until the peer is `ACTIVE`.

use std::path::Path;
use std::time::{Duration, Instant};

use linkspan_client::{Client, ClientConfig, Credentials, Endpoints, ProjectClient};
use linkspan_wire::own::{CreateSubnet, CreateVpc};
use linkspan_wire::{BindRequest, CreateConnection, CreateQueue, UpdateQueueCidr};
use serde_json::{Value, json};

use crate::arguments::Bench;
use crate::fixture::empty;
use crate::outcome::Outcome;
use crate::quantities::{figure, quantile};
use crate::server::{Server, Setup};
use crate::table::Table;

const BINDS: usize = 300;
const WITHIN: Duration = Duration::from_secs(30);

pub(super) fn table(bench: &Bench) -> Outcome<String> {
    let directory = bench.work.join("data-networks");
    empty(&directory)?;
    let setup = Setup { directory: &directory, settings: &[("PLANE", "linux")], cores: "0,1", threads: 2 };
    let server = Server::start(bench, setup)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let times = runtime.block_on(async {
        let project = project(&directory, &format!("http://{}", server.address))?;
        let connections = prepared(&project).await?;
        let mut times = Vec::new();
        for (number, connection) in connections.iter().enumerate() {
            times.push(bound(&project, connection, number).await?.as_secs_f64() * 1e3);
        }
        Ok::<_, Box<dyn std::error::Error>>(times)
    })?;
    server.stop()?;
    let mut table = Table::new(["from the bind to ACTIVE, 300 queues one after another", "ms"]);
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("longest", 1.0)] {
        table.row([name.to_owned(), figure(quantile(&times, share))]);
    }
    eprintln!("  binds: p50 {} ms", figure(quantile(&times, 0.5)));
    Ok(table.into_markdown())
}

fn project(directory: &Path, address: &str) -> Outcome<ProjectClient> {
    let known: Value = serde_json::from_slice(&std::fs::read(directory.join("credentials.json"))?)?;
    let text = |key: &str| known[key].as_str().unwrap_or_default().to_owned();
    let credentials = Credentials::key(text("access_key"), text("secret_key"));
    let client = Client::new(ClientConfig::new(Endpoints::one(address)?, credentials))?;
    Ok(client.project(&text("project_id")))
}

/// A VPC with a subnet, queues with a network each, and a connection for each of them.
async fn prepared(project: &ProjectClient) -> Outcome<Vec<String>> {
    let vpc = json!({"id": "vpc", "cidr": "192.168.0.0/16"});
    project.create_vpc(&serde_json::from_value::<CreateVpc>(vpc)?).await?;
    let subnet = json!({"id": "subnet", "vpc_id": "vpc", "cidr": "192.168.10.0/24"});
    project.create_subnet(&serde_json::from_value::<CreateSubnet>(subnet)?).await?;
    let body = |body: Value| body.to_string().into_bytes();
    let mut connections = Vec::new();
    for number in 0..BINDS {
        let queue = body(json!({"queue_name": format!("q{number}"), "cu_count": 16, "resource_mode": 1}));
        project.create_queue(&CreateQueue::from_body(&queue)?).await?;
        let cidr = body(json!({"cidr_in_vpc": format!("10.{}.{}.0/24", number / 250, number % 250)}));
        project.set_queue_cidr(&format!("q{number}"), &UpdateQueueCidr::from_body(&cidr)?).await?;
        let connection = body(json!({"name": format!("c{number}"), "dest_vpc_id": "vpc", "dest_network_id": "subnet"}));
        connections.push(project.create_connection(&CreateConnection::from_body(&connection)?).await?);
    }
    Ok(connections)
}

/// How long it takes from the call on.
async fn bound(project: &ProjectClient, connection: &str, number: usize) -> Outcome<Duration> {
    let names = BindRequest { queues: vec![format!("q{number}")], elastic_resource_pools: Vec::new() };
    let began = Instant::now();
    project.bind(connection, &names).await?;
    loop {
        let shown = project.show_connection(connection).await?;
        match shown.available_queue_info.first().map(|peer| peer.status.as_str()) {
            Some("ACTIVE") => return Ok(began.elapsed()),
            Some("CREATING") if began.elapsed() < WITHIN => {}
            other => return Err(format!("queue q{number} is {other:?} after {:?}", began.elapsed()).into()),
        }
    }
}
