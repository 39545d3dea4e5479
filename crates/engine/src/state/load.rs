use std::collections::HashMap;
use std::sync::Arc;

use linkspan_model::{ConnectionId, ConnectionStatus, Hosts, Peer, PeerState, ProjectId, Stamp};

use super::apply::row;
use super::{ConnectionEntry, RenderRow, State, Stored};
use crate::decide::Change;
use crate::record::{BadRecord, Record};
use crate::rows::{Row, RowList};
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
/// A record that belongs to a connection may come before it, so connections are put together at the end, and the
/// lists are made once, in order.
pub struct Loader {
    state: State,
    connections: Vec<ConnectionEntry>,
    hosts: HashMap<ConnectionId, Stored<Hosts>>,
    peers: HashMap<ConnectionId, Vec<Stored<Peer>>>,
}

impl Loader {
    /// A loader that has taken over nothing yet.
    #[must_use]
    pub fn new(render: RenderRow) -> Self {
        let nowhere = Head { epoch: 0, revision: 0, commit_id: 0, create_time: 0, format: RECORD_FORMAT };
        Self {
            state: State::empty(nowhere, render),
            connections: Vec::new(),
            hosts: HashMap::new(),
            peers: HashMap::new(),
        }
    }

    /// Takes over a record.
    ///
    /// # Errors
    /// It can't be read.
    pub fn add(&mut self, stored: &StoredRecord) -> Result<(), LoadError> {
        let at = stored.at;
        match Record::from_stored(&stored.key, &stored.body)? {
            Record::Connection(connection) => {
                self.connections.push(ConnectionEntry { at, connection, hosts: None, peers: Box::default() });
            }
            Record::Hosts(id, value) => drop(self.hosts.insert(id, Stored { at, value })),
            Record::Peer(value) if value.state == PeerState::Removing => {
                self.state.removing.insert(value.id, Stored { at, value });
            }
            Record::Peer(value) => self.peers.entry(value.connection).or_default().push(Stored { at, value }),
            other => self.state.apply(&Change::Put(other), at),
        }
        Ok(())
    }

    /// The state at `head`, which the records belong to.
    ///
    /// # Errors
    /// A record belongs to a connection that is not there.
    pub fn finish(mut self, head: Head) -> Result<State, LoadError> {
        self.state.head = head;
        self.state.last = self.state.last.max(Stamp::end_of(head.create_time));
        let mut by_project: HashMap<ProjectId, Vec<Arc<ConnectionEntry>>> = HashMap::new();
        for mut entry in std::mem::take(&mut self.connections) {
            let id = entry.connection.id;
            entry.hosts = self.hosts.remove(&id).map(Box::new);
            entry.peers = self.peers.remove(&id).map(in_order).unwrap_or_default();
            self.state.note_stamp(entry.connection.created);
            let entry = self.take_over(entry);
            by_project.entry(entry.connection.project.clone()).or_default().push(Arc::clone(&entry));
            if entry.connection.status.is_active() {
                for grantee in &entry.connection.grantees {
                    by_project.entry(grantee.clone()).or_default().push(Arc::clone(&entry));
                }
            }
        }
        if let Some(orphan) = self.hosts.keys().chain(self.peers.keys()).next() {
            return Err(LoadError::Orphan(*orphan));
        }
        for (project, entries) in by_project {
            self.list(&project, entries);
        }
        Ok(self.state)
    }

    fn take_over(&mut self, entry: ConnectionEntry) -> Arc<ConnectionEntry> {
        let state = &mut self.state;
        for peer in &entry.peers {
            state.peers.insert(peer.value.id, entry.connection.id);
            state.index.add(&entry, &peer.value);
            if let PeerState::Creating { deadline } = peer.value.state {
                state.creating.insert((deadline, peer.value.id));
            }
        }
        let entry = Arc::new(entry);
        state.connections.insert(entry.connection.id, Arc::clone(&entry));
        entry
    }

    fn list(&mut self, project: &ProjectId, mut entries: Vec<Arc<ConnectionEntry>>) {
        let render = self.state.render;
        let revision = self.state.head.revision;
        let held = self.state.held_mut(project);
        held.list_revision = revision;
        entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.connection.created));
        let (live, deleted): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.connection.status.is_active());
        for (active, entries) in [(true, live), (false, deleted)] {
            for entry in &entries {
                let connection = &entry.connection;
                if let ConnectionStatus::Deleted { at } = connection.status {
                    held.deleted_at.insert((at, connection.created), connection.id);
                }
                if connection.project == *project {
                    held.hosts_weight += entry.hosts_weight();
                }
                held.rows_mut(active).names.insert((connection.name.clone(), connection.created), connection.id);
            }
            let rows = entries.iter().map(|entry| -> Row { row(render, entry, project) });
            held.rows_mut(active).list = RowList::from_newest_first(rows);
        }
    }
}

/// Peers in the order they were bound. Those of one commit lie in their order.
fn in_order(mut peers: Vec<Stored<Peer>>) -> Box<[Stored<Peer>]> {
    let key = |peer: &Stored<Peer>| (peer.value.create_time, peer.at);
    // A peer's place changes when it is rewritten, so within one millisecond the order is by place only as a last resort.
    peers.sort_by_key(key);
    peers.into()
}
