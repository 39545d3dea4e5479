//! The indexes that `decide` and the desired state look things up in, beside the maps of the things themselves.
//!
//! They hold hashes instead of names to stay small at a million connections; whoever looks up verifies the hit.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use imbl::{OrdMap, OrdSet};
use linkspan_model::{ConnectionId, ExternalId, Peer, ProjectId, SourceName};

use super::{ConnectionEntry, sorted};

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
    pub(crate) fn joined(&self, project: &ProjectId, vpc: &ExternalId) -> impl Iterator<Item = &SourceRef> + use<'_> {
        let vpc = hash(&(project, vpc));
        self.by_vpc.range((vpc, 0)..=(vpc, u64::MAX)).map(|(_, (source, _))| source)
    }

    /// The other projects whose connections a source perhaps binds.
    pub(crate) fn granted_by(&self, source: &SourceRef) -> impl Iterator<Item = &ProjectId> {
        let hash = hash(source);
        self.foreign.range((hash, 0)..=(hash, u64::MAX)).map(|(_, (project, _))| project)
    }

    /// The index of many peers, each with its connection.
    pub(super) fn of_all<'a>(peers: impl Iterator<Item = (&'a ConnectionEntry, &'a Peer)>) -> Self {
        let mut by_source = Vec::new();
        let mut by_vpc = HashMap::new();
        let mut foreign = HashMap::new();
        for (entry, peer) in peers {
            let places = Places::of(entry, peer);
            by_source.push((places.source, entry.connection.id));
            by_vpc.entry(places.vpc()).or_insert_with(|| (SourceRef::of(peer), 0)).1 += 1;
            if let Some(owner) = places.foreign() {
                foreign.entry(owner).or_insert_with(|| (entry.connection.project.clone(), 0)).1 += 1;
            }
        }
        Self {
            by_source: sorted::set(by_source),
            by_vpc: sorted::map(by_vpc.into_iter().collect()),
            foreign: sorted::map(foreign.into_iter().collect()),
        }
    }

    pub(crate) fn add(&mut self, entry: &ConnectionEntry, peer: &Peer) {
        let places = Places::of(entry, peer);
        self.by_source.insert((places.source, entry.connection.id));
        self.by_vpc.entry(places.vpc()).or_insert_with(|| (SourceRef::of(peer), 0)).1 += 1;
        if let Some(owner) = places.foreign() {
            self.foreign.entry(owner).or_insert_with(|| (entry.connection.project.clone(), 0)).1 += 1;
        }
    }

    /// Forgets a peer; `entry` is the connection without it.
    pub(crate) fn remove(&mut self, entry: &ConnectionEntry, peer: &Peer) {
        let places = Places::of(entry, peer);
        // What others committed is taken over record by record: a new peer may come before the old one goes.
        if entry.peer_for(&SourceRef::of(peer)).is_none() {
            self.by_source.remove(&(places.source, entry.connection.id));
        }
        count_down(&mut self.by_vpc, places.vpc());
        if let Some(owner) = places.foreign() {
            count_down(&mut self.foreign, owner);
        }
    }
}

/// Where a peer is noted, as hashes.
struct Places {
    source: u64,
    vpc: u64,
    /// The connection's owner, if it is another project than the peer's.
    owner: Option<u64>,
}

impl Places {
    fn of(entry: &ConnectionEntry, peer: &Peer) -> Self {
        let connection = &entry.connection;
        Self {
            source: hash(&SourceRef::of(peer)),
            vpc: hash(&(&connection.project, &connection.dest_vpc)),
            owner: (connection.project != peer.project).then(|| hash(&connection.project)),
        }
    }

    fn vpc(&self) -> (u64, u64) {
        (self.vpc, self.source)
    }

    fn foreign(&self) -> Option<(u64, u64)> {
        self.owner.map(|owner| (self.source, owner))
    }
}
