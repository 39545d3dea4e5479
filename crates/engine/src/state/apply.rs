use std::sync::Arc;

use linkspan_model::{Connection, Hosts, Peer, PeerState, ProjectId, Stamp};

use super::lists::viewers;
use super::{ConnectionEntry, ProjectState, State, Stored};
use crate::decide::Change;
use crate::record::Record;
use crate::rows::Renderer;
use crate::store::Loc;

impl State {
    /// Where the record that a change replaces lies now; none if there is no such record.
    pub(crate) fn locate(&self, record: &Record) -> Option<Loc> {
        match record {
            Record::Setting(it) => self.settings.get(&it.name).map(|stored| stored.at),
            Record::Domain(it) => self.domains.get(&it.id).map(|stored| stored.at),
            Record::Project(it) => self.projects.get(&it.id).map(|stored| stored.at),
            Record::User(it) => self.users.get(&it.id).map(|stored| stored.at),
            Record::AccessKey(it) => self.keys.get(&it.id).map(|stored| stored.at),
            Record::Connection(it) => self.connection(it.id).map(|entry| entry.at),
            Record::Hosts(id, _) => self.connection(*id)?.hosts.as_ref().map(|hosts| hosts.at),
            Record::Peer(it) => match self.removing.get(&it.id) {
                Some(removing) => Some(removing.at),
                None => self.connection(it.connection)?.peer(it.id).map(|peer| peer.at),
            },
            Record::Queue(it) => self.held(&it.project)?.queues.get(&it.name).map(|stored| stored.at),
            Record::Pool(it) => self.held(&it.project)?.pools.get(&it.name).map(|stored| stored.at),
            Record::Vpc(it) => self.held(&it.project)?.vpcs.get(&it.id).map(|stored| stored.at),
            Record::Subnet(it) => self.held(&it.project)?.subnets.get(&it.id).map(|stored| stored.at),
            Record::ConnectivityTest(it) => self.tests.locate(it.created),
            Record::RouteTable(it) => self.held(&it.project)?.route_tables.get(&it.id).map(|stored| stored.at),
            Record::NetworkBinding(it) => {
                self.held(&it.project)?.network_bindings.get(&it.network).map(|stored| stored.at)
            }
            Record::PlaneRequest(it) => self.plane_requests.get(&it.created).map(|stored| stored.at),
        }
    }

    /// Takes over one change that lies, or will lie, at `at`.
    pub(crate) fn apply(&mut self, change: &Change, at: Loc) {
        match change {
            Change::Put(record) => self.put(record.clone(), at),
            Change::Remove(record) => self.remove(record, at),
        }
    }

    fn put(&mut self, record: Record, at: Loc) {
        match record {
            Record::Setting(value) => drop(self.settings.insert(value.name.clone(), Stored { at, value })),
            Record::Domain(value) => drop(self.domains.insert(value.id.clone(), Stored { at, value })),
            Record::Project(value) => drop(self.projects.insert(value.id.clone(), Stored { at, value })),
            Record::User(value) => drop(self.users.insert(value.id.clone(), Stored { at, value })),
            Record::AccessKey(value) => drop(self.keys.insert(value.id.clone(), Stored { at, value })),
            Record::Connection(value) => self.put_connection(value, at),
            Record::Hosts(id, value) => self.put_hosts(id, Some(value), at),
            Record::Peer(value) => self.put_peer(value, at),
            Record::Queue(value) => {
                self.note_stamp(value.created);
                let project = self.held_mut(&value.project.clone());
                project.queues.insert(value.name.clone(), Arc::new(Stored { at, value }));
            }
            Record::Pool(value) => {
                self.note_stamp(value.created);
                let project = self.held_mut(&value.project.clone());
                project.pools.insert(value.name.clone(), Arc::new(Stored { at, value }));
            }
            Record::Vpc(value) => {
                self.note_stamp(value.created);
                self.held_mut(&value.project.clone()).vpcs.insert(value.id.clone(), Stored { at, value });
            }
            Record::Subnet(value) => {
                self.note_stamp(value.created);
                self.held_mut(&value.project.clone()).subnets.insert(value.id.clone(), Stored { at, value });
            }
            Record::ConnectivityTest(value) => {
                self.note_stamp(value.created);
                self.held_mut(&value.project.clone()).tests.insert(value.created);
                self.tests.put(Stored { at, value });
            }
            Record::RouteTable(value) => {
                self.note_stamp(value.created);
                self.held_mut(&value.project.clone()).route_tables.insert(value.id.clone(), Stored { at, value });
            }
            Record::NetworkBinding(value) => {
                self.note_stamp(value.created);
                let project = self.held_mut(&value.project.clone());
                project.network_bindings.insert(value.network.clone(), Stored { at, value });
            }
            Record::PlaneRequest(value) => {
                self.note_stamp(value.created);
                self.plane_requests.insert(value.created, Stored { at, value });
            }
        }
    }

    fn remove(&mut self, record: &Record, at: Loc) {
        match record {
            Record::Setting(it) => drop(self.settings.remove(&it.name)),
            Record::Domain(it) => drop(self.domains.remove(&it.id)),
            Record::Project(it) => drop(self.projects.remove(&it.id)),
            Record::User(it) => drop(self.users.remove(&it.id)),
            Record::AccessKey(it) => drop(self.keys.remove(&it.id)),
            Record::Connection(it) => self.remove_connection(it),
            Record::Hosts(id, _) => self.put_hosts(*id, None, at),
            Record::Peer(it) => self.remove_peer(it),
            Record::Queue(it) => drop(self.held_mut(&it.project).queues.remove(&it.name)),
            Record::Pool(it) => drop(self.held_mut(&it.project).pools.remove(&it.name)),
            Record::Vpc(it) => drop(self.held_mut(&it.project).vpcs.remove(&it.id)),
            Record::Subnet(it) => drop(self.held_mut(&it.project).subnets.remove(&it.id)),
            Record::ConnectivityTest(it) => {
                self.held_mut(&it.project).tests.remove(&it.created);
                self.tests.remove(it.created);
            }
            Record::RouteTable(it) => drop(self.held_mut(&it.project).route_tables.remove(&it.id)),
            Record::NetworkBinding(it) => drop(self.held_mut(&it.project).network_bindings.remove(&it.network)),
            Record::PlaneRequest(it) => drop(self.plane_requests.remove(&it.created)),
        }
    }

    pub(crate) fn note_stamp(&mut self, created: Stamp) {
        self.last = self.last.max(created);
    }

    fn put_connection(&mut self, mut connection: Connection, at: Loc) {
        self.share_project(&mut connection.project);
        self.note_stamp(connection.created);
        let (hosts, peers) = match self.connection(connection.id) {
            Some(old) => (old.hosts.clone(), old.peers.clone()),
            None => (None, Box::default()),
        };
        self.put_entry(ConnectionEntry { at, connection, hosts, peers });
    }

    fn put_hosts(&mut self, id: linkspan_model::ConnectionId, value: Option<Hosts>, at: Loc) {
        let Some(old) = self.connection(id) else { return };
        let hosts = value.filter(|hosts| !hosts.is_empty()).map(|value| Box::new(Stored { at, value }));
        self.put_entry(ConnectionEntry { hosts, ..old.as_ref().clone() });
    }

    fn put_peer(&mut self, mut peer: Peer, at: Loc) {
        self.share_peer(&mut peer);
        self.note_stamp(peer.bound());
        if peer.state == PeerState::Removing {
            self.remove_peer(&peer);
            self.removing.insert(peer.id, Stored { at, value: peer });
            return;
        }
        let Some(old) = self.connection(peer.connection).cloned() else { return };
        let mut peers = old.peers.to_vec();
        match peers.iter_mut().find(|other| other.value.id == peer.id) {
            Some(other) => {
                self.note_deadline(&other.value, false);
                *other = Stored { at, value: peer.clone() };
            }
            None => {
                let bound = (peer.bound(), peer.id);
                let place = peers.partition_point(|other| (other.value.bound(), other.value.id) < bound);
                peers.insert(place, Stored { at, value: peer.clone() });
                self.peers.insert(peer.id, peer.connection);
                self.index.add(&old, &peer);
            }
        }
        self.note_deadline(&peer, true);
        self.put_entry(ConnectionEntry { peers: peers.into(), ..old.as_ref().clone() });
    }

    fn remove_peer(&mut self, peer: &Peer) {
        self.removing.remove(&peer.id);
        let Some(old) = self.connection(peer.connection).cloned() else { return };
        let Some(gone) = old.peer(peer.id) else { return };
        self.note_deadline(&gone.value, false);
        self.peers.remove(&peer.id);
        let peers = old.peers.iter().filter(|other| other.value.id != peer.id).cloned().collect();
        let entry = ConnectionEntry { peers, ..old.as_ref().clone() };
        self.index.remove(&entry, &gone.value);
        self.put_entry(entry);
    }

    /// Begins or ends to watch the time of a peer that has not settled.
    pub(super) fn note_deadline(&mut self, peer: &Peer, starts: bool) {
        let (times, at) = match peer.state {
            PeerState::Creating { deadline } => (&mut self.creating, deadline),
            PeerState::Cancelled => (&mut self.called_off, peer.update_time),
            PeerState::Active | PeerState::Failed { .. } | PeerState::Removing => return,
        };
        if starts {
            times.insert((at, peer.id));
        } else {
            times.remove(&(at, peer.id));
        }
    }

    /// Puts a connection into the map; its rows follow in [`State::settle`].
    fn put_entry(&mut self, entry: ConnectionEntry) {
        let entry = Arc::new(entry);
        let old = self.connections.insert(entry.connection.id, Arc::clone(&entry));
        let held = self.held_mut(&entry.connection.project);
        held.hosts_weight += entry.hosts_weight();
        held.hosts_weight -= old.as_ref().map_or(0, |old| old.hosts_weight());
        self.note(old.as_deref(), Some(&entry));
        self.unsettled.entry(entry.connection.id).or_insert(old);
    }

    fn remove_connection(&mut self, connection: &Connection) {
        let Some(old) = self.connections.remove(&connection.id) else { return };
        self.held_mut(&old.connection.project).hosts_weight -= old.hosts_weight();
        self.note(Some(&old), None);
        self.unsettled.entry(connection.id).or_insert(Some(old));
    }

    /// Makes a connection known in every project that sees it, so that the next decision finds it by name.
    fn note(&mut self, old: Option<&ConnectionEntry>, new: Option<&ConnectionEntry>) {
        if let (Some(old), Some(new)) = (old, new)
            && old.connection.status == new.connection.status
            && old.connection.grantees == new.connection.grantees
        {
            return;
        }
        for viewer in old.into_iter().flat_map(viewers) {
            self.held_mut(viewer).lists.note(old, None);
        }
        for viewer in new.into_iter().flat_map(viewers) {
            self.held_mut(viewer).lists.note(None, new);
        }
        old.into_iter().flat_map(viewers).for_each(|viewer| self.forget_if_empty(viewer));
    }

    /// A project that has no record, since a grant need not be to one that exists here, is forgotten with its last
    /// grant: grants to ever other projects leave nothing behind in memory.
    fn forget_if_empty(&mut self, project: &ProjectId) {
        let known = self.projects.contains_key(project);
        if !known && self.held(project).is_some_and(ProjectState::is_empty) {
            self.held.remove(project);
        }
    }

    /// Lists every connection that was changed since the last call; `revision` is the commit that did it. A command
    /// that changes a connection, its hosts and its peers makes one row, not three.
    pub(crate) fn settle(&mut self, revision: u64) {
        for (id, old) in std::mem::take(&mut self.unsettled) {
            let new = self.connections.get(&id).cloned();
            let seen = old.as_deref().into_iter().flat_map(viewers);
            let gone = seen.filter(|viewer| !new.iter().any(|new| viewers(new).any(|other| other == *viewer)));
            for viewer in gone {
                self.show(viewer, (old.as_deref(), None), revision);
                self.forget_if_empty(viewer);
            }
            for viewer in new.iter().flat_map(|new| viewers(new)) {
                if !stays_as_seen(viewer, old.as_deref(), new.as_deref()) {
                    self.show(viewer, (old.as_deref(), new.as_ref()), revision);
                }
            }
        }
    }

    fn show(
        &mut self,
        viewer: &ProjectId,
        (old, new): (Option<&ConnectionEntry>, Option<&Arc<ConnectionEntry>>),
        revision: u64,
    ) {
        let renderer = Renderer { render: self.render, viewer: viewer.clone() };
        let held = self.held_mut(viewer);
        held.list_revision = revision;
        held.lists.show(old, new, &renderer);
    }
}

/// Whether a connection that is granted to others looks to one of them as it did: what one project binds changes neither
/// another's list nor the revision of it, by which that project would learn that something happened.
fn stays_as_seen(viewer: &ProjectId, old: Option<&ConnectionEntry>, new: Option<&ConnectionEntry>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    let is_shared = !old.connection.grantees.is_empty() && !new.connection.grantees.is_empty();
    is_shared && viewers(old).any(|other| other == viewer) && new.looks_like(old, viewer)
}
