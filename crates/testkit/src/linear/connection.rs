//! The connection of one name: created, bound, granted and deleted, again and again, under a new id each time.

use std::collections::BTreeSet;

use super::{Anomaly, Entry, Object, check};

/// An id as the wire has it.
pub type Id = String;

/// What a call changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Deletes it.
    Delete,
    /// Binds the owner's queue.
    Bind,
    /// Unbinds the owner's queue.
    Unbind,
    /// Grants it to the other project.
    Grant,
    /// Takes it back from the other project.
    Revoke,
    /// Binds the other project's queue, by the other project.
    BindThere,
    /// Unbinds the other project's queue, by the other project.
    UnbindThere,
}

/// How a change was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is made.
    Done,
    /// The caller's project sees no such connection.
    Unknown,
    /// A deletion has to wait for what is bound.
    Waits,
    /// Nobody knows.
    Open,
}

/// What a list says of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Id,
    /// Whether the queue of the project that lists it is bound.
    pub bound: bool,
    /// Whether it is granted; none where a list does not say.
    pub granted: Option<bool>,
}

/// A call about the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A creation that was answered.
    Created(Id),
    /// A creation that was refused, since this one is there.
    Taken(Id),
    /// A creation without an answer; which ids appeared without one is found out by [`check_name`].
    MaybeCreated(Vec<Id>),
    /// A change of the connection with this id.
    Change(Id, Change, End),
    /// A list of the owner.
    Listed(Option<Row>),
    /// A list of the other project.
    ListedThere(Option<Row>),
}

/// A connection that exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Live {
    id: Id,
    bound: bool,
    granted: bool,
    bound_there: bool,
}

/// What is there under the name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Name {
    live: Option<Live>,
    /// Ids that came from creations without an answer: each comes once.
    unanswered: BTreeSet<Id>,
}

/// Checks all calls about one name, which nothing bears at first.
///
/// # Errors
/// No order explains the answers.
pub fn check_name(entries: &[Entry<Call>]) -> Result<usize, Anomaly> {
    let answered: BTreeSet<&Id> = entries.iter().filter_map(|entry| created(&entry.call)).collect();
    let strangers = entries.iter().filter_map(|entry| named(&entry.call)).filter(|id| !answered.contains(id));
    let strangers: BTreeSet<Id> = strangers.cloned().collect();
    let with_strangers = |entry: &Entry<Call>| match entry.call {
        Call::MaybeCreated(_) => {
            Entry { call: Call::MaybeCreated(strangers.iter().cloned().collect()), ..entry.clone() }
        }
        _ => entry.clone(),
    };
    check(Name::default(), &entries.iter().map(with_strangers).collect::<Vec<_>>())
}

fn created(call: &Call) -> Option<&Id> {
    if let Call::Created(id) = call { Some(id) } else { None }
}

/// The id that an answer shows to be there.
fn named(call: &Call) -> Option<&Id> {
    match call {
        Call::Taken(id) => Some(id),
        Call::Listed(row) | Call::ListedThere(row) => row.as_ref().map(|row| &row.id),
        Call::Created(_) | Call::MaybeCreated(_) | Call::Change(..) => None,
    }
}

impl Name {
    fn with(&self, live: Option<Live>) -> Vec<Self> {
        vec![Self { live, ..self.clone() }]
    }

    fn if_so(&self, is_so: bool) -> Vec<Self> {
        if is_so { vec![self.clone()] } else { Vec::new() }
    }

    fn born(&self, id: &Id) -> Option<Live> {
        let new = Live { id: id.clone(), bound: false, granted: false, bound_there: false };
        self.live.is_none().then_some(new)
    }

    fn maybe_created(&self, id: &Id) -> Option<Self> {
        let mut unanswered = self.unanswered.clone();
        let live = Some(self.born(id)?);
        unanswered.insert(id.clone()).then_some(Self { live, unanswered })
    }

    fn is_listed(&self, row: Option<&Row>, is_seen: impl Fn(&Live) -> Option<bool>) -> bool {
        let shown = self.live.as_ref().and_then(|live| Some((live, is_seen(live)?)));
        match (shown, row) {
            (None, None) => true,
            (Some((live, bound)), Some(row)) => {
                let is_granted = row.granted.is_none_or(|granted| granted == live.granted);
                row.id == live.id && row.bound == bound && is_granted
            }
            _ => false,
        }
    }

    fn changed(&self, id: &Id, change: Change, end: End) -> Vec<Self> {
        let is_there = matches!(change, Change::BindThere | Change::UnbindThere);
        let live = self.live.as_ref().filter(|live| live.id == *id && (live.granted || !is_there));
        match (live, end) {
            (None, End::Unknown) => self.if_so(true),
            (None, _) | (Some(_), End::Unknown) => Vec::new(),
            (Some(live), End::Waits) => self.if_so(change == Change::Delete && (live.bound || live.bound_there)),
            (Some(live), End::Done | End::Open) => self.with(live.after(change)),
        }
    }
}

impl Live {
    fn after(&self, change: Change) -> Option<Self> {
        let mut live = self.clone();
        match change {
            Change::Delete => return None,
            Change::Bind => live.bound = true,
            Change::Unbind => live.bound = false,
            Change::Grant => live.granted = true,
            Change::Revoke => (live.granted, live.bound_there) = (false, false),
            Change::BindThere => live.bound_there = true,
            Change::UnbindThere => live.bound_there = false,
        }
        Some(live)
    }
}

impl Object for Name {
    type Call = Call;

    fn after(&self, call: &Call) -> Vec<Self> {
        match call {
            Call::Created(id) => self.born(id).map_or_else(Vec::new, |live| self.with(Some(live))),
            Call::Taken(id) => self.if_so(self.live.as_ref().is_some_and(|live| live.id == *id)),
            Call::MaybeCreated(ids) => ids.iter().filter_map(|id| self.maybe_created(id)).collect(),
            Call::Change(id, change, end) => self.changed(id, *change, *end),
            Call::Listed(row) => self.if_so(self.is_listed(row.as_ref(), |live| Some(live.bound))),
            Call::ListedThere(row) => {
                self.if_so(self.is_listed(row.as_ref(), |live| live.granted.then_some(live.bound_there)))
            }
        }
    }

    fn is_read(call: &Call) -> bool {
        match call {
            Call::Taken(_) | Call::Listed(_) | Call::ListedThere(_) => true,
            Call::Change(_, _, end) => matches!(end, End::Unknown | End::Waits),
            Call::Created(_) | Call::MaybeCreated(_) => false,
        }
    }

    /// Whoever names an id has seen it, so one that is not there is gone for ever.
    fn is_past(&self, call: &Call) -> bool {
        match call {
            Call::Change(id, ..) => self.live.as_ref().is_none_or(|live| live.id != *id),
            Call::MaybeCreated(ids) => ids.iter().all(|id| self.unanswered.contains(id)),
            _ => false,
        }
    }
}
