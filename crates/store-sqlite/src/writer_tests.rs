//! What the writer does when the disk, the file or another process is in its way.

use std::path::Path;

use linkspan_engine::store::{Batch, Changes, CommitError, Head, Store};
use linkspan_testkit::batch::{at, audit, batch, connection, create, update};
use rusqlite::Connection;

use crate::{Location, Options, SqliteStore};

async fn with_one_commit(dir: &Path) -> (SqliteStore, Head) {
    let store = SqliteStore::open(&Location::in_dir(dir), &Options::default()).unwrap();
    let head = store.head().await.unwrap();
    let head = store.commit(&batch(7, vec![create(connection(1), "one")]), &head).await.unwrap();
    (store, head)
}

async fn bodies(store: &SqliteStore) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    store.load(&mut |record| bodies.push(record.body)).await.unwrap();
    bodies
}

#[tokio::test]
async fn a_full_disk_applies_nothing_and_heals() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    let pages: u32 = store.writer().connection().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |most: u32| {
        let writer = store.writer();
        writer.connection().pragma_update_and_check(None, "max_page_count", most, |_| Ok(())).unwrap();
    };
    limit(pages);
    let large = batch(8, vec![create(connection(2), "small"), create(connection(3), &"x".repeat(1 << 20))]);
    let full = store.commit(&large, &head).await;
    assert!(matches!(full, Err(CommitError::Full(_))), "{full:?}");
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(bodies(&store).await, [b"one"]);
    limit(1 << 20);
    assert_eq!(store.commit(&large, &head).await.unwrap().revision, 2);
}

#[tokio::test]
async fn another_writer_makes_a_commit_refused_and_then_moves_the_head() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    store.writer().connection().busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = Connection::open(store.location().path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; UPDATE head SET commit_id = zeroblob(16)").unwrap();
    let refused = store.commit(&batch(8, vec![]), &head).await;
    assert!(matches!(refused, Err(CommitError::Refused(_))), "{refused:?}");
    other.execute_batch("COMMIT").unwrap();
    let moved = store.commit(&batch(8, vec![]), &head).await;
    assert!(matches!(moved, Err(CommitError::HeadMoved(now)) if now.commit_id == 0), "{moved:?}");
}

#[tokio::test]
async fn rows_of_the_future_are_damage() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    let other = Connection::open(store.location().path()).unwrap();
    other.execute("INSERT INTO record VALUES (?1, 6, 'x', 'x')", [linkspan_engine::place::first_of(2)]).unwrap();
    let answer = store.commit(&batch(8, vec![create(connection(2), "two")]), &head).await;
    assert!(matches!(answer, Err(CommitError::Damaged(_))), "{answer:?}");
}

#[tokio::test]
async fn an_unknown_kind_is_damage() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    let other = Connection::open(store.location().path()).unwrap();
    other.execute("UPDATE record SET kind = 200", []).unwrap();
    let answer = store.load(&mut |_| ()).await;
    assert!(matches!(answer, Err(linkspan_engine::store::StoreError::Damaged(_))), "{answer:?}");
    let answer = store.commit(&batch(8, vec![update(at(1, 0), connection(1), "one!")]), &head).await;
    assert!(matches!(answer, Err(CommitError::Damaged(_))), "{answer:?}");
}

#[tokio::test]
async fn a_commit_in_doubt_is_settled_before_anything_is_answered() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    store.writer().doubt();
    let settled = || {
        let writer = store.writer();
        let sql = "SELECT settled FROM head";
        (writer.is_in_doubt(), writer.connection().query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap())
    };
    assert_eq!(settled(), (true, 0));
    assert_eq!(store.head().await.unwrap(), head, "asked from anywhere");
    assert_eq!(settled(), (false, 1));
    store.writer().doubt();
    let Changes::Since { commits, .. } = store.changes(&head).await.unwrap() else { panic!("no changes") };
    assert_eq!((commits, settled()), (vec![], (false, 2)));
    store.writer().doubt();
    assert_eq!(store.commit(&batch(8, vec![]), &head).await.unwrap().revision, 2);
    assert_eq!(settled(), (false, 3));
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_crash_at_any_commit() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, mut head) = with_one_commit(scratch.path()).await;
    for revision in 2..40_u64 {
        let body = format!("one at {revision} {}", "x".repeat(40_000));
        let change = update(at(revision - 1, 0), connection(1), &body);
        let audit = vec![audit(1, None, "{}")];
        let batch = Batch { audit, ..batch(u128::from(revision), vec![change]) };
        head = store.commit(&batch, &head).await.unwrap();
        // Copying the files is what a crash leaves: nothing was closed. The index of the log is memory and is gone.
        let crashed = tempfile::tempdir().unwrap();
        for name in ["linkspan.db", "linkspan.db-wal"] {
            std::fs::copy(scratch.path().join(name), crashed.path().join(name)).unwrap();
        }
        let after = SqliteStore::open(&Location::in_dir(crashed.path()), &Options::default()).unwrap();
        assert_eq!(after.head().await.unwrap(), head);
        assert_eq!(bodies(&after).await, [body.into_bytes()]);
        assert_eq!(after.audit(None, None, 100).await.unwrap().len() as u64, revision - 1);
    }
}

#[tokio::test]
async fn a_torn_log_loses_the_last_commit_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    let wal = scratch.path().join("linkspan.db-wal");
    let before = std::fs::metadata(&wal).unwrap().len();
    let change = update(at(1, 0), connection(1), &"x".repeat(20_000));
    let later = store.commit(&batch(8, vec![change]), &head).await.unwrap();
    let after = std::fs::metadata(&wal).unwrap().len();
    let mut applied = 0;
    for length in (before..=after).step_by(1500).chain([after]) {
        let crashed = tempfile::tempdir().unwrap();
        for name in ["linkspan.db", "linkspan.db-wal"] {
            std::fs::copy(scratch.path().join(name), crashed.path().join(name)).unwrap();
        }
        let torn = std::fs::OpenOptions::new().write(true).open(crashed.path().join("linkspan.db-wal")).unwrap();
        torn.set_len(length).unwrap();
        let store = SqliteStore::open(&Location::in_dir(crashed.path()), &Options::default()).unwrap();
        let found = store.head().await.unwrap();
        assert!(found == head || found == later, "{found:?}");
        assert_eq!(bodies(&store).await.concat().len(), if found == head { 3 } else { 20_000 });
        applied += u32::from(found == later);
    }
    assert!(applied >= 1, "the whole log has the commit");
}

#[tokio::test]
async fn closing_empties_the_log() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    drop(store);
    assert!(!scratch.path().join("linkspan.db-wal").exists());
    let store = SqliteStore::open(&Location::in_dir(scratch.path()), &Options::default()).unwrap();
    assert_eq!(store.head().await.unwrap(), head);
}

#[tokio::test]
async fn a_slow_audit_holds_up_neither_the_head_nor_a_commit() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, head) = with_one_commit(scratch.path()).await;
    let held = store.hold_audit().await;
    let audit = store.audit(None, None, 10);
    let head = store.commit(&batch(8, vec![]), &head).await.unwrap();
    assert_eq!(store.head().await.unwrap(), head);
    drop(held);
    assert_eq!(audit.await.unwrap(), []);
}
