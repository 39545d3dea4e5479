//! What `changes` tells, and when it can't.

use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Changes, Commit, Head, Store};

use super::{Harness, commit, commits_since};
use crate::batch::{at, batch, connection, create, delete, update};

/// Far more than a store lets pile up before it trims.
const MANY: u64 = 400;

/// Who stands at the head has missed nothing.
pub async fn nothing_has_changed_since_the_head<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let head = commit(&store, &batch(7, vec![create(connection(1), "one")])).await;
    assert_eq!(commits_since(&store, &head).await, []);
}

/// Commits come oldest first, each with its records in place; an empty one comes too.
pub async fn changes_are_the_later_commits<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let since = commit(&store, &batch(7, vec![create(connection(1), "one")])).await;
    commit(&store, &batch(8, vec![create(connection(2), "two"), create(connection(3), "three")])).await;
    commit(&store, &batch(9, vec![])).await;
    commit(&store, &batch(10, vec![create(connection(4), "four")])).await;
    let records =
        vec![(at(2, 0), connection(2), Some(b"two".to_vec())), (at(2, 1), connection(3), Some(b"three".to_vec()))];
    let expected = [
        Commit { revision: 2, commit_id: 8, records },
        Commit { revision: 3, commit_id: 9, records: vec![] },
        Commit { revision: 4, commit_id: 10, records: vec![(at(4, 0), connection(4), Some(b"four".to_vec()))] },
    ];
    assert_eq!(commits_since(&store, &since).await, expected);
}

/// A commit whose records were all replaced is still named: that is how one in doubt is found.
pub async fn replaced_records_are_only_in_the_last_commit<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let since = store.head().await.unwrap();
    commit(&store, &batch(7, vec![create(connection(1), "one")])).await;
    commit(&store, &batch(8, vec![update(at(1, 0), connection(1), "one!")])).await;
    let expected = [
        Commit { revision: 1, commit_id: 7, records: vec![] },
        Commit { revision: 2, commit_id: 8, records: vec![(at(2, 0), connection(1), Some(b"one!".to_vec()))] },
    ];
    assert_eq!(commits_since(&store, &since).await, expected);
}

/// A deletion is told with its place among the other changes.
pub async fn tombstones_are_changes<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let since = commit(&store, &batch(7, vec![create(connection(1), "one"), create(connection(2), "two")])).await;
    let changes = vec![
        create(connection(3), "three"),
        delete(at(1, 0), connection(1)),
        create(connection(1), "again"),
        delete(at(1, 1), connection(2)),
    ];
    commit(&store, &batch(8, changes)).await;
    let records = vec![
        (at(2, 0), connection(3), Some(b"three".to_vec())),
        (at(2, 1), connection(1), None),
        (at(2, 2), connection(1), Some(b"again".to_vec())),
        (at(2, 3), connection(2), None),
    ];
    assert_eq!(commits_since(&store, &since).await, [Commit { revision: 2, commit_id: 8, records }]);
}

async fn assert_diverged<H: Harness>(harness: &H, wrong: fn(Head) -> Head) {
    let store = harness.fresh(Retention::default());
    let head = commit(&store, &batch(7, vec![create(connection(1), "one")])).await;
    assert_eq!(store.changes(&wrong(head)).await.unwrap(), Changes::Diverged, "at the head");
    commit(&store, &batch(8, vec![])).await;
    assert_eq!(store.changes(&wrong(head)).await.unwrap(), Changes::Diverged, "before the head");
}

/// Somebody else's commit bears the caller's revision.
pub async fn an_unknown_commit_has_diverged<H: Harness>(harness: &H) {
    assert_diverged(harness, |head| Head { commit_id: 6, ..head }).await;
}

/// The caller knew another history.
pub async fn another_epoch_has_diverged<H: Harness>(harness: &H) {
    assert_diverged(harness, |head| Head { epoch: head.epoch.wrapping_add(1), ..head }).await;
}

/// The caller knows more than the store: the store has lost commits.
pub async fn the_future_has_diverged<H: Harness>(harness: &H) {
    assert_diverged(harness, |head| Head { revision: head.revision + 5, ..head }).await;
}

/// What was trimmed can't be told, and what was promised is.
pub async fn forgotten_commits_are_too_old<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention { commits: 100, ..Retention::default() });
    let mut heads = vec![store.head().await.unwrap()];
    for number in 1..=MANY {
        let head = store.commit(&batch(number.into(), vec![]), &heads[heads.len() - 1]).await.unwrap();
        heads.push(head);
    }
    assert_eq!(store.changes(&heads[0]).await.unwrap(), Changes::TooOld);
    let kept = &heads[heads.len() - 100];
    assert_eq!(commits_since(&store, kept).await.len(), 99);
    let store = harness.reopen(store);
    assert_eq!(store.changes(&heads[0]).await.unwrap(), Changes::TooOld);
    assert_eq!(commits_since(&store, kept).await.len(), 99);
}

/// While `changes` answers, it tells of every deletion.
pub async fn tombstones_last_as_long_as_their_commits<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention { commits: 100, ..Retention::default() });
    let number_of = |revision: u64| u32::try_from(revision).unwrap();
    let creates = (1..=MANY).map(|number| create(connection(number_of(number)), "x"));
    let mut heads = vec![commit(&store, &batch(1, creates.collect())).await];
    for number in 1..=MANY {
        let gone = delete(at(1, number_of(number) - 1), connection(number_of(number)));
        let head = store.commit(&batch(u128::from(number) + 1, vec![gone]), &heads[heads.len() - 1]).await.unwrap();
        heads.push(head);
    }
    let mut too_old = 0;
    for since in &heads {
        match store.changes(since).await.unwrap() {
            Changes::TooOld => too_old += 1,
            Changes::Since { commits, head } => {
                assert_eq!(commits.len() as u64, head.revision - since.revision);
                assert!(commits.iter().all(|commit| commit.records.len() == 1), "a tombstone is missing");
            }
            Changes::Diverged => panic!("{since:?} was a head"),
        }
    }
    assert!((1..MANY - 99).contains(&too_old), "{too_old} of {MANY} are too old");
}
