//! The records themselves: what a store is, without I/O and without faults.

use std::collections::{BTreeMap, HashMap, VecDeque};

use linkspan_engine::record::RecordKey;
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{
    AuditRow, Batch, Changes, Commit, CommitError, CommitId, Head, Loc, RECORD_FORMAT, RecordChange, StoreError,
    StoredAudit, StoredRecord,
};
use linkspan_model::ProjectId;

/// Most changes of a batch, as in every store.
const MOST_CHANGES: usize = 1 << 20;

#[derive(Debug, Clone)]
pub(super) struct Journal {
    pub(super) head: Head,
    pub(super) applied: Vec<CommitId>,
    live: BTreeMap<Loc, (RecordKey, Vec<u8>)>,
    place: HashMap<RecordKey, Loc>,
    tombstones: BTreeMap<Loc, RecordKey>,
    commits: BTreeMap<u64, CommitId>,
    audit: VecDeque<StoredAudit>,
    retention: Retention,
}

impl Journal {
    pub(super) fn new(epoch: u128, retention: Retention) -> Self {
        Self {
            head: Head { epoch, revision: 0, commit_id: 0, create_time: 0, format: RECORD_FORMAT },
            applied: Vec::new(),
            live: BTreeMap::new(),
            place: HashMap::new(),
            tombstones: BTreeMap::new(),
            commits: BTreeMap::from([(0, 0)]),
            audit: VecDeque::new(),
            retention,
        }
    }

    pub(super) fn load(&self) -> Result<(Vec<StoredRecord>, Head), StoreError> {
        if self.head.format > RECORD_FORMAT {
            return Err(StoreError::Format { found: self.head.format, known: RECORD_FORMAT });
        }
        let records = self.live.iter();
        let records = records.map(|(at, (key, body))| StoredRecord { at: *at, key: key.clone(), body: body.clone() });
        Ok((records.collect(), self.head))
    }

    /// Applies the whole batch or nothing.
    pub(super) fn commit(&mut self, batch: &Batch, expected: &Head) -> Result<Head, CommitError> {
        let same = |a: &Head| (a.epoch, a.revision, a.commit_id);
        if same(&self.head) != same(expected) {
            return Err(CommitError::HeadMoved(self.head));
        }
        if self.head.format > RECORD_FORMAT {
            return Err(CommitError::Refused(format!("the store has record format {}", self.head.format)));
        }
        if batch.changes.len().max(batch.audit.len()) > MOST_CHANGES {
            return Err(CommitError::Refused("the batch is too long".into()));
        }
        let revision = self.head.revision + 1;
        self.check(revision, &batch.changes)?;
        for (at, change) in locs(revision).zip(&batch.changes) {
            self.apply(at, change);
        }
        let rows = locs(revision).zip(&batch.audit);
        self.audit.extend(rows.map(|(at, row)| StoredAudit { at, row: row.clone() }));
        self.commits.insert(revision, batch.commit_id);
        self.applied.push(batch.commit_id);
        self.head = Head { revision, commit_id: batch.commit_id, create_time: batch.create_time, ..self.head };
        self.trim(&batch.audit);
        Ok(self.head)
    }

    /// Every change must replace exactly the row that holds its record.
    fn check(&self, revision: u64, changes: &[RecordChange]) -> Result<(), CommitError> {
        let mut moved: HashMap<&RecordKey, Option<Loc>> = HashMap::new();
        for (at, change) in locs(revision).zip(changes) {
            let held = moved.get(&change.key).copied().unwrap_or_else(|| self.place.get(&change.key).copied());
            if held != change.replaces {
                let why = format!("{:?} lies at {held:?}, the batch replaces {:?}", change.key, change.replaces);
                return Err(CommitError::Damaged(why));
            }
            moved.insert(&change.key, change.body.is_some().then_some(at));
        }
        Ok(())
    }

    fn apply(&mut self, at: Loc, change: &RecordChange) {
        if let Some(old) = change.replaces {
            self.live.remove(&old);
        }
        if let Some(body) = &change.body {
            self.live.insert(at, (change.key.clone(), body.clone()));
            self.place.insert(change.key.clone(), at);
        } else {
            self.tombstones.insert(at, change.key.clone());
            self.place.remove(&change.key);
        }
    }

    fn trim(&mut self, written: &[AuditRow]) {
        let forget = self.retention.commits_to_forget(self.commits.len() as u64);
        for _ in 0..forget {
            self.commits.pop_first();
        }
        let oldest = self.commits.first_key_value().map_or(0, |(revision, _)| *revision);
        self.tombstones.retain(|at, _| at.revision > oldest);

        let written_rows = written.len() as u64;
        let many = self.retention.audit_to_remove(self.audit.len() as u64, written_rows);
        let newest = written.iter().map(|row| row.time).max();
        let old = newest.map_or(0, |newest| {
            let before = self.retention.audit_old_before(newest);
            let oldest = self.audit.iter().take(self.retention.budget(written_rows) as usize);
            oldest.take_while(|audit| audit.row.time < before).count() as u64
        });
        self.audit.drain(..many.max(old) as usize);
    }

    pub(super) fn changes(&self, since: &Head) -> Changes {
        if since.epoch != self.head.epoch || since.revision > self.head.revision {
            return Changes::Diverged;
        }
        match self.commits.get(&since.revision) {
            None => return Changes::TooOld,
            Some(id) if *id != since.commit_id => return Changes::Diverged,
            Some(_) => {}
        }
        let later = self.commits.range(since.revision + 1..);
        let commits = later.map(|(revision, commit_id)| {
            let all = Loc { revision: *revision, n: 0 }..Loc { revision: *revision + 1, n: 0 };
            let live = self.live.range(all.clone()).map(|(at, (key, body))| (*at, key.clone(), Some(body.clone())));
            let gone = self.tombstones.range(all).map(|(at, key)| (*at, key.clone(), None));
            let mut records: Vec<_> = live.chain(gone).collect();
            records.sort_by_key(|(at, ..)| *at);
            Commit { revision: *revision, commit_id: *commit_id, records }
        });
        Changes::Since { commits: commits.collect(), head: self.head }
    }

    pub(super) fn audit(&self, project: Option<&ProjectId>, before: Option<Loc>, limit: usize) -> Vec<StoredAudit> {
        let newest_first = self.audit.iter().rev();
        let older = newest_first.skip_while(|audit| before.is_some_and(|before| audit.at >= before));
        older.filter(|audit| audit.row.project.as_ref() == project).take(limit).cloned().collect()
    }
}

fn locs(revision: u64) -> impl Iterator<Item = Loc> {
    (0..).map(move |n| Loc { revision, n })
}
