//! What a commit does, and when it does nothing.

use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Batch, CommitError, Head, Loc, RecordChange, Store};

use super::{Harness, commit, load};
use crate::batch::{at, audit, batch, connection, create, delete, update};

async fn bodies(store: &impl Store) -> Vec<(Loc, String)> {
    let (records, _) = load(store).await;
    records.into_iter().map(|record| (record.at, String::from_utf8(record.body).unwrap())).collect()
}

/// The new head counts on and bears the batch's name and time.
pub async fn a_commit_moves_the_head<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let empty = store.head().await.unwrap();
    let batch = Batch { create_time: 1234, ..batch(u128::MAX - 1, vec![create(connection(1), "one")]) };
    let head = store.commit(&batch, &empty).await.unwrap();
    assert_eq!(head, Head { revision: 1, commit_id: u128::MAX - 1, create_time: 1234, ..empty });
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(bodies(&store).await, [(at(1, 0), "one".into())]);
}

/// Who decided on an old head learns the new one, and nothing is written.
pub async fn a_commit_on_an_old_head_is_refused<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let empty = store.head().await.unwrap();
    let head = commit(&store, &batch(7, vec![create(connection(1), "one")])).await;
    let late = batch(8, vec![create(connection(2), "two")]);
    let wrong =
        [empty, Head { commit_id: 6, ..head }, Head { epoch: !head.epoch, ..head }, Head { revision: 2, ..head }];
    for expected in wrong {
        let refused = store.commit(&late, &expected).await;
        assert!(matches!(refused, Err(CommitError::HeadMoved(found)) if found == head), "{refused:?}");
    }
    assert_eq!(bodies(&store).await, [(at(1, 0), "one".into())]);
    assert_eq!(commit(&store, &late).await.revision, 2);
}

/// A commit may hold nothing: it proves that the store takes writes.
pub async fn an_empty_commit_moves_the_head<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    assert_eq!(commit(&store, &batch(7, vec![])).await.revision, 1);
    assert_eq!(commit(&store, &batch(8, vec![])).await.revision, 2);
}

/// An updated record lies in the commit that wrote it, and only there.
pub async fn an_update_replaces_its_row<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    commit(&store, &batch(7, vec![create(connection(1), "one"), create(connection(2), "two")])).await;
    commit(&store, &batch(8, vec![update(at(1, 0), connection(1), "one!")])).await;
    assert_eq!(bodies(&store).await, [(at(1, 1), "two".into()), (at(2, 0), "one!".into())]);
}

/// A tombstone is not loaded, and its record may be written as new again.
pub async fn a_deleted_record_is_gone_and_may_return<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    commit(&store, &batch(7, vec![create(connection(1), "one")])).await;
    commit(&store, &batch(8, vec![delete(at(1, 0), connection(1))])).await;
    assert_eq!(bodies(&store).await, []);
    commit(&store, &batch(9, vec![create(connection(1), "again")])).await;
    assert_eq!(bodies(&store).await, [(at(3, 0), "again".into())]);
}

/// Commands of one batch see each other's records.
pub async fn a_batch_may_replace_its_own_rows<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let changes = vec![
        create(connection(1), "one"),
        create(connection(2), "two"),
        update(at(1, 0), connection(1), "one!"),
        delete(at(1, 1), connection(2)),
        create(connection(2), "two again"),
    ];
    commit(&store, &batch(7, changes)).await;
    assert_eq!(bodies(&store).await, [(at(1, 2), "one!".into()), (at(1, 4), "two again".into())]);
}

async fn assert_damage<H: Harness>(harness: &H, wrong: RecordChange) {
    let store = harness.fresh(Retention::default());
    let head = commit(&store, &batch(7, vec![create(connection(1), "one")])).await;
    let head = store.commit(&batch(8, vec![create(connection(2), "two")]), &head).await.unwrap();
    let before = load(&store).await;
    let bad = Batch { audit: vec![audit(1, None, "{}")], ..batch(9, vec![create(connection(3), "three"), wrong]) };
    let answer = store.commit(&bad, &head).await;
    assert!(matches!(answer, Err(CommitError::Damaged(_))), "{answer:?}");
    assert_eq!(load(&store).await, before, "half of the batch was applied");
    assert_eq!(store.audit(None, None, 10).await.unwrap(), []);
}

/// An update or delete must find the row it replaces.
pub async fn a_row_that_is_not_there_is_damage<H: Harness>(harness: &H) {
    assert_damage(harness, update(at(1, 1), connection(1), "one!")).await;
    assert_damage(harness, delete(at(9, 0), connection(1))).await;
}

/// A row must hold the record that is to be replaced.
pub async fn a_row_of_another_record_is_damage<H: Harness>(harness: &H) {
    assert_damage(harness, update(at(2, 0), connection(1), "one!")).await;
}

/// Of two batches decided on one head, exactly one is applied.
pub async fn only_one_of_two_rivals_wins<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let head = store.head().await.unwrap();
    let (one, two) = (batch(7, vec![create(connection(1), "one")]), batch(8, vec![create(connection(1), "two")]));
    let (one, two) = tokio::join!(store.commit(&one, &head), store.commit(&two, &head));
    assert!(one.is_ok() != two.is_ok(), "{one:?} and {two:?}");
    assert_eq!(bodies(&store).await.len(), 1);
}
