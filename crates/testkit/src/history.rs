//! Random histories of a store: the same steps on two stores must leave the same behind.

use std::collections::BTreeMap;

use linkspan_engine::record::RecordKey;
use linkspan_engine::store::{Batch, Changes, Head, Loc, RecordChange, Store, StoredAudit, StoredRecord};
use proptest::prelude::*;

use crate::batch::{audit, connection};

/// What one change of a step does to one of a few records, if the record's state allows it.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    /// Which record.
    pub record: u32,
    /// Removes it instead of writing it.
    pub delete: bool,
}

/// One commit: its changes, and the projects of its audit rows by number, 0 for the administration.
#[derive(Debug, Clone)]
pub struct Step {
    /// The changes, in order.
    pub writes: Vec<Write>,
    /// The audit rows.
    pub audited: Vec<u8>,
    /// How far the audit's time moves on, in milliseconds; the clock may step back.
    pub elapsed_ms: i64,
}

/// What can be learnt of a store from outside; the epoch, which stores don't share, is left out.
#[derive(Debug, PartialEq, Eq)]
pub struct Observed {
    /// What `load` hands over, by place.
    pub records: Vec<StoredRecord>,
    /// What `changes` answers since each head of the history.
    pub changes: Vec<Changes>,
    /// The audit of each project.
    pub audit: Vec<Vec<StoredAudit>>,
}

const PROJECTS: [Option<&str>; 4] = [None, Some("a"), Some("b"), Some("c")];

/// Histories of up to so many commits on a dozen records.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let write = (0..12_u32, prop::bool::weighted(0.3)).prop_map(|(record, delete)| Write { record, delete });
    let writes = prop::collection::vec(write, 0..6);
    let audited = prop::collection::vec(0..4_u8, 0..4);
    let step = (writes, audited, -20..200_i64);
    let step = step.prop_map(|(writes, audited, elapsed_ms)| Step { writes, audited, elapsed_ms });
    prop::collection::vec(step, 0..most)
}

/// A history with everything in it: records that are replaced and deleted, and the audit of every project.
#[must_use]
pub fn full(commits: u32) -> Vec<Step> {
    let write = |number: u32| Write { record: number % 12, delete: number % 5 == 4 };
    let step = |number: u32| Step {
        writes: vec![write(number), write(number + 7)],
        audited: vec![0, u8::try_from(number % 4).unwrap()],
        elapsed_ms: 10,
    };
    (0..commits).map(step).collect()
}

/// Commits the steps one by one, then looks at everything.
///
/// # Panics
/// The store fails.
pub async fn observe(store: &impl Store, steps: &[Step]) -> Observed {
    let heads = commit(store, steps).await;
    look(store, &heads).await
}

/// Commits the steps one by one, and says at which heads the store stood.
///
/// # Panics
/// The store fails.
pub async fn commit(store: &impl Store, steps: &[Step]) -> Vec<Head> {
    let mut heads = vec![store.head().await.unwrap()];
    let mut places = BTreeMap::new();
    let mut time = 0;
    for step in steps {
        let head = heads[heads.len() - 1];
        time += step.elapsed_ms;
        let batch = batch_of(step, &head, (&mut places, time));
        heads.push(store.commit(&batch, &head).await.unwrap());
    }
    heads
}

/// Looks at everything in a store that stands at the last of these heads, in an epoch of its own.
///
/// # Panics
/// The store fails.
pub async fn look(store: &impl Store, heads: &[Head]) -> Observed {
    let mut records = Vec::new();
    let loaded = store.load(&mut |record| records.push(record)).await.unwrap();
    let here = |head: &Head| Head { epoch: loaded.epoch, ..*head };
    assert_eq!(loaded, here(&heads[heads.len() - 1]));
    records.sort_by_key(|record| record.at);
    let mut seen = Observed { records, changes: Vec::new(), audit: Vec::new() };
    for head in heads {
        seen.changes.push(without_epoch(store.changes(&here(head)).await.unwrap()));
    }
    for project in PROJECTS {
        seen.audit.push(store.audit(project.map(|id| id.parse().unwrap()), None, usize::MAX).await.unwrap());
    }
    seen
}

fn batch_of(step: &Step, head: &Head, (places, time): (&mut BTreeMap<RecordKey, Loc>, i64)) -> Batch {
    let revision = head.revision + 1;
    let mut changes = Vec::new();
    for (write, n) in step.writes.iter().zip(0..) {
        let key = connection(write.record);
        let body = (!write.delete).then(|| format!("{revision}.{n}").into_bytes());
        let replaces =
            if body.is_some() { places.insert(key.clone(), Loc { revision, n }) } else { places.remove(&key) };
        changes.push(RecordChange { key, replaces, body });
    }
    let audit = step.audited.iter().map(|project| audit(time, PROJECTS[usize::from(*project)], "{}")).collect();
    Batch { commit_id: revision.into(), create_time: time, changes, audit }
}

fn without_epoch(changes: Changes) -> Changes {
    match changes {
        Changes::Since { commits, head } => Changes::Since { commits, head: Head { epoch: 0, ..head } },
        other => other,
    }
}
