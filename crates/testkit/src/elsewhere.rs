//! Another node that writes records as it likes: imports, grants, whatever no command does.

use std::collections::HashMap;

use linkspan_engine::record::{Record, RecordKey};
use linkspan_engine::store::{Batch, Loc, RecordChange, Store};

use crate::memory::MemoryStore;

/// Writes records that nobody else writes.
#[derive(Debug)]
pub struct Elsewhere {
    store: MemoryStore,
    places: HashMap<RecordKey, Loc>,
    commits: u128,
}

impl Elsewhere {
    /// On the records of this store.
    #[must_use]
    pub fn of(store: &MemoryStore) -> Self {
        Self { store: store.another_node(), places: HashMap::new(), commits: 0 }
    }

    /// Commits records as they are to be from now on, and takes others out.
    ///
    /// # Panics
    /// The store refuses.
    pub async fn write(&mut self, records: &[Record], gone: &[RecordKey]) {
        let put = records.iter().map(|record| (record.key(), Some(record.to_body())));
        let changes = put.chain(gone.iter().map(|key| (key.clone(), None)));
        let places = &self.places;
        let change = |(key, body)| RecordChange { replaces: places.get(&key).copied(), key, body };
        let changes: Vec<RecordChange> = changes.map(change).collect();
        self.commits += 1;
        let head = self.store.head().await.unwrap();
        let batch = Batch { commit_id: self.commits, create_time: head.create_time, changes, audit: vec![] };
        let revision = self.store.commit(&batch, &head).await.unwrap().revision;
        for (change, n) in batch.changes.into_iter().zip(0..) {
            match change.body {
                Some(_) => drop(self.places.insert(change.key, Loc { revision, n })),
                None => drop(self.places.remove(&change.key)),
            }
        }
    }
}
