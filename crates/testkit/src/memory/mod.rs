//! A store in memory that behaves as the durable ones do, and fails when a test asks it to.
//!
//! It is stricter in one thing: a record written as new although it lives already is [`CommitError::Damaged`], since
//! no other store could tell. It must not be asked to survive its process.
//!
//! To add a fault, add it to [`CommitFault`] or [`ReadFault`] and say what it does where they are matched.

mod fault;
mod journal;
mod lease;
mod random;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{
    Batch, Changes, CommitError, CommitId, Head, Lease, LeaseAsk, Loc, Store, StoreError, StoredAudit, StoredRecord,
};
use linkspan_model::ProjectId;

pub use self::fault::{Call, CommitFault, Gate, Odds, ReadFault};
use self::fault::{Faults, pause};
use self::journal::Journal;
use self::lease::Leases;

/// The store. Every handle on one history has faults of its own, as every node has a connection of its own.
#[derive(Debug)]
pub struct MemoryStore {
    journal: Arc<Mutex<Journal>>,
    leases: Arc<Mutex<Leases>>,
    faults: Mutex<Faults>,
}

/// What a store held at some time.
#[derive(Debug)]
pub struct Past(Journal, Leases);

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(1, Retention::default())
    }
}

impl MemoryStore {
    /// An empty store of the epoch given.
    #[must_use]
    pub fn new(epoch: u128, retention: Retention) -> Self {
        let journal = Arc::new(Mutex::new(Journal::new(epoch, retention)));
        Self { journal, leases: Arc::default(), faults: Mutex::default() }
    }

    /// Another handle on the same records, without faults: a second node, or the process after a restart.
    #[must_use]
    pub fn another_node(&self) -> Self {
        let (journal, leases) = (Arc::clone(&self.journal), Arc::clone(&self.leases));
        Self { journal, leases, faults: Mutex::default() }
    }

    /// What happens to the next commit that nothing is planned for yet.
    pub fn fail_commit(&self, fault: CommitFault) {
        lock(&self.faults).plan_commit(fault);
    }

    /// What happens to the next call of a kind that nothing is planned for yet.
    pub fn fail(&self, call: Call, fault: ReadFault) {
        lock(&self.faults).plan(call, fault);
    }

    /// Makes calls without a planned fault fail at random; the same seed and calls give the same faults.
    pub fn fail_at_random(&self, seed: u64, odds: Odds) {
        lock(&self.faults).at_random(seed, odds);
    }

    /// Forgets every fault, planned or random.
    pub fn heal(&self) {
        *lock(&self.faults) = Faults::default();
    }

    /// The names of all commits ever applied, in order, acknowledged or not.
    #[must_use]
    pub fn applied(&self) -> Vec<CommitId> {
        lock(&self.journal).applied.clone()
    }

    /// How many commits were asked for through this handle, whatever became of them.
    #[must_use]
    pub fn commits_asked(&self) -> u64 {
        lock(&self.faults).commits_asked
    }

    /// What it holds now, to [go back](Self::go_back) to.
    #[must_use]
    pub fn past(&self) -> Past {
        Past(lock(&self.journal).clone(), lock(&self.leases).clone())
    }

    /// Loses everything since, as a standby does that takes over before it has heard of it.
    pub fn go_back(&self, Past(journal, leases): Past) {
        *lock(&self.journal) = journal;
        *lock(&self.leases) = leases;
    }

    /// Starts a new epoch, as the restore of a backup does.
    pub fn start_epoch(&self, epoch: u128) {
        lock(&self.journal).head.epoch = epoch;
    }

    /// Sets the record format, as a newer release does.
    pub fn set_format(&self, format: u32) {
        lock(&self.journal).head.format = format;
    }

    async fn read(&self, call: Call) -> Result<Option<ReadFault>, StoreError> {
        let planned = lock(&self.faults).next_read(call);
        match planned {
            Some(ReadFault::Unavailable) => Err(StoreError::Unavailable(format!("{call:?} fails as planned"))),
            Some(ReadFault::Damaged) => Err(StoreError::Damaged(format!("{call:?} finds damage as planned"))),
            Some(ReadFault::Held(gate)) => {
                gate.passed().await;
                Ok(None)
            }
            other => Ok(other),
        }
    }

    async fn commit_or_fail(&self, batch: &Batch, expected: &Head) -> Result<Head, CommitError> {
        let planned = lock(&self.faults).next_commit();
        let apply = || lock(&self.journal).commit(batch, expected);
        match planned {
            None => apply(),
            Some(CommitFault::Refused) => Err(CommitError::Refused("as planned".into())),
            Some(CommitFault::Full) => Err(CommitError::Full("as planned".into())),
            Some(CommitFault::Damaged) => Err(CommitError::Damaged("as planned".into())),
            Some(CommitFault::InDoubtLost) => Err(CommitError::InDoubt("as planned, lost".into())),
            Some(CommitFault::InDoubtApplied) => {
                apply().and_then(|_| Err(CommitError::InDoubt("as planned, applied".into())))
            }
            Some(CommitFault::HeadMoved(foreign)) => {
                let mut journal = lock(&self.journal);
                let head = journal.head;
                journal.commit(&foreign, &head)?;
                journal.commit(batch, expected)
            }
            Some(CommitFault::Held(gate)) => {
                gate.passed().await;
                apply()
            }
            Some(CommitFault::Slow(duration)) => {
                pause(duration).await;
                apply()
            }
        }
    }
}

impl Store for MemoryStore {
    fn load<'a>(&'a self, each: &'a mut (dyn FnMut(StoredRecord) + Send)) -> BoxFuture<'a, Result<Head, StoreError>> {
        async {
            self.read(Call::Load).await?;
            let (records, head) = lock(&self.journal).load()?;
            records.into_iter().for_each(each);
            Ok(head)
        }
        .boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        async {
            match self.read(Call::Head).await? {
                Some(ReadFault::Told(head)) => Ok(head),
                _ => Ok(lock(&self.journal).head),
            }
        }
        .boxed()
    }

    fn commit<'a>(&'a self, batch: &'a Batch, expected: &'a Head) -> BoxFuture<'a, Result<Head, CommitError>> {
        self.commit_or_fail(batch, expected).boxed()
    }

    fn changes<'a>(&'a self, since: &'a Head) -> BoxFuture<'a, Result<Changes, StoreError>> {
        async {
            match self.read(Call::Changes).await? {
                Some(ReadFault::Diverged) => Ok(Changes::Diverged),
                Some(ReadFault::TooOld) => Ok(Changes::TooOld),
                _ => Ok(lock(&self.journal).changes(since)),
            }
        }
        .boxed()
    }

    fn lease<'a>(&'a self, ask: &'a LeaseAsk) -> BoxFuture<'a, Result<Lease, StoreError>> {
        async {
            self.read(Call::Lease).await?;
            Ok(lock(&self.leases).answer(ask))
        }
        .boxed()
    }

    fn audit(
        &self,
        project: Option<ProjectId>,
        before: Option<Loc>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredAudit>, StoreError>> {
        async move {
            self.read(Call::Audit).await?;
            Ok(lock(&self.journal).audit(project.as_ref(), before, limit))
        }
        .boxed()
    }
}

/// A panic in one test thread leaves nothing half done here: every change is applied whole or not at all.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
