//! The seam to durable storage: records on one head.
//!
//! A store knows records, revisions and audit rows, and nothing of what they mean: no query, no rule, no unique
//! index. That keeps two backends small and alike; one conformance suite (`linkspan-testkit`) runs on both.
//!
//! A store must not interpret a record's body, must accept a batch only on the head it was decided on, and must
//! not answer `Ok` to a commit before it is durable.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use linkspan_model::{ProjectId, UnixMillis};

use crate::record::RecordKey;

/// The newest record format that this release can read and write.
///
/// A store that nodes of an earlier release may share stays at theirs until it is told otherwise, and until then nothing
/// is written to it that they would not understand: see [`Record::format`](crate::record::Record::format).
pub const RECORD_FORMAT: u32 = 2;

/// A random name of one commit, stored with it: how a commit in doubt is recognised.
pub type CommitId = u128;

/// Where the store stands: one head for the whole store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Names the history; a restore or a copy starts a new one.
    pub epoch: u128,
    /// Counts the commits of this history, from 0 in an empty store.
    pub revision: u64,
    /// The last commit.
    pub commit_id: CommitId,
    /// No later creation is stamped earlier than this, whatever the clock says, UTC.
    pub create_time: UnixMillis,
    /// The format of the records.
    pub format: u32,
}

impl Head {
    /// Whether both name the same commit of the same history.
    #[must_use]
    pub fn is_at(&self, other: &Self) -> bool {
        (self.epoch, self.revision, self.commit_id) == (other.epoch, other.revision, other.commit_id)
    }
}

/// Where a live record lies: the primary key of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Loc {
    /// The commit that wrote it.
    pub revision: u64,
    /// Its place in that commit.
    pub n: u32,
}

/// A live record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Where it lies.
    pub at: Loc,
    /// What it is.
    pub key: RecordKey,
    /// Its body: JSON of a model type.
    pub body: Vec<u8>,
}

/// One change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// The record.
    pub key: RecordKey,
    /// The row that holds it now, which the change deletes; none = the record is new.
    pub replaces: Option<Loc>,
    /// Its new body; none = a tombstone.
    pub body: Option<Vec<u8>>,
}

/// One line of the audit: what a user's accepted command changed. At most 4 KiB as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When, UTC.
    pub time: UnixMillis,
    /// The project it happened in; none = the administration of the store.
    pub project: Option<ProjectId>,
    /// The event as JSON.
    pub event: Vec<u8>,
}

/// An audit row that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAudit {
    /// Where it lies; rows are read newest first, before a place.
    pub at: Loc,
    /// The row.
    pub row: AuditRow,
}

/// What one transaction writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub commit_id: CommitId,
    /// The new head's last creation time.
    pub create_time: UnixMillis,
    /// The changes; the n-th lies at `(revision, n)` afterwards.
    pub changes: Vec<RecordChange>,
    /// The audit rows, numbered from 0.
    pub audit: Vec<AuditRow>,
}

/// A commit made by anyone, as `changes` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its revision.
    pub revision: u64,
    /// Its name.
    pub commit_id: CommitId,
    /// What it left: the records still live in it, and its tombstones. A record that a later commit replaced is only there.
    pub records: Vec<(Loc, RecordKey, Option<Vec<u8>>)>,
}

/// What happened since a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// The commits after it, oldest first, and the head they lead to.
    Since {
        /// The commits.
        commits: Vec<Commit>,
        /// The head now.
        head: Head,
    },
    /// The caller's commit is not part of this history: it must reload.
    Diverged,
    /// Tombstones between there and here were trimmed: it must reload.
    TooOld,
}

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached or read now; trying again may help.
    #[error("the store is out of reach: {0}")]
    Unavailable(String),
    /// What it holds breaks its own invariants; nobody may go on writing.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// It was written by a newer release.
    #[error("the store has record format {found}, this release knows {known}; use the release that wrote it")]
    Format {
        /// Found in the head.
        found: u32,
        /// The newest that this release knows.
        known: u32,
    },
}

/// Why a commit was not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Not applied: somebody else committed first.
    #[error("the head has moved to revision {}", .0.revision)]
    HeadMoved(Head),
    /// Not applied, surely; the reason is for the log.
    #[error("the commit was refused: {0}")]
    Refused(String),
    /// Not applied: the disk is full.
    #[error("the disk is full: {0}")]
    Full(String),
    /// Perhaps applied: read back and look for the commit id.
    #[error("the commit is in doubt: {0}")]
    InDoubt(String),
    /// The store breaks its own invariants: stop the process.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

/// Asks for a lease: the right to act for something for a while, of one holder at a time.
///
/// Time is told by the store alone, whatever the clocks of its nodes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseAsk {
    /// What is to be acted for.
    pub scope: Box<str>,
    /// Who asks: a number that no other process has.
    pub holder: u128,
    /// Who asks, for people.
    pub name: Box<str>,
    /// What is held already and is to be kept; none = it is to be taken, if it is free.
    pub held: Option<u64>,
    /// A generation that is on record: a new one must be later, even if the store has forgotten some.
    pub after: u64,
    /// For how long from now; zero gives it back.
    pub keep: Duration,
}

/// A lease as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Counts the holders.
    pub generation: u64,
    /// Who holds it, or held it last.
    pub holder: u128,
    /// The same, for people.
    pub name: Box<str>,
}

/// Durable storage. `commit`, `load` and `changes` are called from the writer's own thread and may block it.
pub trait Store: Send + Sync + 'static {
    /// Hands over every live record in any order, then answers the head that they belong to.
    fn load<'a>(&'a self, each: &'a mut (dyn FnMut(StoredRecord) + Send)) -> BoxFuture<'a, Result<Head, StoreError>>;

    /// The head now.
    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>>;

    /// Writes the batch in one transaction if the head is still `expected`, and answers the new head once it is durable.
    fn commit<'a>(&'a self, batch: &'a Batch, expected: &'a Head) -> BoxFuture<'a, Result<Head, CommitError>>;

    /// What was committed after `since`.
    fn changes<'a>(&'a self, since: &'a Head) -> BoxFuture<'a, Result<Changes, StoreError>>;

    /// Ends when another node may have committed. A hint: it may come without a commit, and a commit without it.
    fn moved(&self) -> BoxFuture<'_, ()> {
        std::future::pending().boxed()
    }

    /// Takes, keeps or gives back a lease if that is possible, and answers how it stands then. Callable from anywhere.
    fn lease<'a>(&'a self, _ask: &'a LeaseAsk) -> BoxFuture<'a, Result<Lease, StoreError>> {
        async { Err(StoreError::Unavailable("a store of one node has no leases".into())) }.boxed()
    }

    /// At most `limit` audit rows of a project (none = of the administration), newest first, older than `before`. Callable from anywhere.
    fn audit(
        &self,
        project: Option<ProjectId>,
        before: Option<Loc>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredAudit>, StoreError>>;
}
