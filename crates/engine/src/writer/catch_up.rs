use std::collections::BTreeMap;

use linkspan_model::{
    AccessKeyId, ConnectionId, DomainId, ExternalId, PeerId, PoolName, ProjectId, QueueName, Stamp, UserId,
};

use super::loading::{ReadError, load};
use crate::decide::Change;
use crate::record::{Kind, Record, RecordKey};
use crate::state::{LoadError, State};
use crate::store::{Changes, Commit, CommitId, Head, Loc, Store};

/// What the store says about a commit that was not acknowledged.
pub(crate) enum Catching {
    /// It was made, and nothing else since the state.
    Ours(Head),
    /// It was made, and other commits too: the state with all of them.
    OursAmongOthers(Box<State>),
    /// It was not made: the state as it is now.
    Moved(Box<State>),
    /// The history is gone in which it would be found: the state as it is now, with it or without.
    Unknown(Box<State>),
}

impl Catching {
    /// The state as it is now; none if the commit is all that happened.
    pub(crate) fn into_state(self) -> Option<Box<State>> {
        match self {
            Self::Ours(_) => None,
            Self::OursAmongOthers(state) | Self::Moved(state) | Self::Unknown(state) => Some(state),
        }
    }
}

/// Reads what was committed after `state` and looks for one commit in it.
pub(crate) async fn catch_up(store: &dyn Store, state: &State, ours: CommitId) -> Result<Catching, ReadError> {
    match store.changes(state.head()).await? {
        Changes::Since { commits, head } => {
            let is_ours = commits.iter().any(|commit| commit.commit_id == ours);
            if is_ours && commits.len() == 1 {
                return Ok(Catching::Ours(head));
            }
            let state = Box::new(with_commits(state.clone(), commits, head)?);
            Ok(if is_ours { Catching::OursAmongOthers(state) } else { Catching::Moved(state) })
        }
        Changes::Diverged | Changes::TooOld => {
            let reloaded = Box::new(load(store, state.render).await?);
            let (before, now) = (state.head().commit_id, reloaded.head().commit_id);
            Ok(match now {
                _ if now == ours => Catching::OursAmongOthers(reloaded),
                _ if now == before => Catching::Moved(reloaded),
                _ => Catching::Unknown(reloaded),
            })
        }
    }
}

/// The state with commits that others made. Only the last change of a record counts, and what belongs to a connection
/// comes after it.
fn with_commits(mut state: State, commits: Vec<Commit>, head: Head) -> Result<State, ReadError> {
    let mut last: BTreeMap<RecordKey, (Loc, Option<Vec<u8>>)> = BTreeMap::new();
    for (at, key, body) in commits.into_iter().flat_map(|commit| commit.records) {
        last.insert(key, (at, body));
    }
    // Kinds are ordered so that a connection comes before its hosts and peers.
    for (key, (at, body)) in last.iter().filter_map(|(key, (at, body))| Some((key, (at, body.as_ref()?)))) {
        let record = Record::from_stored(key, body).map_err(LoadError::from)?;
        state.apply(&Change::Put(record), *at);
    }
    for (key, (at, _)) in last.iter().rev().filter(|(_, (_, body))| body.is_none()) {
        if let Some(record) = state.find(key) {
            state.apply(&Change::Remove(record), *at);
        }
    }
    state.settle(head.revision);
    state.set_head(head);
    // What the others created and removed again is in no record, but nothing may be stamped earlier than it.
    state.note_stamp(Stamp::end_of(head.create_time));
    Ok(state)
}

impl State {
    /// A record by its key.
    pub(crate) fn find(&self, key: &RecordKey) -> Option<Record> {
        let id = key.id.as_str();
        match key.kind {
            Kind::Setting => self.settings.get(id).map(|it| Record::Setting(it.value.clone())),
            Kind::Domain => self.domains.get(&id.parse::<DomainId>().ok()?).map(|it| Record::Domain(it.value.clone())),
            Kind::Project => {
                self.projects.get(&id.parse::<ProjectId>().ok()?).map(|it| Record::Project(it.value.clone()))
            }
            Kind::User => self.users.get(&id.parse::<UserId>().ok()?).map(|it| Record::User(it.value.clone())),
            Kind::AccessKey => {
                self.keys.get(&id.parse::<AccessKeyId>().ok()?).map(|it| Record::AccessKey(it.value.clone()))
            }
            Kind::Connection => {
                let entry = self.connection(ConnectionId::from_wire(id)?)?;
                Some(Record::Connection(entry.connection.clone()))
            }
            Kind::Hosts => {
                let id = ConnectionId::from_wire(id)?;
                let hosts = self.connection(id)?.hosts.as_ref()?;
                Some(Record::Hosts(id, hosts.value.clone()))
            }
            Kind::Peer => {
                let id = PeerId::from_wire(id)?;
                let removing = self.removing.get(&id).map(|it| it.value.clone());
                let shown = || Some(self.connection(*self.peers.get(&id)?)?.peer(id)?.value.clone());
                removing.or_else(shown).map(Record::Peer)
            }
            Kind::Queue | Kind::Pool | Kind::Vpc | Kind::Subnet | Kind::RouteTable => self.find_held(key),
            Kind::ConnectivityTest => {
                self.tests.get(Stamp::of_number(id.parse().ok()?)).cloned().map(Record::ConnectivityTest)
            }
        }
    }

    /// A record that one project holds, under the project's id and its own.
    fn find_held(&self, key: &RecordKey) -> Option<Record> {
        let (project, name) = key.id.split_once('/')?;
        let held = self.held(&project.parse::<ProjectId>().ok()?)?;
        let id = || name.parse::<ExternalId>().ok();
        match key.kind {
            Kind::Queue => {
                let queue = held.queues.get(&name.parse::<QueueName>().ok()?);
                queue.map(|it| Record::Queue(it.value.clone()))
            }
            Kind::Pool => held.pools.get(&name.parse::<PoolName>().ok()?).map(|it| Record::Pool(it.value.clone())),
            Kind::Vpc => held.vpcs.get(&id()?).map(|it| Record::Vpc(it.value.clone())),
            Kind::Subnet => held.subnets.get(&id()?).map(|it| Record::Subnet(it.value.clone())),
            Kind::RouteTable => held.route_tables.get(&id()?).map(|it| Record::RouteTable(it.value.clone())),
            _ => None,
        }
    }
}
