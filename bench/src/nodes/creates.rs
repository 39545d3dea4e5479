use std::process::Command;
use std::sync::Arc;

use linkspan_engine::store::Store;
use linkspan_store_postgres::{Location, Options, PostgresStore};
use linkspan_testkit::postgres::{Cluster, USER};

use crate::arguments::Bench;
use crate::outcome::Outcome;
use crate::quantities::{figure, median};
use crate::rounds::ratio_text;
use crate::table::Table;
use crate::writes;

const CLIENTS: usize = 64;

/// What one request would do without a batch: a row with its key, and a look-up that finds it by name.
const TABLE: &str = "CREATE TABLE single (id uuid PRIMARY KEY, name text UNIQUE, body text);
    GRANT ALL ON single TO linkspan";
const INSERT: &str = "INSERT INTO single VALUES (gen_random_uuid(), gen_random_uuid()::text, repeat('x', 562));\n";

/// Creates in process by 64 clients: batches, one transaction a command, and one INSERT a request by pgbench.
pub(super) fn run(bench: &Bench) -> Outcome<String> {
    let cluster = Cluster::start("max_connections = 100");
    let script = bench.work.join("insert.sql");
    std::fs::write(&script, INSERT)?;
    let (mut rows, mut number) = (Vec::new(), 0);
    for _ in 0..bench.rounds {
        let mut created = |batch: Option<usize>| -> Outcome<f64> {
            number += 1;
            let location = Location::parse(&cluster.url(&format!("s{number}")))?;
            let store: Arc<dyn Store> = Arc::new(PostgresStore::open(&location, &Options::default())?);
            writes::per_second(bench, store, (CLIENTS, batch))
        };
        rows.push([created(None)?, created(Some(1))?, single(bench, &cluster, &script)?]);
    }
    let middle = |at: usize| figure(median(&rows.iter().map(|row| row[at]).collect::<Vec<_>>()));
    let mut table = Table::new(["64 clients create on PostgreSQL, in process", "creates/s", "batches ÷ this"]);
    for (name, at) in [("batches", 0), ("one transaction a command", 1), ("one INSERT a request, by pgbench", 2)] {
        let ratios: Vec<_> = rows.iter().map(|row| row[0] / row[at]).collect();
        println!("  {name}: {}", middle(at));
        table.row([name.into(), middle(at), ratio_text(&ratios)]);
    }
    Ok(table.into_markdown())
}

/// INSERTs a second of as many clients, each with a connection of its own.
fn single(bench: &Bench, cluster: &Cluster, script: &std::path::Path) -> Outcome<f64> {
    let _ = cluster.sql(&format!("DROP TABLE IF EXISTS single; {TABLE}"));
    let programs = std::fs::read_dir("/usr/lib/postgresql")?.filter_map(Result::ok);
    let pgbench = programs.map(|version| version.path().join("bin/pgbench")).find(|path| path.exists());
    let pgbench = pgbench.unwrap_or_else(|| "pgbench".into());
    let output = Command::new(&pgbench)
        .args(["-n", "-M", "prepared", "-h", "127.0.0.1", "-p", &cluster.port().to_string(), "-U", USER])
        .args(["-c", &CLIENTS.to_string(), "-j", "2", "-T", &bench.seconds.to_string(), "-f"])
        .arg(script)
        .arg(USER)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|rest| rest.split(' ').next()?.parse().ok());
    tps.ok_or_else(|| format!("pgbench failed: {text}{}", String::from_utf8_lossy(&output.stderr)).into())
}
