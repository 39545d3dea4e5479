//! The PostgreSQL store does what every store must, directly and behind a pooler of transactions, and leaves the
//! same behind as the in-memory one.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::atomic::{AtomicU32, Ordering};

use linkspan_engine::retention::Retention;
use linkspan_engine::store::Store;
use linkspan_store_postgres::{Location, Options, PostgresStore};
use linkspan_testkit::batch::batch;
use linkspan_testkit::conformance::{Harness, SharedHarness};
use linkspan_testkit::history::{Step, observe, steps};
use linkspan_testkit::memory::MemoryStore;
use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::pooler::Pooler;
use proptest::prelude::*;

/// Makes stores in schemas of a server that goes with it.
struct Postgres {
    pooler: Option<Pooler>,
    cluster: Cluster,
    made: AtomicU32,
}

impl Default for Postgres {
    fn default() -> Self {
        Self { pooler: None, cluster: Cluster::start(""), made: AtomicU32::new(0) }
    }
}

impl Postgres {
    fn new_location(&self) -> Location {
        let schema = format!("s{}", self.made.fetch_add(1, Ordering::Relaxed));
        let port = self.pooler.as_ref().map_or(self.cluster.port(), Pooler::port);
        Location::parse(&self.cluster.url_of("127.0.0.1", port, &schema)).unwrap()
    }
}

/// The same behind a pooler, which has two connections for the dozen or so that stores ask for.
struct Pooled(Postgres);

impl Default for Pooled {
    fn default() -> Self {
        let mut direct = Postgres::default();
        direct.pooler = Some(Pooler::before(&direct.cluster, 2));
        Self(direct)
    }
}

impl Harness for Pooled {
    type Store = PostgresStore;

    fn fresh(&self, retention: Retention) -> PostgresStore {
        self.0.fresh(retention)
    }

    fn reopen(&self, store: PostgresStore) -> PostgresStore {
        self.0.reopen(store)
    }

    fn restored(&self, store: PostgresStore) -> PostgresStore {
        self.0.restored(store)
    }
}

fn open(location: &Location, retention: Retention) -> PostgresStore {
    PostgresStore::open(location, &Options { retention, ..Options::default() }).unwrap()
}

/// The schema of a store, as its location shows it.
fn schema(store: &PostgresStore) -> String {
    store.location().to_string().rsplit_once('=').unwrap().1.to_owned()
}

impl Harness for Postgres {
    type Store = PostgresStore;

    fn fresh(&self, retention: Retention) -> PostgresStore {
        open(&self.new_location(), retention)
    }

    fn reopen(&self, store: PostgresStore) -> PostgresStore {
        let (location, retention) = (store.location().clone(), store.retention());
        drop(store);
        open(&location, retention)
    }

    fn restored(&self, store: PostgresStore) -> PostgresStore {
        let (location, old) = (self.new_location(), schema(&store));
        let new = schema(&open(&location, store.retention()));
        for table in ["head", "commits", "record", "tombstone", "audit"] {
            let copy = format!("TRUNCATE {new}.{table}; INSERT INTO {new}.{table} SELECT * FROM {old}.{table}");
            let _ = self.cluster.sql(&copy);
        }
        let _ = self.cluster.sql(&format!("UPDATE {new}.head SET epoch = gen_random_uuid()"));
        open(&location, store.retention())
    }
}

impl SharedHarness for Postgres {
    fn another_node(&self, store: &PostgresStore) -> PostgresStore {
        open(store.location(), store.retention())
    }
}

impl SharedHarness for Pooled {
    fn another_node(&self, store: &PostgresStore) -> PostgresStore {
        self.0.another_node(store)
    }
}

mod conformance {
    use super::Postgres;
    linkspan_testkit::store_conformance!(Postgres);
    linkspan_testkit::shared_store_conformance!(Postgres);
}

mod pooled {
    use super::Pooled;
    linkspan_testkit::store_conformance!(Pooled);
    linkspan_testkit::shared_store_conformance!(Pooled);
}

#[tokio::test]
async fn a_pooler_shares_its_connections() {
    let harness = Pooled::default();
    let stores = [harness.fresh(Retention::default()), harness.fresh(Retention::default())];
    for store in &stores {
        let head = store.head().await.unwrap();
        store.commit(&batch(7, vec![]), &head).await.unwrap();
        assert!(store.audit(None, None, 1).await.unwrap().is_empty());
    }
    let shared = "SELECT count(*) <= 2 FROM pg_stat_activity WHERE usename = 'linkspan'";
    assert_eq!(harness.0.cluster.sql(shared), "t");
}

/// Small limits, so that a history of two hundred commits is trimmed in every way.
const SHORT: Retention = Retention { commits: 20, audit_rows: 30, audit_age_ms: 2000 };

fn same_behind(harness: &Postgres, steps: &[Step], retention: Retention) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = harness.fresh(retention);
    let postgres = runtime.block_on(observe(&store, steps));
    let memory = runtime.block_on(observe(&MemoryStore::new(1, retention), steps));
    assert_eq!(postgres, memory);
}

fn any_history(most: usize, retention: Retention) {
    let harness = Postgres::default();
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps(most))| same_behind(&harness, &steps, retention));
}

#[test]
fn any_history_leaves_the_same_behind() {
    any_history(40, Retention::default());
}

#[test]
fn any_trimmed_history_leaves_the_same_behind() {
    any_history(260, SHORT);
}
