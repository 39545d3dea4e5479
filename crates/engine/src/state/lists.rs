//! The lists of one project: what exists, what is deleted, and both together.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use linkspan_model::{ConnectionId, ConnectionName, ConnectionStatus, ProjectId, UnixMillis};
use uuid::Uuid;

use super::{ConnectionEntry, State, sorted};
use crate::rows::{Renderer, RowKey, RowList};

/// The connections that a project sees, in the order of their creation.
#[derive(Clone, Default)]
pub(crate) struct Lists {
    /// Those that exist: its own, and those granted to it.
    live: RowList,
    /// Its own deleted ones that are still kept.
    deleted: RowList,
    /// Both, while there are deleted ones; else `live` is both.
    all: Option<RowList>,
    /// Both, by a hash of the name.
    by_name: OrdSet<(u64, ConnectionId)>,
    /// The deleted ones in the order of their deletion.
    pub(super) deleted_at: OrdMap<(UnixMillis, RowKey), ConnectionId>,
}

fn name_hash(name: &ConnectionName) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

impl Lists {
    /// The list of those that exist (`Some(true)`), of the deleted ones, or of both.
    pub(crate) fn of_status(&self, active: Option<bool>) -> &RowList {
        match active {
            Some(true) => &self.live,
            Some(false) => &self.deleted,
            None => self.all.as_ref().unwrap_or(&self.live),
        }
    }

    /// Whether there is nothing, known by name or shown.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty() && self.of_status(None).len() == 0
    }

    /// The connections with a name, in no particular order.
    pub(crate) fn named<'a>(
        &'a self,
        state: &'a State,
        name: &'a ConnectionName,
    ) -> impl Iterator<Item = &'a Arc<ConnectionEntry>> {
        let hash = name_hash(name);
        let range = (hash, ConnectionId(Uuid::nil()))..=(hash, ConnectionId(Uuid::max()));
        let entries = self.by_name.range(range).filter_map(|(_, id)| state.connection(*id));
        entries.filter(move |entry| entry.connection.name == *name)
    }

    /// The deleted connections in the order of their deletion, each with the time.
    pub(crate) fn by_deletion(&self) -> impl ExactSizeIterator<Item = (UnixMillis, ConnectionId)> {
        self.deleted_at.iter().map(|((at, _), id)| (*at, *id))
    }

    /// Makes a connection known by name and by deletion, as it is now instead of as it was.
    pub(super) fn note(&mut self, old: Option<&ConnectionEntry>, new: Option<&ConnectionEntry>) {
        if let Some(old) = old {
            self.by_name.remove(&(name_hash(&old.connection.name), old.connection.id));
            if let ConnectionStatus::Deleted { at } = old.connection.status {
                self.deleted_at.remove(&(at, old.row_key()));
            }
        }
        if let Some(new) = new {
            self.by_name.insert((name_hash(&new.connection.name), new.connection.id));
            if let ConnectionStatus::Deleted { at } = new.connection.status {
                self.deleted_at.insert((at, new.row_key()), new.connection.id);
            }
        }
    }

    /// Shows a connection as it is now instead of as it was.
    pub(super) fn show(
        &mut self,
        old: Option<&ConnectionEntry>,
        new: Option<&Arc<ConnectionEntry>>,
        renderer: &Renderer,
    ) {
        let status = |entry: &ConnectionEntry| entry.connection.status.is_active();
        if let Some(old) = old.filter(|old| new.is_none_or(|new| status(new) != status(old))) {
            self.of_status_mut(status(old)).remove(old.row_key());
            if let (None, Some(all)) = (new, &mut self.all) {
                all.remove(old.row_key());
            }
        }
        if let Some(new) = new {
            self.of_status_mut(status(new)).put(Arc::clone(new), renderer);
            if let Some(all) = &mut self.all {
                all.put(Arc::clone(new), renderer);
            }
        }
        self.keep_both();
    }

    /// Lists of many connections, which come newest first.
    pub(super) fn of_all(entries: &[Arc<ConnectionEntry>]) -> Self {
        let is_active = |entry: &&Arc<ConnectionEntry>| entry.connection.status.is_active();
        let (live, deleted): (Vec<_>, Vec<_>) = entries.iter().cloned().partition(|entry| is_active(&entry));
        let deleted_at = deleted.iter().filter_map(|entry| match entry.connection.status {
            ConnectionStatus::Deleted { at } => Some(((at, entry.row_key()), entry.connection.id)),
            ConnectionStatus::Active => None,
        });
        let by_name = entries.iter().map(|entry| (name_hash(&entry.connection.name), entry.connection.id));
        Self {
            live: RowList::from_newest_first(&live),
            deleted: RowList::from_newest_first(&deleted),
            all: (!deleted.is_empty()).then(|| RowList::from_newest_first(entries)),
            by_name: sorted::set(by_name.collect()),
            deleted_at: sorted::map(deleted_at.collect()),
        }
    }

    fn of_status_mut(&mut self, active: bool) -> &mut RowList {
        if active { &mut self.live } else { &mut self.deleted }
    }

    /// Has a list of both exactly while there are deleted ones.
    fn keep_both(&mut self) {
        if self.deleted.len() == 0 {
            self.all = None;
        } else if self.all.is_none() {
            let mut entries: Vec<_> = self.live.entries().chain(self.deleted.entries()).cloned().collect();
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.row_key()));
            self.all = Some(RowList::from_newest_first(&entries));
        }
    }
}

/// The projects whose lists show a connection: the owner's, and the grantees' while it exists.
pub(super) fn viewers(entry: &ConnectionEntry) -> impl Iterator<Item = &ProjectId> {
    let connection = &entry.connection;
    let grantees = if connection.status.is_active() { &*connection.grantees } else { &[] };
    std::iter::once(&connection.project).chain(grantees)
}
