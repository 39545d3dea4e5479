use std::collections::HashMap;
use std::sync::Arc;

use linkspan_model::{Connection, ConnectionId, Hosts, Peer, PeerState, ProjectId, Stamp};

use super::lists::viewers;
use super::{ConnectionEntry, RenderRow, State, Stored};
use crate::decide::Change;
use crate::record::{BadRecord, Record};
use crate::store::{Head, RECORD_FORMAT, StoredRecord};

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
/// What belongs to a connection and comes before it waits; the lists are made once, at the end.
pub struct Loader {
    state: State,
    early_hosts: HashMap<ConnectionId, Stored<Hosts>>,
    early_peers: HashMap<ConnectionId, Vec<Stored<Peer>>>,
}

impl Loader {
    /// A loader that has taken over nothing yet.
    #[must_use]
    pub fn new(render: RenderRow) -> Self {
        let nowhere = Head { epoch: 0, revision: 0, commit_id: 0, create_time: 0, format: RECORD_FORMAT };
        Self { state: State::empty(nowhere, render), early_hosts: HashMap::new(), early_peers: HashMap::new() }
    }

    /// Takes over a record.
    ///
    /// # Errors
    /// It can't be read.
    pub fn add(&mut self, stored: &StoredRecord) -> Result<(), LoadError> {
        let at = stored.at;
        match Record::from_stored(&stored.key, &stored.body)? {
            Record::Connection(connection) => self.add_connection(Stored { at, value: connection }),
            Record::Hosts(id, value) => match self.entry(id) {
                Some(entry) => entry.hosts = Some(Box::new(Stored { at, value })),
                None => drop(self.early_hosts.insert(id, Stored { at, value })),
            },
            Record::Peer(value) if value.state == PeerState::Removing => {
                self.state.removing.insert(value.id, Stored { at, value });
            }
            Record::Peer(value) => {
                let id = value.connection;
                let peer = Stored { at, value };
                match self.entry(id) {
                    Some(entry) => entry.peers = std::mem::take(&mut entry.peers).into_iter().chain([peer]).collect(),
                    None => self.early_peers.entry(id).or_default().push(peer),
                }
            }
            other => self.state.apply(&Change::Put(other), at),
        }
        Ok(())
    }

    fn add_connection(&mut self, stored: Stored<Connection>) {
        let id = stored.value.id;
        let hosts = self.early_hosts.remove(&id).map(Box::new);
        let peers = self.early_peers.remove(&id).unwrap_or_default().into();
        let entry = ConnectionEntry { at: stored.at, connection: stored.value, hosts, peers };
        self.state.connections.insert(id, Arc::new(entry));
    }

    /// A connection that was taken over; nobody else holds it yet.
    fn entry(&mut self, id: ConnectionId) -> Option<&mut ConnectionEntry> {
        Arc::get_mut(self.state.connections.get_mut(&id)?)
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
        for (project, mut entries) in state.take_over_all() {
            entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.row_key()));
            let held = state.held_mut(&project);
            held.list_revision = head.revision;
            held.lists.fill(&entries);
            let own = entries.iter().filter(|entry| entry.connection.project == project);
            held.hosts_weight = own.map(|entry| entry.hosts_weight()).sum();
        }
        Ok(state)
    }
}

impl State {
    /// Makes everything but the lists know the loaded connections; answers who sees them.
    fn take_over_all(&mut self) -> HashMap<ProjectId, Vec<Arc<ConnectionEntry>>> {
        let mut names = self.names();
        let ids: Vec<ConnectionId> = self.connections.keys().copied().collect();
        let mut seen: HashMap<ProjectId, Vec<Arc<ConnectionEntry>>> = HashMap::new();
        for id in ids {
            if let Some(entry) = self.connections.get_mut(&id).and_then(Arc::get_mut) {
                names.share(entry);
                in_order(&mut entry.peers);
            }
            let Some(entry) = self.connections.get(&id).cloned() else { continue };
            self.take_over(&entry);
            for viewer in viewers(&entry) {
                seen.entry(viewer.clone()).or_default().push(Arc::clone(&entry));
            }
        }
        seen
    }

    fn take_over(&mut self, entry: &ConnectionEntry) {
        self.note_stamp(entry.connection.created);
        for peer in &entry.peers {
            self.peers.insert(peer.value.id, entry.connection.id);
            self.index.add(entry, &peer.value);
            self.note_deadline(&peer.value, true);
        }
    }
}

/// Peers in the order they were bound, which is not that of their records: a record moves when it is rewritten.
fn in_order(peers: &mut [Stored<Peer>]) {
    peers.sort_by_key(|peer| (peer.value.bound(), peer.value.id));
}
