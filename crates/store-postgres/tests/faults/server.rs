//! Servers that end, hang, refuse, conflict, or lose commits.

use linkspan_engine::store::{Changes, CommitError, Store, StoreError};
use linkspan_testkit::batch::{at, batch, connection, create, update};

use crate::stage::{Stage, bounded, is_in_doubt, is_refused, one};

/// The backend of the store that waits for something.
const WAITING: &str = "FROM pg_stat_activity WHERE application_name = 'linkspan' AND wait_event_type";

#[tokio::test]
async fn a_backend_that_is_ended_before_commit_has_written_nothing() {
    let stage = Stage::new("").await;
    let visitor = stage.cluster.visitor("BEGIN; SELECT * FROM s.head FOR UPDATE");
    let end = async {
        stage.cluster.wait_for(&format!("SELECT count(*) {WAITING} = 'Lock'"), "1");
        stage.cluster.sql(&format!("SELECT pg_terminate_backend(pid) {WAITING} = 'Lock'"))
    };
    let batch = one(2);
    let (answer, _) = bounded(async { tokio::join!(stage.store.commit(&batch, &stage.head), end) }).await;
    assert!(is_refused(&answer), "{answer:?}");
    drop(visitor);
    assert_eq!(stage.store.commit(&one(3), &stage.head).await.unwrap().revision, 2);
    assert_eq!(stage.records(), ["1", "3"]);
}

#[tokio::test]
async fn a_lock_that_is_never_given_back_is_not_waited_for() {
    let stage = Stage::new("").await;
    let visitor = stage.cluster.visitor("BEGIN; SELECT * FROM s.head FOR UPDATE");
    let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
    assert!(is_refused(&answer), "{answer:?}");
    assert_eq!(bounded(stage.store.head()).await.unwrap(), stage.head, "reads go on");
    drop(visitor);
    stage.store.commit(&one(3), &stage.head).await.unwrap();
    assert_eq!(stage.records(), ["1", "3"]);
}

#[tokio::test]
async fn a_backend_that_is_ended_in_commit_leaves_a_doubt() {
    let stage = Stage::new("").await;
    // COMMIT is durable here and waits for a standby that there is not.
    stage.cluster.set("synchronous_standby_names", "'nobody'");
    let end = async {
        let waits = format!("{WAITING} = 'IPC' AND wait_event = 'SyncRep'");
        stage.cluster.wait_for(&format!("SELECT count(*) {waits}"), "1");
        stage.cluster.sql(&format!("SELECT pg_terminate_backend(pid) {waits}"))
    };
    let batch = one(2);
    let (answer, _) = bounded(async { tokio::join!(stage.store.commit(&batch, &stage.head), end) }).await;
    assert!(is_in_doubt(&answer), "{answer:?}");
    stage.cluster.set("synchronous_standby_names", "''");
    assert!(bounded(stage.look_for(2)).await.0);
    assert_eq!((stage.stored(), stage.records()), (vec![2], vec!["1".into(), "2".into()]));
}

#[tokio::test]
async fn a_commit_is_not_answered_before_its_standby_has_it() {
    let stage = Stage::new("").await;
    stage.cluster.set("synchronous_standby_names", "'nobody'");
    let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
    assert!(is_in_doubt(&answer), "{answer:?}");
    // The transaction still holds the head, so nobody can say what became of it.
    let asked = bounded(stage.store.changes(&stage.head)).await;
    assert!(matches!(asked, Err(StoreError::Unavailable(_))), "{asked:?}");
    assert_eq!(bounded(stage.store.head()).await.unwrap(), stage.head);
    stage.cluster.set("synchronous_standby_names", "''");
    assert!(bounded(stage.look_for(2)).await.0);
    assert_eq!(stage.records(), ["1", "2"]);
}

#[tokio::test]
async fn a_server_that_is_gone_is_missed_and_found_again() {
    let mut stage = Stage::new("").await;
    for crash in [false, true] {
        if crash {
            stage.cluster.crash();
        } else {
            stage.cluster.stop();
        }
        let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
        assert!(is_refused(&answer) || is_in_doubt(&answer), "{answer:?}");
        assert!(matches!(bounded(stage.store.head()).await, Err(StoreError::Unavailable(_))));
        assert!(matches!(bounded(stage.store.load(&mut |_| ())).await, Err(StoreError::Unavailable(_))));
        stage.cluster.run();
        assert_eq!(bounded(stage.store.head()).await.unwrap(), stage.head, "an answered commit is gone");
    }
    let (is_made, head) = bounded(stage.look_for(2)).await;
    assert!(!is_made);
    stage.store.commit(&one(2), &head).await.unwrap();
    assert_eq!(stage.records(), ["1", "2"]);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_crash() {
    let mut stage = Stage::new("").await;
    for number in 2..12 {
        let (_, head) = bounded(stage.look_for(0)).await;
        stage.head = stage.store.commit(&one(number), &head).await.unwrap();
        stage.cluster.crash();
        stage.cluster.run();
        assert_eq!(bounded(stage.store.head()).await.unwrap(), stage.head);
    }
    assert_eq!(stage.records().len(), 11);
}

#[tokio::test]
async fn a_server_that_takes_no_writes_refuses_and_is_left() {
    let stage = Stage::new("").await;
    stage.cluster.set("default_transaction_read_only", "on");
    for _ in 0..2 {
        let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
        assert!(is_refused(&answer), "{answer:?}");
    }
    stage.cluster.set("default_transaction_read_only", "off");
    stage.store.commit(&one(2), &stage.head).await.unwrap();
    assert_eq!(stage.records(), ["1", "2"]);
}

#[tokio::test]
async fn the_loser_of_a_deadlock_tries_again() {
    let stage = Stage::new("deadlock_timeout = 100ms").await;
    // The visitor looks for deadlocks so late that the store is the one that gives way.
    let rival = "SET deadlock_timeout = '1h'; BEGIN; DELETE FROM s.record WHERE at >= 0";
    let mut visitor = stage.cluster.visitor(rival);
    let change = batch(2, vec![update(at(1, 0), connection(1), "y"), create(connection(2), "x")]);
    let meddle = async {
        stage.cluster.wait_for(&format!("SELECT count(*) {WAITING} = 'Lock'"), "1");
        visitor.say("SELECT * FROM s.head FOR UPDATE; ROLLBACK");
    };
    let (answer, ()) = bounded(async { tokio::join!(stage.store.commit(&change, &stage.head), meddle) }).await;
    assert_eq!(answer.unwrap().revision, 2);
    assert_eq!(stage.records(), ["1", "2"]);
    let deadlocks = "SELECT deadlocks > 0 FROM pg_stat_database WHERE datname = current_database()";
    stage.cluster.wait_for(deadlocks, "t");
}

#[tokio::test]
async fn a_commit_that_can_not_be_put_in_order_is_tried_again_but_not_for_ever() {
    let stage = Stage::new("").await;
    let mut head = stage.head;
    for (number, is_late) in [(2, false), (4, true)] {
        stage.cluster.forbid_order("s", (is_late, false));
        head = bounded(stage.store.commit(&one(number), &head)).await.unwrap();
        stage.cluster.forbid_order("s", (is_late, true));
        let answer = bounded(stage.store.commit(&one(number + 1), &head)).await;
        assert!(is_refused(&answer), "{answer:?}");
    }
    stage.cluster.allow_order("s");
    stage.store.commit(&one(6), &head).await.unwrap();
    assert_eq!((stage.records(), stage.stored()), (["1", "2", "4", "6"].map(str::to_owned).to_vec(), vec![2, 4, 6]));
}

#[tokio::test]
async fn a_server_that_has_lost_commits_has_diverged() {
    let stage = Stage::new("").await;
    let known = stage.store.commit(&one(2), &stage.head).await.unwrap();
    let known = stage.store.commit(&one(3), &known).await.unwrap();
    // What a standby holds that had not heard of the last two commits when it became the primary.
    let back = "UPDATE s.head SET revision = 1, commit_id = '00000000-0000-0000-0000-000000000001', create_time = 1;
        DELETE FROM s.commits WHERE revision > 1; DELETE FROM s.record WHERE at >= 2::bigint << 20";
    let _ = stage.cluster.sql(back);
    let answer = stage.store.commit(&one(4), &known).await;
    assert!(matches!(answer, Err(CommitError::HeadMoved(head)) if head == stage.head), "{answer:?}");
    assert_eq!(stage.store.changes(&known).await.unwrap(), Changes::Diverged);
    let mut records = 0;
    let head = stage.store.load(&mut |_| records += 1).await.unwrap();
    assert_eq!((head, records), (stage.head, 1));
    stage.store.commit(&one(5), &head).await.unwrap();
    stage.store.commit(&one(6), &stage.store.head().await.unwrap()).await.unwrap();
    // Other commits bear the numbers of those that were lost.
    assert_eq!(stage.store.changes(&known).await.unwrap(), Changes::Diverged);
}

#[tokio::test]
async fn missing_and_surplus_rows_are_damage() {
    let stage = Stage::new("").await;
    let _ = stage.cluster.sql("INSERT INTO s.record VALUES (2::bigint << 20, 6, 'x', 'x')");
    let answer = stage.store.commit(&one(2), &stage.head).await;
    assert!(matches!(answer, Err(CommitError::Damaged(_))), "{answer:?}");
    let _ = stage.cluster.sql("DELETE FROM s.record");
    let answer = stage.store.commit(&batch(2, vec![update(at(1, 0), connection(1), "y")]), &stage.head).await;
    assert!(matches!(answer, Err(CommitError::Damaged(_))), "{answer:?}");
    assert_eq!(stage.store.head().await.unwrap(), stage.head, "half of it was written");
    let _ = stage.cluster.sql("INSERT INTO s.record VALUES (1, 200, 'x', 'x')");
    assert!(matches!(stage.store.load(&mut |_| ()).await, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn rivals_on_one_head_are_told_who_won() {
    let stage = Stage::new("").await;
    let other = crate::stage::open(&stage.cluster.url("s"));
    let mut head = stage.head;
    for round in 1..=20 {
        let (ours, theirs) = (one(round * 2), one(round * 2 + 1));
        let (a, b) = tokio::join!(stage.store.commit(&ours, &head), other.commit(&theirs, &head));
        let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
        let won = won.unwrap();
        assert!(matches!(lost, Err(CommitError::HeadMoved(now)) if now == won), "{lost:?}");
        head = won;
    }
    assert_eq!(stage.records().len(), 21);
}
