//! The store as it is built: commits through its own interface, trimming included, and a start with many records.

use std::path::Path;
use std::time::{Duration, Instant};

use linkspan_engine::record::{Kind, RecordKey};
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{AuditRow, Batch, Head, Loc, RecordChange, Store};
use linkspan_store_sqlite::{Location, Options, SqliteStore};

use crate::floor;
use crate::workload::{cpu_time, id};

/// Trims with every commit, as a store does that has reached its limits.
const FULL: Retention = Retention { commits: 100, audit_rows: 10_000, audit_age_ms: i64::MAX };

/// Connections of the large store; each has hosts and a peer.
const MANY: usize = 1_000_000;

pub(crate) fn run(dir: &Path) {
    println!("\nThe store itself: creates as above, then each deleted");
    println!("| retention | batch | creates/s | per flush | CPU µs/create | deletes/s | CPU µs/delete |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (name, retention) in [("default", Retention::default()), ("reached", FULL)] {
        for batch in [1, 8, 64] {
            let scratch = tempfile::tempdir_in(dir).unwrap();
            let floor = floor::append_and_flush(scratch.path());
            let mut driver = Driver::new(scratch.path(), retention);
            driver.repeat(batch, Duration::from_millis(300), Driver::create);
            let created = driver.repeat(batch, Duration::from_secs(1), Driver::create);
            let deleted = driver.repeat(batch, Duration::from_secs(1), Driver::delete);
            let flushes = created.0 * floor.as_secs_f64();
            println!(
                "| {name} | {batch} | {:.0} | {flushes:.1} | {:.1} | {:.0} | {:.1} |",
                created.0, created.1, deleted.0, deleted.1
            );
        }
    }
    load(dir);
}

fn load(dir: &Path) {
    let scratch = tempfile::tempdir_in(dir).unwrap();
    let mut driver = Driver::new(scratch.path(), Retention::default());
    for _ in 0..MANY / 2000 {
        driver.create(2000);
    }
    let Driver { store, runtime, .. } = driver;
    let location = store.location().clone();
    drop(store);
    let start = Instant::now();
    let store = SqliteStore::open(&location, &Options::default()).unwrap();
    let (opened, cpu, start) = (start.elapsed(), cpu_time(), Instant::now());
    let (mut records, mut bytes) = (0, 0);
    let mut each = |record: linkspan_engine::store::StoredRecord| {
        records += 1;
        bytes += record.body.len();
    };
    runtime.block_on(store.load(&mut each)).unwrap();
    println!(
        "\nload: {records} records with {} MB in {:.2} s, {:.2} s of CPU; opening took {:.1} ms",
        bytes / 1_000_000,
        start.elapsed().as_secs_f64(),
        (cpu_time() - cpu).as_secs_f64(),
        opened.as_secs_f64() * 1e3
    );
}

struct Driver {
    store: SqliteStore,
    runtime: tokio::runtime::Runtime,
    head: Head,
    created: u64,
    live: std::collections::VecDeque<[(RecordKey, Loc); 3]>,
}

impl Driver {
    fn new(dir: &Path, retention: Retention) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let options = Options { retention, ..Options::default() };
        let store = SqliteStore::open(&Location::in_dir(dir.join("store")), &options).unwrap();
        let head = runtime.block_on(store.head()).unwrap();
        Self { store, runtime, head, created: 0, live: std::collections::VecDeque::new() }
    }

    /// Commands a second, and CPU microseconds of each.
    fn repeat(&mut self, batch: usize, time: Duration, mut step: impl FnMut(&mut Self, usize) -> bool) -> (f64, f64) {
        let (cpu, start, mut commands) = (cpu_time(), Instant::now(), 0);
        while start.elapsed() < time && step(self, batch) {
            commands += batch;
        }
        let commands = f64::from(u32::try_from(commands.max(1)).unwrap());
        (commands / start.elapsed().as_secs_f64(), (cpu_time() - cpu).as_secs_f64() * 1e6 / commands)
    }

    fn create(&mut self, commands: usize) -> bool {
        let mut changes = Vec::with_capacity(commands * 3);
        for _ in 0..commands {
            let id = id(self.created);
            let kinds = [(Kind::Connection, 500), (Kind::Hosts, 120), (Kind::Peer, 300)];
            self.live.push_back(kinds.map(|(kind, length)| {
                let n = u32::try_from(changes.len()).unwrap();
                let key = RecordKey { kind, id: id.clone() };
                let body = Some(vec![b'x'; length]);
                changes.push(RecordChange { key: key.clone(), replaces: None, body });
                (key, Loc { revision: self.head.revision + 1, n })
            }));
            self.created += 1;
        }
        self.commit(changes, commands)
    }

    fn delete(&mut self, commands: usize) -> bool {
        let oldest: Vec<_> = self.live.drain(..commands.min(self.live.len())).flatten().collect();
        let gone = |(key, at)| RecordChange { key, replaces: Some(at), body: None };
        !oldest.is_empty() && self.commit(oldest.into_iter().map(gone).collect(), commands)
    }

    fn commit(&mut self, changes: Vec<RecordChange>, commands: usize) -> bool {
        let project = Some("48cc2c48765f481480c7db940d6409d1".parse().unwrap());
        let row = AuditRow { time: 1, project, event: vec![b'x'; 400] };
        let commit_id = u128::from(self.head.revision) + 1;
        let batch = Batch { commit_id, create_time: 1, changes, audit: vec![row; commands] };
        self.head = self.runtime.block_on(self.store.commit(&batch, &self.head)).unwrap();
        true
    }
}
