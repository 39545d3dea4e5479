use std::time::{Duration, Instant};

use linkspan_engine::store::{Batch, Store};
use linkspan_store_postgres::{Location, Options, PostgresStore};

use super::stage::{Stage, stop};
use crate::arguments::Bench;
use crate::data::{self, Shape};
use crate::fixture::Asked;
use crate::outcome::Outcome;
use crate::process::wait_for;
use crate::quantities::figure;
use crate::table::Table;

const CHANGES: u32 = 100_000;
const A_COMMIT: usize = 1000;
const EMPTY: Shape = Shape { connections: 0, deleted_percent: 0, tagged: false };
const WITHIN: Duration = Duration::from_secs(120);

/// A node stands still while another one makes many changes; how long after it goes on does it answer with all of them?
pub(super) fn run(bench: &Bench) -> Outcome<String> {
    let mut times = Vec::new();
    for _ in 0..bench.rounds.min(3) {
        times.push(once(bench)?.as_secs_f64() * 1e3);
        println!("  {} ms", figure(*times.last().unwrap_or(&0.0)));
    }
    let mut table = Table::new(["a node that stood still while others made 100 000 changes", "value"]);
    let (low, high) = crate::quantities::range(&times);
    let middle = figure(crate::quantities::median(&times));
    table.row([
        "until its next strong read is answered, ms".into(),
        format!("{middle} ({}–{})", figure(low), figure(high)),
    ]);
    Ok(table.into_markdown())
}

fn once(bench: &Bench) -> Outcome<Duration> {
    let stage = Stage::of(bench, EMPTY)?;
    let nodes = stage.nodes(bench, (1, "strong"))?;
    let node = nodes.first().ok_or("no node")?;
    let mut client = node.client()?;
    // The page that only the last of them fills.
    let asked = Asked { active: true, limit: 1, offset: CHANGES as usize - 1, ..Asked::default() };
    let list = stage.fixture.credentials.list(node.address, &asked.query())?;
    client.call(&list)?;
    node.signal("STOP")?;
    let made = changes(&stage);
    let started = Instant::now();
    node.signal("CONT")?;
    made?;
    let answered = wait_for(WITHIN, Duration::from_millis(1), || {
        let (head, body) = client.call(&list).ok()?;
        // Until it knows everything it says 503.
        let text = String::from_utf8_lossy(body);
        (head.status == 200 && text.contains(r#""count":1}"#)).then(|| started.elapsed())
    });
    stop(nodes)?;
    answered.ok_or_else(|| "the node never caught up".into())
}

/// Commits connections as another node would.
fn changes(stage: &Stage) -> Outcome<()> {
    let location = Location::parse(&stage.cluster.url("linkspan"))?;
    let store = PostgresStore::open(&location, &Options::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let project = stage.fixture.credentials.project.parse()?;
    let mut records = Vec::new();
    let shape = Shape { connections: CHANGES, ..EMPTY };
    data::records(shape, &project, &mut |record| records.push(record));
    let mut head = runtime.block_on(store.head())?;
    // What belongs together is committed together; places of hosts and peers do not matter to the engine.
    for (chunk, number) in records.chunks(A_COMMIT * 3).zip(1_u128..) {
        let change = |record: &linkspan_engine::record::Record| linkspan_engine::store::RecordChange {
            key: record.key(),
            replaces: None,
            body: Some(record.to_body()),
        };
        let changes = chunk.iter().map(change).collect();
        let batch = Batch { commit_id: number, create_time: head.create_time, changes, audit: Vec::new() };
        head = runtime.block_on(store.commit(&batch, &head))?;
    }
    Ok(())
}
