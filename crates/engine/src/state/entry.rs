use linkspan_model::{Connection, Hosts, Peer, PeerId, PeerState, ProjectId};

use crate::store::Loc;

/// A record in memory, and where it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// Where it lies.
    pub at: Loc,
    /// What it is.
    pub value: T,
}

/// The host records of a connection in memory.
pub type HostsEntry = Stored<Hosts>;

/// A connection with what belongs to it. Immutable: a change makes another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionEntry {
    /// Where its record lies.
    pub at: Loc,
    /// The connection.
    pub connection: Connection,
    /// Its host records; absent when there are none.
    pub hosts: Option<Box<HostsEntry>>,
    /// Its peers that are shown, in the order bound. One being removed is no longer here.
    pub peers: Box<[Stored<Peer>]>,
}

impl ConnectionEntry {
    /// Its peers that bind a project's queues and pools.
    pub fn peers_of<'a>(&'a self, project: &'a ProjectId) -> impl Iterator<Item = &'a Peer> {
        self.peers.iter().map(|peer| &peer.value).filter(move |peer| peer.project == *project)
    }

    /// One of its peers.
    #[must_use]
    pub fn peer(&self, id: PeerId) -> Option<&Stored<Peer>> {
        self.peers.iter().find(|peer| peer.value.id == id)
    }

    /// The first peer whose creation has not come to an end.
    #[must_use]
    pub fn unsettled_peer(&self) -> Option<&Peer> {
        let unsettled = |peer: &&Peer| matches!(peer.state, PeerState::Creating { .. } | PeerState::Cancelled);
        self.peers.iter().map(|peer| &peer.value).find(unsettled)
    }

    /// Its host records in order.
    #[must_use]
    pub fn hosts(&self) -> &[linkspan_model::Host] {
        self.hosts.as_ref().map_or(&[], |hosts| hosts.value.as_slice())
    }

    /// Bytes that its host records take, for the project's budget.
    #[must_use]
    pub fn hosts_weight(&self) -> usize {
        self.hosts.as_ref().map_or(0, |hosts| hosts.value.weight())
    }

    /// Whether a project that sees it as it is now and as it was sees no difference.
    pub(crate) fn looks_like(&self, old: &Self, viewer: &ProjectId) -> bool {
        let (now, before) = (&self.connection, &old.connection);
        // Who else it is granted to is the owner's to see.
        let same = now == before
            || (now.project != *viewer && *now == Connection { grantees: now.grantees.clone(), ..before.clone() });
        same && self.hosts == old.hosts && self.peers_of(viewer).eq(old.peers_of(viewer))
    }

    /// Bytes that its row takes, roughly: what leaves are cut by.
    pub(crate) fn row_weight(&self) -> usize {
        const FIXED: usize = 320;
        const PEER: usize = 160;
        const ROUTE: usize = 96;
        const HOST: usize = 32;
        let hosts = self.hosts().len() * HOST + self.hosts_weight();
        FIXED + self.peers.len() * PEER + self.connection.routes.len() * ROUTE + hosts
    }
}
