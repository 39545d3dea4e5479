use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use linkspan_engine::command::{NewConnection, SourceNames};
use linkspan_engine::store::{Batch, RecordChange, Store};
use linkspan_engine::{Access, Command, Engine, Options, Origin, RandomIds, Request, Scope, SystemClock};
use linkspan_model::{ExternalId, Tags};
use linkspan_store_sqlite::{Location, Options as StoreOptions, SqliteStore};

use super::floor::Floor;
use crate::arguments::Bench;
use crate::data;
use crate::outcome::Outcome;
use crate::process::{Bystanders, quiet_moment};
use crate::quantities::{figure, median, micros, quantile};
use crate::rounds::quietest;
use crate::table::Table;

const FLOOR_TIME: Duration = Duration::from_millis(700);
const CLIENTS: [usize; 3] = [1, 8, 64];

/// What a closed loop of creates did.
struct Loop {
    floor: Floor,
    /// Processors that other programs used meanwhile.
    foreign: f64,
    per_second: f64,
    per_transaction: f64,
    p50_us: f64,
    p99_us: f64,
}

/// Creates in process, in paired rounds of group commit and one transaction a command.
pub(super) fn run(bench: &Bench) -> Outcome<String> {
    let mut table = Table::new([
        "clients, transactions",
        "append floor, µs",
        "overwrite floor, µs",
        "creates/s",
        "commands a transaction",
        "p50, µs",
        "p99, µs",
        "p50 ÷ append floor",
        "creates a floor flush",
    ]);
    let mut gains = Table::new(["clients", "group commit ÷ one transaction a command"]);
    for clients in CLIENTS {
        let kinds = [
            ("shared", Options::new(data::render, Arc::new(SystemClock), Arc::new(RandomIds)).batch_commands),
            ("one each", 1),
        ];
        let loudest = |pair: &[Loop; 2]| pair[0].foreign.max(pair[1].foreign);
        let pairs = quietest(bench, loudest, |_| {
            let [(_, shared), (_, one_each)] = kinds;
            Ok([one(bench, clients, shared)?, one(bench, clients, one_each)?])
        })?;
        let series = [0, 1].map(|kind| pairs.iter().map(|pair| &pair[kind]).collect::<Vec<_>>());
        for ((name, _), loops) in kinds.iter().zip(&series) {
            let middle = |of: fn(&Loop) -> f64| figure(median(&loops.iter().map(|it| of(it)).collect::<Vec<_>>()));
            println!("  {clients} clients, {name}: {} creates/s", middle(|it| it.per_second));
            table.row([
                format!("{clients}, {name}"),
                middle(|it| it.floor.append_us),
                middle(|it| it.floor.overwrite_us),
                middle(|it| it.per_second),
                middle(|it| it.per_transaction),
                middle(|it| it.p50_us),
                middle(|it| it.p99_us),
                middle(|it| it.p50_us / it.floor.append_us),
                middle(|it| it.per_second * it.floor.append_us / 1e6),
            ]);
        }
        let gain: Vec<_> = series[0].iter().zip(&series[1]).map(|(a, b)| a.per_second / b.per_second).collect();
        gains.row([clients.to_string(), crate::rounds::ratio_text(&gain)]);
    }
    Ok(format!("{}\n{}", table.into_markdown(), gains.into_markdown()))
}

fn one(bench: &Bench, clients: usize, batch_commands: usize) -> Outcome<Loop> {
    quiet_moment(bench.patience());
    let directory = tempfile::tempdir_in(&bench.work)?;
    let (bystanders, watched) = (Bystanders::watch()?, Instant::now());
    let floor = Floor::measure(directory.path(), FLOOR_TIME)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = open(directory.path(), batch_commands).await?;
        let scope = scope(&engine)?;
        let names = Arc::new(AtomicU64::new(0));
        // The first creates meet an empty file and cold code.
        creates(&engine, &scope, (clients, Duration::from_millis(200)), &names).await?;
        let before = engine.stats();
        let started = Instant::now();
        let times = creates(&engine, &scope, (clients, bench.measured()), &names).await?;
        let seconds = started.elapsed().as_secs_f64();
        let after = engine.stats();
        engine.close().await;
        let transactions = (after.commits - before.commits).max(1);
        let commands = after.committed_commands - before.committed_commands;
        Ok(Loop {
            floor,
            foreign: bystanders.seconds(0.0)? / watched.elapsed().as_secs_f64(),
            per_second: times.len() as f64 / seconds,
            per_transaction: commands as f64 / transactions as f64,
            p50_us: quantile(&times, 0.5),
            p99_us: quantile(&times, 0.99),
        })
    })
}

async fn open(directory: &Path, batch_commands: usize) -> Outcome<Engine> {
    let store = SqliteStore::open(&Location::in_dir(directory), &StoreOptions::default())?;
    on(Arc::new(store), Some(batch_commands)).await
}

/// Creates a second of so many clients on an empty store, after a warm-up.
pub(super) fn per_second(
    bench: &Bench,
    store: Arc<dyn Store>,
    (clients, batch): (usize, Option<usize>),
) -> Outcome<f64> {
    quiet_moment(bench.patience());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = on(store, batch).await?;
        let scope = scope(&engine)?;
        let names = Arc::new(AtomicU64::new(0));
        creates(&engine, &scope, (clients, Duration::from_millis(200)), &names).await?;
        let started = Instant::now();
        let times = creates(&engine, &scope, (clients, bench.measured()), &names).await?;
        let seconds = started.elapsed().as_secs_f64();
        engine.close().await;
        Ok(times.len() as f64 / seconds)
    })
}

/// An engine on an empty store; no limit of a batch is the default one.
async fn on(store: Arc<dyn Store>, batch: Option<usize>) -> Outcome<Engine> {
    let mut changes = Vec::new();
    data::identities(&mut |record| {
        changes.push(RecordChange { key: record.key(), replaces: None, body: Some(record.to_body()) });
    });
    let head = store.head().await?;
    store.commit(&Batch { commit_id: 1, create_time: head.create_time, changes, audit: Vec::new() }, &head).await?;
    let options = Options::new(data::render, Arc::new(SystemClock), Arc::new(RandomIds));
    let batch_commands = batch.unwrap_or(options.batch_commands);
    Ok(Engine::open(store, Options { batch_commands, ..options }).await?)
}

fn scope(engine: &Engine) -> Outcome<Scope> {
    let view = engine.view();
    let principal = view.principal_of_token(&data::user_id(), 1, None).ok_or("the user is not known")?;
    let scope = view.scope(&principal, data::project_id().as_str(), Access::Write);
    Ok(scope.map_err(|refusal| format!("no right: {refusal:?}"))?)
}

/// So many clients, each of which creates one connection after the other; answers how long each took, in microseconds.
async fn creates(
    engine: &Engine,
    scope: &Scope,
    (clients, limit): (usize, Duration),
    names: &Arc<AtomicU64>,
) -> Outcome<Vec<f64>> {
    let deadline = Instant::now() + limit;
    let client = || {
        let (engine, scope, names) = (engine.clone(), scope.clone(), Arc::clone(names));
        tokio::spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < deadline {
                let command = Command::CreateConnection(connection(names.fetch_add(1, Ordering::Relaxed)));
                let origin = Origin { request_id: "0123456789abcdef0123456789abcdef".into(), remote: None };
                let started = Instant::now();
                engine.submit(Request::Project(scope.clone(), command), origin).await?;
                times.push(started.elapsed());
            }
            Ok::<_, linkspan_engine::Refusal>(times)
        })
    };
    let tasks: Vec<_> = (0..clients).map(|_| client()).collect();
    let mut times = Vec::new();
    for task in tasks {
        let own = task.await?.map_err(|refusal| format!("a create was refused: {refusal:?}"))?;
        times.extend(micros(&own));
    }
    Ok(times)
}

fn connection(n: u64) -> NewConnection {
    NewConnection {
        name: format!("made_{n:09}").parse().expect("a name"),
        dest_vpc: ExternalId::Uuid(data::uuid(3, n % 16)),
        dest_network: ExternalId::Uuid(data::uuid(4, n % 64)),
        route_table: None,
        sources: SourceNames::default(),
        hosts: data::hosts(),
        tags: Tags::default(),
    }
}
