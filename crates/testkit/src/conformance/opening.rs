//! What a store holds when it is opened.

use linkspan_engine::record::{Kind, RecordKey};
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Changes, RECORD_FORMAT, RecordChange, Store};

use super::{Harness, commit, commits_since, load};
use crate::batch::{at, batch, connection, create, delete, setting, update};

/// A new store is empty, at revision 0 of the format written today.
pub async fn an_empty_store_stands_at_revision_zero<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let (records, head) = load(&store).await;
    assert!(records.is_empty());
    assert_eq!((head.revision, head.commit_id, head.create_time, head.format), (0, 0, 0, RECORD_FORMAT));
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(commits_since(&store, &head).await, []);
    assert_eq!(store.audit(None, None, 10).await.unwrap(), []);
}

/// Records, head and history survive the process.
pub async fn a_reopened_store_holds_the_same<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let empty = store.head().await.unwrap();
    commit(&store, &batch(7, vec![create(connection(1), "one"), create(connection(2), "two")])).await;
    commit(&store, &batch(8, vec![update(at(1, 0), connection(1), "one!"), delete(at(1, 1), connection(2))])).await;
    let (before, commits) = (load(&store).await, commits_since(&store, &empty).await);
    assert_eq!(before.0.len(), 1);

    let store = harness.reopen(store);
    assert_eq!(load(&store).await, before);
    assert_eq!(commits_since(&store, &empty).await, commits);
    let head = commit(&store, &batch(9, vec![update(at(2, 0), connection(1), "one!!")])).await;
    assert_eq!(head.revision, 3);
}

/// No two stores share an epoch.
pub async fn stores_have_epochs_of_their_own<H: Harness>(harness: &H) {
    let one = harness.fresh(Retention::default()).head().await.unwrap();
    let two = harness.fresh(Retention::default()).head().await.unwrap();
    assert_ne!(one.epoch, two.epoch);
}

/// What a backup held goes on under a new epoch, so that no node takes it for the history it knew.
///
/// The record is a real one, since a restore may refuse what the engine can't read.
pub async fn a_restored_store_starts_an_epoch<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let old = commit(&store, &batch(7, vec![setting("one", "1")])).await;
    let (records, _) = load(&store).await;
    let store = harness.restored(store);
    let (restored, head) = load(&store).await;
    assert_eq!(restored, records);
    assert_ne!(head.epoch, old.epoch);
    assert_eq!(store.changes(&old).await.unwrap(), Changes::Diverged);
    assert_eq!(commit(&store, &batch(8, vec![])).await.epoch, head.epoch);
}

/// A store neither reads nor mends what it keeps, whatever the kind.
pub async fn bodies_come_back_byte_by_byte<H: Harness>(harness: &H) {
    let bodies: [&[u8]; 5] = [b"", b"{}", b"a\0b", &[0xff, 0xfe, 0x00], "查询 'quoted' \"x\"".as_bytes()];
    let long = vec![b'x'; 3 << 20];
    let bodies: Vec<&[u8]> = bodies.into_iter().chain([long.as_slice()]).collect();
    let store = harness.fresh(Retention::default());
    let changes = bodies.iter().enumerate().flat_map(|(place, body)| {
        Kind::ALL.map(|kind| RecordChange {
            key: RecordKey { kind, id: format!("p/名 {place}") },
            replaces: None,
            body: (body.len() < 9 || kind == Kind::Hosts).then(|| body.to_vec()),
        })
    });
    let changes: Vec<_> = changes.collect();
    commit(&store, &batch(7, changes.clone())).await;
    let (records, _) = load(&harness.reopen(store)).await;
    let written: Vec<_> = changes.into_iter().filter_map(|change| Some((change.key, change.body?))).collect();
    let read: Vec<_> = records.into_iter().map(|record| (record.key, record.body)).collect();
    assert!(read == written, "a body or an id has changed");
}
