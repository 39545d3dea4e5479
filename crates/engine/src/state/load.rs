use std::collections::HashMap;
use std::sync::Arc;

use linkspan_model::{Connection, ConnectionId, Hosts, Peer, PeerState, ProjectId, Stamp};

use super::index::Index;
use super::lists::viewers;
use super::names::Names;
use super::{ConnectionEntry, Lists, RenderRow, State, Stored, sorted};
use crate::decide::Change;
use crate::record::{BadRecord, Record};
use crate::store::{Head, Loc, RECORD_FORMAT, StoredRecord};

/// Why a store's content does not make a state.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A record can't be read.
    #[error(transparent)]
    BadRecord(#[from] BadRecord),
    /// Host records or a peer without their connection.
    #[error("connection {0} is missing, but records that belong to it exist")]
    Orphan(ConnectionId),
}

/// Builds a state from the live records of a store, which come in any order.
///
/// What belongs to a connection and comes before it waits. The maps and lists of connections and peers are made once,
/// at the end, which takes a fraction of the time that one insertion after the other does.
pub struct Loader {
    state: State,
    names: Names,
    connections: HashMap<ConnectionId, Arc<ConnectionEntry>>,
    early_hosts: HashMap<ConnectionId, Stored<Hosts>>,
    early_peers: HashMap<ConnectionId, Vec<Stored<Peer>>>,
}

impl Loader {
    /// A loader that has taken over nothing yet.
    #[must_use]
    pub fn new(render: RenderRow) -> Self {
        let nowhere = Head { epoch: 0, revision: 0, commit_id: 0, create_time: 0, format: RECORD_FORMAT };
        Self {
            state: State::empty(nowhere, render),
            names: Names::default(),
            connections: HashMap::new(),
            early_hosts: HashMap::new(),
            early_peers: HashMap::new(),
        }
    }

    /// Takes over a record.
    ///
    /// # Errors
    /// It can't be read.
    pub fn add(&mut self, stored: &StoredRecord) -> Result<(), LoadError> {
        self.put(Record::from_stored(&stored.key, &stored.body)?, stored.at);
        Ok(())
    }

    /// Takes over a record that was read already.
    pub(crate) fn put(&mut self, record: Record, at: Loc) {
        match record {
            Record::Connection(connection) => self.add_connection(Stored { at, value: connection }),
            Record::Hosts(id, value) => match self.entry(id) {
                Some(entry) => entry.hosts = Some(Box::new(Stored { at, value })),
                None => drop(self.early_hosts.insert(id, Stored { at, value })),
            },
            Record::Peer(value) if value.state == PeerState::Removing => {
                self.state.removing.insert(value.id, Stored { at, value });
            }
            Record::Peer(mut value) => {
                self.names.share_peer(&mut value);
                let id = value.connection;
                let peer = Stored { at, value };
                match self.entry(id) {
                    Some(entry) => entry.peers = std::mem::take(&mut entry.peers).into_iter().chain([peer]).collect(),
                    None => self.early_peers.entry(id).or_default().push(peer),
                }
            }
            other => self.state.apply(&Change::Put(other), at),
        }
    }

    fn add_connection(&mut self, mut stored: Stored<Connection>) {
        self.names.share_connection(&mut stored.value);
        let id = stored.value.id;
        let hosts = self.early_hosts.remove(&id).map(Box::new);
        let peers = self.early_peers.remove(&id).unwrap_or_default().into();
        let entry = ConnectionEntry { at: stored.at, connection: stored.value, hosts, peers };
        self.connections.insert(id, Arc::new(entry));
    }

    /// A connection that was taken over; nobody else holds it yet.
    fn entry(&mut self, id: ConnectionId) -> Option<&mut ConnectionEntry> {
        Arc::get_mut(self.connections.get_mut(&id)?)
    }

    /// The state at `head`, which the records belong to.
    ///
    /// # Errors
    /// A record belongs to a connection that is not there.
    pub fn finish(self, head: Head) -> Result<State, LoadError> {
        if let Some(orphan) = self.early_hosts.keys().chain(self.early_peers.keys()).next() {
            return Err(LoadError::Orphan(*orphan));
        }
        let mut state = self.state;
        state.head = head;
        state.last = state.last.max(Stamp::end_of(head.create_time));
        let entries: Vec<_> = self.connections.into_values().map(with_peers_in_order).collect();
        // The lists and the maps have nothing to do with each other, and each takes as long as the other.
        std::thread::scope(|threads| {
            let lists = threads.spawn(|| lists(&entries));
            state.take_over(&entries);
            let lists = lists.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            lists.into_iter().for_each(|(project, lists)| state.show_all(project, lists));
        });
        Ok(state)
    }
}

impl State {
    /// Makes everything but the lists know the loaded connections.
    fn take_over(&mut self, entries: &[Arc<ConnectionEntry>]) {
        let peers = || entries.iter().flat_map(|entry| entry.peers.iter().map(move |peer| (&**entry, &peer.value)));
        self.peers = sorted::map(peers().map(|(entry, peer)| (peer.id, entry.connection.id)).collect());
        self.index = Index::of_all(peers());
        peers().for_each(|(_, peer)| self.note_deadline(peer, true));
        entries.iter().for_each(|entry| self.note_stamp(entry.connection.created));
        self.connections = sorted::map(entries.iter().map(|entry| (entry.connection.id, Arc::clone(entry))).collect());
    }

    fn show_all(&mut self, project: &ProjectId, lists: Lists) {
        let own = lists.of_status(None).entries().filter(|entry| entry.connection.project == *project);
        let hosts_weight = own.map(|entry| entry.hosts_weight()).sum();
        let list_revision = self.head.revision;
        let held = self.held_mut(project);
        (held.lists, held.hosts_weight, held.list_revision) = (lists, hosts_weight, list_revision);
    }
}

/// The lists of every project that sees one of the loaded connections.
fn lists(entries: &[Arc<ConnectionEntry>]) -> Vec<(&ProjectId, Lists)> {
    let mut seen: HashMap<&ProjectId, Vec<Arc<ConnectionEntry>>> = HashMap::new();
    for entry in entries {
        for viewer in viewers(entry) {
            seen.entry(viewer).or_default().push(Arc::clone(entry));
        }
    }
    let listed = seen.into_iter().map(|(project, mut entries)| {
        entries.sort_by_cached_key(|entry| std::cmp::Reverse(entry.row_key()));
        (project, Lists::of_all(&entries))
    });
    listed.collect()
}

/// Peers are in the order they were bound, which is not that of their records: a record moves when it is rewritten.
fn with_peers_in_order(mut entry: Arc<ConnectionEntry>) -> Arc<ConnectionEntry> {
    if let Some(entry) = Arc::get_mut(&mut entry) {
        entry.peers.sort_by_key(|peer| (peer.value.bound(), peer.value.id));
    }
    entry
}
