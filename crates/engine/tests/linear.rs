//! Clients of two engines whose commits are often in doubt: an order explains all answers, and none does once an engine
//! decides again without having looked for its commit.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use std::sync::{Arc, Mutex};
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use linkspan_engine::command::{Command, NewConnection, SourceNames};
use linkspan_engine::store::{Batch, Changes, CommitError, Head, Loc, Store, StoreError, StoredAudit, StoredRecord};
use linkspan_engine::{Engine, Following, Origin, PageQuery, Reads, Refusal, Reply, Request};
use linkspan_model::{ConnectionId, Hosts, ProjectId, Tags};
use linkspan_testkit::cast::Cast;
use linkspan_testkit::commands::Limits;
use linkspan_testkit::drivers::{block_on, options};
use linkspan_testkit::fixed::{HandClock, SeededIds};
use linkspan_testkit::linear::connection::{Call, Change, End, Row, check_name};
use linkspan_testkit::linear::{Anomaly, Entry};
use linkspan_testkit::memory::{MemoryStore, Odds};
use linkspan_testkit::seen::rows_of;
use linkspan_testkit::simulator::START;
use std::time::Duration;

const NAMES: [&str; 2] = ["x", "y"];
const CLIENTS: usize = 6;
const ROUNDS: usize = 400;

/// A store that can't say which commits are whose, once it is told to.
struct Forgetful {
    store: MemoryStore,
    forgets: bool,
}

impl Store for Forgetful {
    fn load<'a>(&'a self, each: &'a mut (dyn FnMut(StoredRecord) + Send)) -> BoxFuture<'a, Result<Head, StoreError>> {
        self.store.load(each)
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        self.store.head()
    }

    fn commit<'a>(&'a self, batch: &'a Batch, expected: &'a Head) -> BoxFuture<'a, Result<Head, CommitError>> {
        self.store.commit(batch, expected)
    }

    fn changes<'a>(&'a self, since: &'a Head) -> BoxFuture<'a, Result<Changes, StoreError>> {
        async {
            let mut changes = self.store.changes(since).await?;
            if let Changes::Since { commits, .. } = &mut changes {
                commits.iter_mut().filter(|_| self.forgets).for_each(|commit| commit.commit_id = 0);
            }
            Ok(changes)
        }
        .boxed()
    }

    fn audit(
        &self,
        project: Option<ProjectId>,
        before: Option<Loc>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredAudit>, StoreError>> {
        self.store.audit(project, before, limit)
    }
}

/// Two engines, and what was asked of them by the number of the name.
struct Nodes {
    engines: Vec<Engine>,
    cast: Cast,
    clock: Instant,
    entries: [Mutex<Vec<Entry<Call>>>; NAMES.len()],
    ids: [Mutex<Option<ConnectionId>>; NAMES.len()],
}

async fn nodes(forgets: bool) -> Nodes {
    let clock = Arc::new(HandClock::at(START));
    let open = |store: MemoryStore, number| {
        let mut options = options(&clock, Limits::small(false));
        options.ids = Arc::new(SeededIds::new(number));
        let every = Duration::from_secs(3600);
        options.following = Some(Following { every, within: Duration::from_secs(10), ..Following::new(Reads::Strong) });
        Engine::open(Arc::new(Forgetful { store, forgets }), options)
    };
    let first = MemoryStore::default();
    let cast = Cast::assemble(&mut open(first.another_node(), 1).await.unwrap()).await;
    let mut engines = Vec::new();
    for number in [2, 3] {
        let store = first.another_node();
        store.fail_at_random(number, Odds { in_doubt_applied: 150, in_doubt_lost: 150, ..Odds::default() });
        engines.push(open(store, number).await.unwrap());
    }
    Nodes { engines, cast, clock: Instant::now(), entries: Default::default(), ids: Default::default() }
}

impl Nodes {
    async fn submit(&self, node: usize, command: Command) -> Result<Reply, Refusal> {
        let engine = &self.engines[node];
        engine.freshen().await?;
        engine.submit(Request::Project(self.cast.onlooker(0).clone(), command), Origin::default()).await
    }

    async fn create(&self, node: usize, name: usize) -> Call {
        let new = NewConnection {
            name: NAMES[name].parse().unwrap(),
            dest_vpc: "vpc".parse().unwrap(),
            dest_network: "subnet".parse().unwrap(),
            route_table: None,
            sources: SourceNames::default(),
            hosts: Hosts::default(),
            tags: Tags::default(),
        };
        match self.submit(node, Command::CreateConnection(new)).await {
            Ok(Reply::Created(id)) => Call::Created(id.to_string()),
            Err(Refusal::Exists(text)) => {
                Call::Taken(text.split(['.', ' ']).rfind(|it| it.len() == 36).unwrap().into())
            }
            Err(Refusal::Unavailable) => Call::MaybeCreated(Vec::new()),
            other => panic!("{other:?}"),
        }
    }

    async fn delete(&self, node: usize, id: ConnectionId) -> Call {
        let end = match self.submit(node, Command::DeleteConnection(id)).await {
            Ok(_) => End::Done,
            Err(Refusal::UnknownConnection(_)) => End::Unknown,
            Err(Refusal::Unavailable) => End::Open,
            other => panic!("{other:?}"),
        };
        Call::Change(id.to_string(), Change::Delete, end)
    }

    /// What is listed under a name, and at which revision.
    async fn list(&self, node: usize, name: usize) -> (Call, u64) {
        self.engines[node].freshen().await.unwrap();
        let state = self.engines[node].view();
        let query = PageQuery { active: Some(true), name: Some(NAMES[name].into()), ..PageQuery::default() };
        let rows = rows_of(state.project(self.cast.onlooker(0)).page(&query));
        let id = rows.first().map(|row| {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            row["id"].as_str().unwrap().to_owned()
        });
        (Call::Listed(id.map(|id| Row { id, bound: false, granted: None })), state.head().revision)
    }

    /// One client, who creates what is not there and deletes what is.
    async fn client(&self, client: usize) {
        for round in 0..ROUNDS {
            let (node, name) = ((client + round) % 2, (client + round / 3) % NAMES.len());
            let known = *self.ids[name].lock().unwrap();
            let began = self.clock.elapsed();
            let (call, revision) = match (round % 3, known) {
                (0, _) => (self.create(node, name).await, None),
                (1, Some(id)) => (self.delete(node, id).await, None),
                _ => {
                    let (call, revision) = self.list(node, name).await;
                    (call, Some(revision))
                }
            };
            let ended = Some(self.clock.elapsed());
            let is_open = matches!(call, Call::MaybeCreated(_) | Call::Change(_, _, End::Open));
            if let Call::Created(id) | Call::Taken(id) | Call::Listed(Some(Row { id, .. })) = &call {
                *self.ids[name].lock().unwrap() = ConnectionId::from_wire(id);
            }
            let who = format!("client {client} of node {node}");
            let entry = Entry { who, began, ended: ended.filter(|_| !is_open), revision, call };
            self.entries[name].lock().unwrap().push(entry);
        }
    }
}

/// Runs all clients and looks for an order of what they were answered.
fn run(forgets: bool) -> Result<(), Anomaly> {
    let nodes = block_on(async {
        let nodes = nodes(forgets).await;
        join_all((0..CLIENTS).map(|client| nodes.client(client))).await;
        nodes
    });
    let doubts: u64 = nodes.engines.iter().map(|engine| engine.stats().doubts).sum();
    assert!(doubts > 20, "only {doubts} commits were in doubt");
    nodes.entries.iter().try_for_each(|entries| check_name(&entries.lock().unwrap()).map(drop))
}

#[test]
fn commits_in_doubt_are_made_once_whatever_was_answered() {
    run(false).unwrap_or_else(|anomaly| panic!("{anomaly}"));
}

#[test]
fn a_commit_in_doubt_that_is_decided_again_is_found() {
    let anomaly = run(true).unwrap_err();
    assert!(anomaly.0.contains("no order of the calls explains this answer"), "{anomaly}");
}
