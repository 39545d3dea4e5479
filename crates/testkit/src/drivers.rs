//! Two ways to carry out a request: by `decide` alone, and by an engine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use linkspan_engine::command::SystemCommand;
use linkspan_engine::record::{Record, RecordKey, Setting};
use linkspan_engine::store::{Head, Loc, RECORD_FORMAT, Store, StoredRecord};
use linkspan_engine::{
    Change, Clock, Context, Directory, Engine, Loader, Options, Origin, Refusal, Reply, Request, Rules, State, decide,
};
use linkspan_model::UnixMillis;

use crate::commands::Limits;
use crate::fixed::{HandClock, SeededIds};
use crate::rows::render;

/// The engine's rules for the limits of a world.
#[must_use]
pub fn rules(limits: Limits) -> Rules {
    Rules {
        directory: if limits.strict { Directory::Strict } else { Directory::Open },
        peers_per_connection: limits.peers,
        routes_per_connection: limits.routes,
        grantees_per_connection: limits.grantees,
        host_bytes_per_project: limits.host_bytes,
        creation_deadline_ms: limits.deadline_ms,
        keep_deleted_ms: limits.keep_ms,
        keep_deleted: limits.keep,
        ..Rules::default()
    }
}

/// How an engine works that a test drives step by step: on this clock, keeping house only when told.
#[must_use]
pub fn options(clock: &Arc<HandClock>, limits: Limits) -> Options {
    let mut options = Options::new(render, Arc::clone(clock) as Arc<_>, Arc::new(SeededIds::new(7)));
    options.rules = rules(limits);
    options.housekeeping_period = Duration::from_secs(3600);
    options
}

/// Runs a future to its end on this thread.
///
/// # Panics
/// There is no runtime to be had.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Carries out requests one by one.
pub trait Driver {
    /// Carries out one.
    fn submit(&mut self, request: Request) -> impl Future<Output = Result<Reply, Refusal>> + Send;

    /// What came out.
    fn state(&self) -> Arc<State>;
}

/// `decide` on a map of records: whatever a decision changes is written out as bodies and read back, every time.
pub struct Direct {
    records: BTreeMap<RecordKey, (Loc, Vec<u8>)>,
    head: Head,
    state: Arc<State>,
    clock: Arc<HandClock>,
    ids: SeededIds,
    rules: Rules,
}

impl Direct {
    /// Nothing yet.
    #[must_use]
    pub fn new(clock: Arc<HandClock>, seed: u64, rules: Rules) -> Self {
        let head = Head { epoch: 1, revision: 0, commit_id: 0, create_time: 0, format: RECORD_FORMAT };
        let state = Arc::new(State::empty(head, render));
        Self { records: BTreeMap::new(), head, state, clock, ids: SeededIds::new(seed), rules }
    }

    fn write(&mut self, changes: &[Change]) {
        self.head.revision += 1;
        for (change, n) in changes.iter().zip(0..) {
            match change {
                Change::Put(record) => {
                    let at = Loc { revision: self.head.revision, n };
                    self.records.insert(record.key(), (at, record.to_body()));
                    self.head.create_time = self.head.create_time.max(created(record));
                }
                Change::Remove(record) => assert!(self.records.remove(&record.key()).is_some(), "{record:?}"),
            }
        }
        let records = self.records.iter();
        let records = records.map(|(key, (at, body))| StoredRecord { at: *at, key: key.clone(), body: body.clone() });
        self.state = Arc::new(loaded(records, self.head));
    }
}

/// The creation time that a record adds to the head's.
fn created(record: &Record) -> UnixMillis {
    match record {
        Record::Connection(it) => it.created.millis(),
        Record::Queue(it) => it.created.millis(),
        Record::Pool(it) => it.created.millis(),
        Record::Vpc(it) => it.created.millis(),
        Record::Subnet(it) => it.created.millis(),
        Record::RouteTable(it) => it.created.millis(),
        Record::NetworkBinding(it) => it.created.millis(),
        Record::Peer(it) => it.create_time,
        _ => 0,
    }
}

fn loaded(records: impl Iterator<Item = StoredRecord>, head: Head) -> State {
    let mut loader = Loader::new(render);
    records.for_each(|record| loader.add(&record).unwrap());
    loader.finish(head).unwrap()
}

/// What a store's records mean to whoever starts on them now.
///
/// # Panics
/// The store fails, or its records make no state.
pub async fn reload(store: &impl Store) -> State {
    let mut records = Vec::new();
    let head = store.load(&mut |record| records.push(record)).await.unwrap();
    loaded(records.into_iter(), head)
}

impl Driver for Direct {
    async fn submit(&mut self, request: Request) -> Result<Reply, Refusal> {
        let context = Context { now: self.clock.now(), ids: &self.ids, rules: &self.rules };
        let decision = decide(&self.state, &request, &context)?;
        if !decision.changes.is_empty() {
            self.write(&decision.changes);
        }
        Ok(decision.reply)
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }
}

impl Driver for Engine {
    async fn submit(&mut self, request: Request) -> Result<Reply, Refusal> {
        Engine::submit(self, request, Origin::default()).await
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.view())
    }
}

/// Makes an engine see everything: a change of nothing that must be written, and so must find the head.
///
/// # Panics
/// The engine refuses.
pub async fn catch_up(engine: &Engine) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let value = NUMBER.fetch_add(1, Ordering::Relaxed).to_string().into();
    let set = Request::System(SystemCommand::Set(Setting { name: "nothing".into(), value }));
    assert_eq!(engine.submit(set, Origin::default()).await, Ok(Reply::Done));
}
