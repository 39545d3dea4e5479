//! Start-up and memory: from the start of the process to the first 200 of `/readyz`, on data directories of all sizes.

use std::path::Path;

use crate::arguments::Bench;
use crate::data::Shape;
use crate::fixture::{Fixture, empty};
use crate::outcome::Outcome;
use crate::process::quiet_moment;
use crate::quantities::{figure, grouped, median, range};
use crate::server::{Server, Setup};
use crate::table::Table;

/// Rows of a page while everything is read.
const PAGE: u64 = 1000;

/// The table of starts, and that of memory.
pub fn run(bench: &Bench) -> Outcome<String> {
    let mut table = Table::new(["data directory", "ready in, ms", "MiB when ready"]);
    let fresh = bench.work.join("data-first");
    let mut first = Vec::new();
    for _ in 0..bench.rounds {
        empty(&fresh)?;
        first.push(started(bench, alone(&fresh))?);
    }
    row(&mut table, "none yet: the first start", &first);
    let mut rss = Vec::new();
    for connections in [0, 10_000, 1_000_000] {
        let fixture = Fixture::of(bench, Shape { connections, deleted_percent: 0, tagged: false })?;
        let rounds = if connections > 100_000 { bench.rounds.min(5) } else { bench.rounds };
        let starts: Vec<_> = (0..rounds).map(|_| started(bench, alone(&fixture.directory))).collect::<Outcome<_>>()?;
        let name = format!("{} connections", grouped(i64::from(connections)));
        row(&mut table, &name, &starts);
        rss.push(median(&starts.iter().map(|start| start.rss_kib).collect::<Vec<_>>()));
    }
    Ok(format!("{}\n{}", table.into_markdown(), memory(bench, (rss[0], rss[2]))?))
}

/// Nobody else needs a core while a server starts.
fn alone(directory: &Path) -> Setup<'_> {
    Setup { cores: "0,1", threads: 2, ..Setup::of(directory) }
}

struct Start {
    ready_ms: f64,
    rss_kib: f64,
}

fn started(bench: &Bench, setup: Setup<'_>) -> Outcome<Start> {
    quiet_moment(bench.patience());
    let server = Server::start(bench, setup)?;
    let start = Start { ready_ms: server.ready_in.as_secs_f64() * 1e3, rss_kib: server.usage()?.rss_kib as f64 };
    server.stop()?;
    Ok(start)
}

fn row(table: &mut Table, name: &str, starts: &[Start]) {
    let ready: Vec<_> = starts.iter().map(|start| start.ready_ms).collect();
    let (low, high) = range(&ready);
    let rss: Vec<_> = starts.iter().map(|start| start.rss_kib / 1024.0).collect();
    let times = format!("{} ({}–{})", figure(median(&ready)), figure(low), figure(high));
    println!("  {name}: {times}");
    table.row([name.into(), times, figure(median(&rss))]);
}

/// Memory a connection, once loaded and once everybody has read everything.
fn memory(bench: &Bench, (empty_kib, loaded_kib): (f64, f64)) -> Outcome<String> {
    const CONNECTIONS: u32 = 1_000_000;
    let shape = Shape { connections: CONNECTIONS, deleted_percent: 0, tagged: false };
    let fixture = Fixture::of(bench, shape)?;
    let server = Server::start(bench, Setup::of(&fixture.directory))?;
    let mut client = server.client()?;
    for offset in (0..u64::from(CONNECTIONS)).step_by(PAGE as usize) {
        let query = format!("limit={PAGE}&offset={offset}&status=ACTIVE");
        let (head, body) = client.call(&fixture.credentials.list(server.address, &query)?)?;
        if head.status != 200 || body.len() < 400 * PAGE as usize {
            return Err(format!("a page of {PAGE} was answered with {}, {} bytes", head.status, body.len()).into());
        }
    }
    let usage = server.usage()?;
    server.stop()?;
    let bytes = |kib: f64| figure((kib - empty_kib) * 1024.0 / f64::from(CONNECTIONS));
    let mut table = Table::new(["memory of the process, 1 000 000 connections", "bytes a connection"]);
    table.row(["when ready".into(), bytes(loaded_kib)]);
    table.row(["after every page was read once".into(), bytes(usage.rss_kib as f64)]);
    table.row(["highest ever".into(), bytes(usage.peak_kib as f64)]);
    Ok(table.into_markdown())
}
