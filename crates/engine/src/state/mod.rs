//! The state of everything at one instant: what the stored records mean.
//!
//! Every map is persistent: a copy costs a few pointers, shares all it can, and is changed without touching the
//! original. The writer decides a batch on a copy and publishes it whole; a reader holds one instant as long as it
//! likes. So a list, a look-up, a key and a grant read from one `State` always belong together.
//!
//! The state must not do I/O and must not hold a secret in clear text. Records reach it only through
//! [`State::apply`] and [`Loader`]; callers see a project only through a [`Scope`](crate::Scope).
//!
//! To add a record kind: a map here, an arm in `apply` and in `locate`, and its readers beside them.

mod apply;
mod bearers;
mod cautions;
mod connectivity;
mod desired;
mod directory;
mod entry;
pub(crate) mod identity;
mod index;
mod lists;
mod load;
mod names;
mod placement;
mod project;
mod sorted;
mod usage;
mod view;

use imbl::{OrdMap, OrdSet};
use linkspan_model::{
    AccessKey, AccessKeyId, ConnectionId, Domain, DomainId, Peer, PeerId, PlaneRequest, Project, ProjectId, Stamp,
    UnixMillis, User, UserId,
};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

pub use bearers::TaggedThing;
pub use cautions::{Caution, CautionKind};
pub use desired::{DesiredPeer, Joint};
pub use entry::{ConnectionEntry, HostsEntry, Stored};
pub use index::SourceRef;
pub(crate) use lists::Lists;
pub use load::{LoadError, Loader};
pub(crate) use project::ProjectState;
pub use usage::{Fullest, Usage};
pub use view::ProjectView;

use crate::record::Setting;
use crate::store::Head;

/// What a row is rendered from.
pub struct RowSource<'a> {
    /// The connection and its hosts.
    pub entry: &'a ConnectionEntry,
    /// The viewing project: its peers are shown.
    pub viewer: &'a ProjectId,
}

/// Writes the JSON object of one row; answers where the value of `hosts` lies in it.
pub type RenderRow = fn(&RowSource<'_>, &mut Vec<u8>) -> Range<usize>;

/// Everything at one instant.
#[derive(Clone)]
pub struct State {
    pub(crate) head: Head,
    pub(crate) last: Stamp,
    pub(crate) render: RenderRow,
    pub(crate) settings: OrdMap<Box<str>, Stored<Setting>>,
    pub(crate) domains: OrdMap<DomainId, Stored<Domain>>,
    pub(crate) projects: OrdMap<ProjectId, Stored<Project>>,
    pub(crate) users: OrdMap<UserId, Stored<User>>,
    pub(crate) keys: OrdMap<AccessKeyId, Stored<AccessKey>>,
    /// What each project holds. A project may hold things before it has a record, never the other way round.
    pub(crate) held: OrdMap<ProjectId, Arc<ProjectState>>,
    pub(crate) connections: OrdMap<ConnectionId, Arc<ConnectionEntry>>,
    /// The connection of every peer that is shown.
    pub(crate) peers: OrdMap<PeerId, ConnectionId>,
    /// Peers that are gone from the wire and not yet from the plane.
    pub(crate) removing: OrdMap<PeerId, Stored<Peer>>,
    /// Peers being created, by deadline.
    pub(crate) creating: OrdSet<(UnixMillis, PeerId)>,
    /// Peers whose creation is called off, by the time it was.
    pub(crate) called_off: OrdSet<(UnixMillis, PeerId)>,
    pub(crate) tests: connectivity::ConnectivityTests,
    pub(crate) plane_requests: OrdMap<Stamp, Stored<PlaneRequest>>,
    pub(crate) index: index::Index,
    /// Connections whose rows are behind, each as it was when its rows were made. Empty in a published state.
    pub(crate) unsettled: HashMap<ConnectionId, Option<Arc<ConnectionEntry>>>,
}

impl State {
    /// The state of an empty store.
    #[must_use]
    pub fn empty(head: Head, render: RenderRow) -> Self {
        Self {
            head,
            last: Stamp::end_of(head.create_time),
            render,
            settings: OrdMap::new(),
            domains: OrdMap::new(),
            projects: OrdMap::new(),
            users: OrdMap::new(),
            keys: OrdMap::new(),
            held: OrdMap::new(),
            connections: OrdMap::new(),
            peers: OrdMap::new(),
            removing: OrdMap::new(),
            creating: OrdSet::new(),
            called_off: OrdSet::new(),
            tests: connectivity::ConnectivityTests::default(),
            plane_requests: OrdMap::new(),
            index: index::Index::default(),
            unsettled: HashMap::new(),
        }
    }

    /// The head that the state belongs to.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Connections of all projects, deleted ones that are kept included.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.connections.len()
    }

    /// Projects that have a record.
    #[must_use]
    pub fn project_count(&self) -> usize {
        self.projects.len()
    }

    /// Peers of all projects: those shown, and those being removed.
    #[must_use]
    pub fn peer_counts(&self) -> (usize, usize) {
        (self.peers.len(), self.removing.len())
    }

    pub(crate) fn held(&self, project: &ProjectId) -> Option<&ProjectState> {
        self.held.get(project).map(AsRef::as_ref)
    }

    pub(crate) fn held_mut(&mut self, project: &ProjectId) -> &mut ProjectState {
        Arc::make_mut(self.held.entry(project.clone()).or_default())
    }

    /// Whether a project owns a connection or is granted it.
    #[must_use]
    pub fn is_visible(&self, id: ConnectionId, project: &ProjectId) -> bool {
        self.connection(id).is_some_and(|entry| entry.connection.is_visible_to(project))
    }

    /// A connection by id, whoever's it is.
    pub(crate) fn connection(&self, id: ConnectionId) -> Option<&Arc<ConnectionEntry>> {
        self.connections.get(&id)
    }
}
