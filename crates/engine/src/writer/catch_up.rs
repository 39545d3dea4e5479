use std::collections::BTreeMap;

use linkspan_model::{
    AccessKeyId, ConnectionId, DomainId, ExternalId, PeerId, PoolName, ProjectId, QueueName, Stamp, UserId,
};

use std::sync::atomic::Ordering;

use super::Shared;
use super::hints::{PeerHint, hints_of};
use super::loading::{ReadError, load};
use super::options::Counters;
use crate::decide::Change;
use crate::record::{Kind, Record, RecordKey};
use crate::state::{LoadError, State};
use crate::store::{Changes, Commit, CommitId, Head, Loc};

/// What the store says about a commit that was not acknowledged.
pub(crate) enum Catching {
    /// It was made, and nothing else since the state.
    Ours(Head),
    /// It was made, and other commits too.
    OursAmongOthers(Caught),
    /// It was not made.
    Moved(Caught),
    /// The history is gone in which it would be found: with it or without.
    Unknown(Caught),
}

/// The state as it is now, and what a reconciler should look at because of what others did.
pub(crate) struct Caught {
    pub state: Box<State>,
    pub hints: Vec<PeerHint>,
}

impl Catching {
    /// The state as it is now; none if the commit is all that happened.
    pub(crate) fn into_caught(self) -> Option<Caught> {
        match self {
            Self::Ours(_) => None,
            Self::OursAmongOthers(caught) | Self::Moved(caught) | Self::Unknown(caught) => Some(caught),
        }
    }
}

/// Reads what was committed after `state` and looks for one commit in it.
pub(crate) async fn catch_up(shared: &Shared, state: &State, ours: CommitId) -> Result<Catching, ReadError> {
    match shared.store.changes(state.head()).await? {
        Changes::Since { commits, head } => {
            let is_ours = commits.iter().any(|commit| commit.commit_id == ours);
            if is_ours && commits.len() == 1 {
                return Ok(Catching::Ours(head));
            }
            Counters::add(&shared.counters.catch_ups, u64::from(!commits.is_empty()));
            let caught = with_commits(state.clone(), commits, head)?;
            Ok(if is_ours { Catching::OursAmongOthers(caught) } else { Catching::Moved(caught) })
        }
        Changes::Diverged => {
            let caught = reload(shared, state).await?;
            let (before, now) = (state.head(), caught.state.head());
            if before.epoch == now.epoch && before.commit_id != now.commit_id {
                Counters::add(&shared.counters.lost_histories, 1);
                tracing::error!(
                    known = before.revision,
                    now = now.revision,
                    "the store has lost commits that it had acknowledged; what it holds now was read anew"
                );
            }
            Ok(reloaded(state, caught, ours))
        }
        Changes::TooOld => Ok(reloaded(state, reload(shared, state).await?, ours)),
    }
}

fn reloaded(before: &State, caught: Caught, ours: CommitId) -> Catching {
    match caught.state.head().commit_id {
        now if now == ours => Catching::OursAmongOthers(caught),
        now if now == before.head().commit_id => Catching::Moved(caught),
        _ => Catching::Unknown(caught),
    }
}

/// Reads everything anew; whoever asks meanwhile is told that the node is not ready.
async fn reload(shared: &Shared, state: &State) -> Result<Caught, ReadError> {
    Counters::add(&shared.counters.reloads, 1);
    shared.is_reloading.store(true, Ordering::Release);
    let loaded = load(shared.store.as_ref(), state.render).await;
    shared.is_reloading.store(false, Ordering::Release);
    Ok(Caught { state: Box::new(loaded?), hints: vec![PeerHint::Everything] })
}

/// The state with commits that others made. Only the last change of a record counts, and what belongs to a connection
/// comes after it.
fn with_commits(mut state: State, commits: Vec<Commit>, head: Head) -> Result<Caught, ReadError> {
    let mut last: BTreeMap<RecordKey, (Loc, Option<Vec<u8>>)> = BTreeMap::new();
    for (at, key, body) in commits.into_iter().flat_map(|commit| commit.records) {
        last.insert(key, (at, body));
    }
    let mut hints = Vec::new();
    let mut apply = |state: &mut State, change: &Change, at| {
        // A removed peer's connection is known only before, an added one's only after.
        hints.extend(hints_of(state, change));
        state.apply(change, at);
        hints.extend(hints_of(state, change));
    };
    // Kinds are ordered so that a connection comes before its hosts and peers.
    for (key, (at, body)) in last.iter().filter_map(|(key, (at, body))| Some((key, (at, body.as_ref()?)))) {
        let record = Record::from_stored(key, body).map_err(LoadError::from)?;
        apply(&mut state, &Change::Put(record), *at);
    }
    for (key, (at, _)) in last.iter().rev().filter(|(_, (_, body))| body.is_none()) {
        if let Some(record) = state.find(key) {
            apply(&mut state, &Change::Remove(record), *at);
        }
    }
    state.settle(head.revision);
    state.set_head(head);
    // What the others created and removed again is in no record, but nothing may be stamped earlier than it.
    state.note_stamp(Stamp::end_of(head.create_time));
    Ok(Caught { state: Box::new(state), hints })
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
            Kind::Queue | Kind::Pool | Kind::Vpc | Kind::Subnet | Kind::RouteTable | Kind::NetworkBinding => {
                self.find_held(key)
            }
            Kind::PlaneRequest => {
                self.plane_request(Stamp::of_number(id.parse().ok()?)).cloned().map(Record::PlaneRequest)
            }
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
            Kind::NetworkBinding => {
                held.network_bindings.get(&id()?).map(|it| Record::NetworkBinding(it.value.clone()))
            }
            _ => None,
        }
    }
}
