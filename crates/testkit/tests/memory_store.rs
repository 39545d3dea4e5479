//! The in-memory store conforms, and fails exactly as it is told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Changes, CommitError, RECORD_FORMAT, Store, StoreError};
use linkspan_testkit::batch::{at, batch, connection, create};
use linkspan_testkit::conformance::{Harness, SharedHarness};
use linkspan_testkit::memory::{Call, CommitFault, Gate, MemoryStore, Odds, ReadFault};

#[derive(Default)]
struct Memory;

static EPOCHS: AtomicU64 = AtomicU64::new(1);

fn next_epoch() -> u128 {
    EPOCHS.fetch_add(1, Ordering::Relaxed).into()
}

impl Harness for Memory {
    type Store = MemoryStore;

    fn fresh(&self, retention: Retention) -> MemoryStore {
        MemoryStore::new(next_epoch(), retention)
    }

    fn reopen(&self, store: MemoryStore) -> MemoryStore {
        store.another_node()
    }

    fn restored(&self, store: MemoryStore) -> MemoryStore {
        store.start_epoch(next_epoch());
        store.another_node()
    }
}

impl SharedHarness for Memory {
    fn another_node(&self, store: &MemoryStore) -> MemoryStore {
        store.another_node()
    }
}

mod conformance {
    use super::Memory;
    linkspan_testkit::store_conformance!(Memory);
    linkspan_testkit::shared_store_conformance!(Memory);
}

#[tokio::test]
async fn a_commit_in_doubt_is_found_by_its_name_or_is_not_there() {
    for (fault, applied) in [(CommitFault::InDoubtLost, vec![]), (CommitFault::InDoubtApplied, vec![7])] {
        let store = MemoryStore::default();
        let head = store.head().await.unwrap();
        store.fail_commit(fault);
        let answer = store.commit(&batch(7, vec![create(connection(1), "one")]), &head).await;
        assert!(matches!(answer, Err(CommitError::InDoubt(_))), "{answer:?}");
        let Changes::Since { commits, .. } = store.changes(&head).await.unwrap() else { panic!("no changes") };
        assert_eq!(commits.iter().map(|commit| commit.commit_id).collect::<Vec<_>>(), applied);
        assert_eq!(store.applied(), applied);
    }
}

#[tokio::test]
async fn planned_faults_come_in_order_and_change_nothing() {
    let store = MemoryStore::default();
    let head = store.head().await.unwrap();
    for fault in [CommitFault::Refused, CommitFault::Full, CommitFault::Damaged] {
        store.fail_commit(fault);
    }
    let one = batch(7, vec![]);
    assert!(matches!(store.commit(&one, &head).await, Err(CommitError::Refused(_))));
    assert!(matches!(store.commit(&one, &head).await, Err(CommitError::Full(_))));
    assert!(matches!(store.commit(&one, &head).await, Err(CommitError::Damaged(_))));
    store.fail_commit(CommitFault::HeadMoved(batch(6, vec![create(connection(1), "theirs")])));
    let moved = store.commit(&one, &head).await;
    assert!(matches!(moved, Err(CommitError::HeadMoved(head)) if head.commit_id == 6), "{moved:?}");
    assert_eq!(store.applied(), [6]);
    assert_eq!(store.commits_asked(), 4);
}

#[tokio::test]
async fn reads_fail_as_often_as_planned() {
    let store = MemoryStore::default();
    let head = store.head().await.unwrap();
    for _ in 0..2 {
        store.fail(Call::Head, ReadFault::Unavailable);
    }
    store.fail(Call::Load, ReadFault::Damaged);
    store.fail(Call::Changes, ReadFault::Diverged);
    store.fail(Call::Changes, ReadFault::TooOld);
    for _ in 0..2 {
        assert!(matches!(store.head().await, Err(StoreError::Unavailable(_))));
    }
    assert!(store.head().await.is_ok());
    assert!(matches!(store.load(&mut |_| ()).await, Err(StoreError::Damaged(_))));
    assert_eq!(store.changes(&head).await.unwrap(), Changes::Diverged);
    assert_eq!(store.changes(&head).await.unwrap(), Changes::TooOld);
    assert!(matches!(store.changes(&head).await.unwrap(), Changes::Since { .. }));
}

#[tokio::test]
async fn another_node_has_the_records_but_not_the_faults() {
    let store = MemoryStore::default();
    store.fail(Call::Head, ReadFault::Unavailable);
    let other = store.another_node();
    let head = other.head().await.unwrap();
    other.commit(&batch(7, vec![]), &head).await.unwrap();
    assert!(store.head().await.is_err());
    assert_eq!(store.head().await.unwrap().revision, 1);
}

#[tokio::test]
async fn a_held_commit_waits_for_its_gate() {
    let store = MemoryStore::default();
    let head = store.head().await.unwrap();
    let gate = Gate::default();
    store.fail_commit(CommitFault::Held(gate.clone()));
    let look = async {
        gate.reached().await;
        assert_eq!(store.applied(), []);
        gate.open();
    };
    let one = batch(7, vec![]);
    let (answer, ()) = tokio::join!(store.commit(&one, &head), look);
    assert_eq!(answer.unwrap().revision, 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_commit_takes_its_time() {
    let store = MemoryStore::default();
    let head = store.head().await.unwrap();
    store.fail_commit(CommitFault::Slow(Duration::from_secs(3)));
    let start = tokio::time::Instant::now();
    store.commit(&batch(7, vec![]), &head).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test]
async fn random_faults_repeat_with_their_seed() {
    async fn run(seed: u64) -> (Vec<bool>, usize) {
        let store = MemoryStore::default();
        store.fail_at_random(seed, Odds::stormy());
        let mut answers = Vec::new();
        for commit_id in 0..400 {
            let head = store.another_node().head().await.unwrap();
            answers.push(store.commit(&batch(commit_id, vec![]), &head).await.is_ok());
        }
        (answers, store.applied().len())
    }
    let (answers, applied) = run(1).await;
    let acknowledged = answers.iter().filter(|ok| **ok).count();
    assert!((250..350).contains(&acknowledged), "{acknowledged} of 400");
    assert!(applied > acknowledged, "no commit in doubt was applied");
    assert_eq!(run(1).await.0, answers);
    assert_ne!(run(2).await.0, answers);
}

#[tokio::test]
async fn a_newer_format_is_neither_loaded_nor_written() {
    let store = MemoryStore::default();
    store.set_format(RECORD_FORMAT + 1);
    let refused = store.load(&mut |_| ()).await;
    assert!(matches!(refused, Err(StoreError::Format { found, .. }) if found == RECORD_FORMAT + 1));
    let head = store.head().await.unwrap();
    assert!(matches!(store.commit(&batch(7, vec![]), &head).await, Err(CommitError::Refused(_))));
}

#[tokio::test]
async fn a_record_written_as_new_twice_is_damage() {
    let store = MemoryStore::default();
    let head = store.head().await.unwrap();
    let head = store.commit(&batch(7, vec![create(connection(1), "one")]), &head).await.unwrap();
    let again = store.commit(&batch(8, vec![create(connection(1), "two")]), &head).await;
    assert!(matches!(again, Err(CommitError::Damaged(_))), "{again:?}");
    let mut places = Vec::new();
    store.load(&mut |record| places.push(record.at)).await.unwrap();
    assert_eq!(places, [at(1, 0)]);
}
