//! The indexes that `decide` and the desired state look things up in, beside the maps of the things themselves.
//!
//! They hold hashes instead of names to stay small at a million connections; whoever looks up verifies the hit.

use std::hash::{DefaultHasher, Hash, Hasher};

use imbl::{OrdMap, OrdSet};
use linkspan_model::{ConnectionId, ExternalId, Peer, ProjectId, SourceName};

use super::ConnectionEntry;

/// A queue or pool, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceRef {
    /// Whose it is.
    pub project: ProjectId,
    /// Which of them.
    pub name: SourceName,
}

impl SourceRef {
    /// What a peer binds.
    #[must_use]
    pub fn of(peer: &Peer) -> Self {
        Self { project: peer.project.clone(), name: peer.source.clone() }
    }
}

/// Who is bound where.
#[derive(Clone, Default)]
pub(crate) struct Index {
    /// Connections by the sources they bind.
    by_source: OrdSet<(u64, ConnectionId)>,
    /// The sources joined to a VPC, each with the number of its peers there.
    by_vpc: OrdMap<(u64, u64), (SourceRef, u32)>,
    /// Who owns connections that a source of another project binds, with their number; most bind their own only.
    foreign: OrdMap<(u64, u64), (ProjectId, u32)>,
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn range<T: Copy + Ord>(set: &OrdSet<(u64, T)>, hash: u64, low: T, high: T) -> impl Iterator<Item = T> {
    set.range((hash, low)..=(hash, high)).map(|(_, value)| *value)
}

/// Counts one less, and forgets what is counted at none.
fn count_down<T: Clone>(counts: &mut OrdMap<(u64, u64), (T, u32)>, key: (u64, u64)) {
    if let Some((_, count)) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

const FIRST: ConnectionId = ConnectionId(uuid::Uuid::nil());
const LAST: ConnectionId = ConnectionId(uuid::Uuid::max());

impl Index {
    /// Connections that perhaps bind the source.
    pub(crate) fn bound(&self, source: &SourceRef) -> impl Iterator<Item = ConnectionId> {
        range(&self.by_source, hash(source), FIRST, LAST)
    }

    /// The sources that perhaps are joined to a VPC of a project's directory.
    pub(crate) fn joined(&self, project: &ProjectId, vpc: &ExternalId) -> impl Iterator<Item = &SourceRef> {
        let vpc = hash(&(project, vpc));
        self.by_vpc.range((vpc, 0)..=(vpc, u64::MAX)).map(|(_, (source, _))| source)
    }

    /// The other projects whose connections a source perhaps binds.
    pub(crate) fn granted_by(&self, source: &SourceRef) -> impl Iterator<Item = &ProjectId> {
        let hash = hash(source);
        self.foreign.range((hash, 0)..=(hash, u64::MAX)).map(|(_, (project, _))| project)
    }

    pub(crate) fn add(&mut self, entry: &ConnectionEntry, peer: &Peer) {
        let connection = &entry.connection;
        let source = SourceRef::of(peer);
        let source_hash = hash(&source);
        self.by_source.insert((source_hash, connection.id));
        let vpc = hash(&(&connection.project, &connection.dest_vpc));
        self.by_vpc.entry((vpc, source_hash)).or_insert((source, 0)).1 += 1;
        if connection.project != peer.project {
            let owner = (source_hash, hash(&connection.project));
            self.foreign.entry(owner).or_insert((connection.project.clone(), 0)).1 += 1;
        }
    }

    /// Forgets a peer; `entry` is the connection without it.
    pub(crate) fn remove(&mut self, entry: &ConnectionEntry, peer: &Peer) {
        let connection = &entry.connection;
        let source = SourceRef::of(peer);
        let source_hash = hash(&source);
        // What others committed is taken over record by record: a new peer may come before the old one goes.
        if entry.peer_for(&source).is_none() {
            self.by_source.remove(&(source_hash, connection.id));
        }
        count_down(&mut self.by_vpc, (hash(&(&connection.project, &connection.dest_vpc)), source_hash));
        if connection.project != peer.project {
            count_down(&mut self.foreign, (source_hash, hash(&connection.project)));
        }
    }
}
