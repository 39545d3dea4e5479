//! The SQLite store does what every store must, and leaves the same behind as the in-memory one.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use linkspan_engine::retention::Retention;
use linkspan_engine::store::{LeaseAsk, Store, StoreError};
use linkspan_store_sqlite::{Location, Options, SqliteStore, backup, check, restore};
use linkspan_testkit::conformance::Harness;
use linkspan_testkit::history::{Step, observe, steps};
use linkspan_testkit::memory::MemoryStore;
use proptest::prelude::*;
use tempfile::TempDir;

/// Makes stores in a directory that goes with it; they keep everything once they are opened again.
struct Sqlite {
    root: TempDir,
    made: AtomicU32,
}

impl Default for Sqlite {
    fn default() -> Self {
        Self { root: tempfile::tempdir().unwrap(), made: AtomicU32::new(0) }
    }
}

impl Sqlite {
    fn new_dir(&self) -> PathBuf {
        self.root.path().join(self.made.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

fn open(location: &Location, retention: Retention) -> SqliteStore {
    SqliteStore::open(location, &Options { retention, ..Options::default() }).unwrap()
}

impl Harness for Sqlite {
    type Store = SqliteStore;

    fn fresh(&self, retention: Retention) -> SqliteStore {
        open(&Location::in_dir(self.new_dir()), retention)
    }

    fn reopen(&self, store: SqliteStore) -> SqliteStore {
        let (location, retention) = (store.location().clone(), store.retention());
        drop(store);
        open(&location, retention)
    }

    fn restored(&self, store: SqliteStore) -> SqliteStore {
        let file = self.root.path().join("backup");
        backup(store.location(), &file).unwrap();
        let location = Location::in_dir(self.new_dir());
        restore(&file, &location).unwrap();
        open(&location, store.retention())
    }
}

mod conformance {
    use super::Sqlite;
    linkspan_testkit::store_conformance!(Sqlite);
}

#[tokio::test]
async fn a_store_that_one_process_holds_has_no_leases() {
    let store = Sqlite::default().fresh(Retention::default());
    let ask =
        LeaseAsk { scope: "x".into(), holder: 1, name: "n".into(), held: None, after: 0, keep: Duration::from_secs(1) };
    assert!(matches!(store.lease(&ask).await, Err(StoreError::Unavailable(_))));
}

/// Small limits, so that a history of two hundred commits is trimmed in every way.
const SHORT: Retention = Retention { commits: 20, audit_rows: 30, audit_age_ms: 2000 };

fn same_behind(steps: &[Step], retention: Retention) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let harness = Sqlite::default();
    let store = harness.fresh(retention);
    let sqlite = runtime.block_on(observe(&store, steps));
    let memory = runtime.block_on(observe(&MemoryStore::new(1, retention), steps));
    assert_eq!(sqlite, memory);
    let report = check(store.location()).unwrap();
    let wrong: Vec<_> = report.findings.iter().filter(|finding| !finding.contains("can't be read")).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_history_leaves_the_same_behind(steps in steps(40)) {
        same_behind(&steps, Retention::default());
    }

    #[test]
    fn any_trimmed_history_leaves_the_same_behind(steps in steps(260)) {
        same_behind(&steps, SHORT);
    }
}
