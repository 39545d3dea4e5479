//! What the reconciler is told and what it reports: the engine's records in the words of the plane.
//!
//! Invariants: one full reading is of one instant; what is equal is shared, so that a million specifications fit in
//! memory; a hint is passed on only once the change it is about can be read.
//!
//! It must not decide anything: whether a peer can be made is the engine's to say, what to do about it the planner's.
//!
//! To tell the plane more about a peer: a part of its specification, filled in [`Specs::desired`].

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use linkspan_engine::command::{Fence, PeerOutcome, PeerReport as EngineReport, SystemCommand};
use linkspan_engine::{
    ConnectionEntry, Engine, Joint, Origin, PeerHint, PlaneScope, Refusal, Reply, Request, SourceRef as EngineSource,
    State,
};
use linkspan_model::{Cidr, Cidr4, ConnectionId, Peer, PeerId, PeerState, ProjectId};
use linkspan_plane::{
    DesiredPeer, DestNet, Hint, Hints, HostPart, HostTable, Outcome, PeerMark, PeerReport, PeerSpec, Recorded, Records,
    ReportRefused, SourceNet, SourceRef, Wish,
};
use tokio::sync::Notify;

use crate::reachability::{Reach, SETTLING};

/// Hints that wait for the reconciler; more become one full pass.
const MOST_HINTS: usize = 65_536;

/// The records of an engine, for the reconciler of its plane.
pub struct EngineRecords {
    engine: Engine,
    fence: Option<Fence>,
    hints: Arc<Hints>,
    /// Rung when connectivity tests wait.
    tests: Arc<Notify>,
    /// Told which peers to check.
    reach: Reach,
}

impl EngineRecords {
    /// The records of this engine, written under a lease where nodes take turns. [`EngineRecords::pass_on_hints`] must run beside the reconciler.
    #[must_use]
    pub fn new(engine: Engine, fence: Option<Fence>) -> Arc<Self> {
        let reach = Reach::new(fence.as_ref().map(|fence| fence.scope.clone()));
        Arc::new(Self { engine, fence, hints: Arc::new(Hints::new(MOST_HINTS)), tests: Arc::default(), reach })
    }

    /// Carries out a command of whoever acts for the plane.
    pub(crate) async fn submit(&self, command: SystemCommand) -> Result<Reply, Refusal> {
        let command = match &self.fence {
            Some(fence) => SystemCommand::Fenced(fence.clone(), Box::new(command)),
            None => command,
        };
        self.engine.submit(Request::System(command), Origin::default()).await
    }

    /// The engine.
    pub(crate) fn engine(&self) -> Engine {
        self.engine.clone()
    }

    /// Rung when connectivity tests wait for a result.
    pub(crate) fn tests(&self) -> Arc<Notify> {
        Arc::clone(&self.tests)
    }

    /// What is known of how far peers reach.
    pub(crate) fn reach(&self) -> Reach {
        self.reach.clone()
    }

    /// Passes on what the engine hints, for ever. One task may run it.
    pub async fn pass_on_hints(self: Arc<Self>) {
        loop {
            let hints = self.engine.peer_hints().await;
            if hints.iter().any(|hint| matches!(hint, PeerHint::Tests | PeerHint::Everything)) {
                self.tests.notify_one();
            }
            // Peers that go come first: an addition is held back only for removals that the reconciler has heard of.
            let state = self.engine.view();
            hints.iter().for_each(|hint| self.check_again(&state, hint));
            let here = hints.into_iter().filter(|hint| self.may_matter(&state, hint));
            let (going, others): (Vec<_>, Vec<_>) = here.partition(|hint| goes(&state, hint));
            drop(state);
            going.into_iter().chain(others).filter_map(translated).for_each(|hint| self.hints.send(hint));
        }
    }

    /// Whole tables of host records need not be handed to a plane that does not have their queue. Should it come to lie
    /// here, a full pass brings them.
    fn may_matter(&self, state: &State, hint: &PeerHint) -> bool {
        !matches!(hint, PeerHint::Hosts(source) if !self.is_ours(state, &source.project))
    }

    /// What is known of a peer's reach is checked again when the peer or its host records change.
    fn check_again(&self, state: &State, hint: &PeerHint) {
        match hint {
            PeerHint::Peer(peer) => self.reach.changed(*peer, SETTLING),
            PeerHint::Hosts(source) => {
                state.bindings(source).iter().for_each(|(peer, _)| self.reach.changed(peer.id, SETTLING));
            }
            PeerHint::Tests | PeerHint::Everything => {}
        }
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.engine.view())
    }

    fn scope(&self) -> Option<&PlaneScope> {
        self.fence.as_ref().map(|fence| &fence.scope)
    }

    /// Whether what a project binds is made here.
    pub(crate) fn is_ours(&self, state: &State, project: &ProjectId) -> bool {
        self.scope().is_none_or(|scope| state.is_within(scope, project))
    }
}

fn goes(state: &State, hint: &PeerHint) -> bool {
    let PeerHint::Peer(id) = hint else { return false };
    state.desired_peer(*id).is_none_or(|desired| wish(&desired.peer.state) != Wish::Present)
}

/// The hint in the words of the reconciler; none if it is none of its business.
fn translated(hint: PeerHint) -> Option<Hint> {
    match hint {
        PeerHint::Peer(id) => Some(Hint::Peer(id)),
        PeerHint::Hosts(source) => Some(Hint::Hosts(to_plane(&source))),
        PeerHint::Tests => None,
        PeerHint::Everything => Some(Hint::Resync),
    }
}

impl Records for EngineRecords {
    fn for_each_peer(&self, each: &mut dyn FnMut(DesiredPeer)) {
        let state = self.state();
        let mut specs = Specs::new(&state, self.scope());
        state.for_each_desired_peer(&mut |desired| {
            if self.is_ours(&state, &desired.peer.project) {
                each(specs.desired(desired));
            }
        });
    }

    fn peer(&self, id: PeerId) -> Option<DesiredPeer> {
        let state = self.state();
        desired_peer(&state, id, self.scope()).filter(|desired| self.is_ours(&state, &desired.source.project))
    }

    fn hosts(&self, source: &SourceRef) -> HostTable {
        let source = EngineSource { project: source.project.clone(), name: source.name.clone() };
        host_table(&self.state(), &source)
    }

    fn report(&self, reports: Vec<PeerReport>) -> BoxFuture<'_, Result<(), ReportRefused>> {
        let made = reports.iter().filter(|report| report.outcome == Outcome::Active).map(|report| report.peer);
        let made: Vec<PeerId> = made.collect();
        let reports = reports.into_iter().map(engine_report).collect();
        async move {
            match self.submit(SystemCommand::Report(reports)).await {
                Ok(_) => {
                    let state = self.state();
                    made.into_iter().for_each(|peer| self.reach.made(&state, peer));
                    Ok(())
                }
                Err(Refusal::Deposed) => Err(ReportRefused::Deposed),
                Err(refusal) => {
                    tracing::debug!(%refusal, "reports of peers have to wait");
                    Err(ReportRefused::Later)
                }
            }
        }
        .boxed()
    }

    fn hints(&self) -> Arc<Hints> {
        Arc::clone(&self.hints)
    }
}

/// A peer of a state as the reconciler of a scope would see it there; none = that of the only node.
pub(crate) fn desired_peer(state: &State, id: PeerId, scope: Option<&PlaneScope>) -> Option<DesiredPeer> {
    let desired = state.desired_peer(id)?;
    Some(Specs::new(state, scope).desired(desired))
}

/// The host records of a queue or pool.
pub(crate) fn host_table(state: &State, source: &EngineSource) -> HostTable {
    let bindings = state.bindings(source);
    let present = bindings.into_iter().filter(|(peer, _)| wish(&peer.state) == Wish::Present);
    HostTable::new(present.filter_map(|(peer, entry)| part(state, peer, entry)).collect())
}

fn engine_report(report: PeerReport) -> EngineReport {
    let outcome = match report.outcome {
        Outcome::Active => PeerOutcome::Active,
        Outcome::Failed(why) => PeerOutcome::Failed(why),
        Outcome::Removed => PeerOutcome::Removed,
    };
    EngineReport { peer: report.peer, generation: report.generation, outcome }
}

pub(crate) fn to_plane(source: &EngineSource) -> SourceRef {
    SourceRef { project: source.project.clone(), name: source.name.clone() }
}

fn wish(state: &PeerState) -> Wish {
    match state {
        PeerState::Creating { .. } | PeerState::Active | PeerState::Failed { .. } => Wish::Present,
        PeerState::Cancelled => Wish::Cancelled,
        PeerState::Removing => Wish::Removing,
    }
}

fn recorded(state: PeerState) -> Recorded {
    match state {
        PeerState::Active => Recorded::Active,
        PeerState::Failed(failure) => Recorded::Failed(failure),
        // What is called off or removed has no outcome on record yet.
        PeerState::Creating { .. } | PeerState::Cancelled | PeerState::Removing => Recorded::Creating,
    }
}

fn part(state: &State, peer: &Peer, entry: &ConnectionEntry) -> Option<HostPart> {
    let hosts = entry.hosts.as_ref()?.value.clone();
    Some(HostPart { peer: peer.id, connection: peer.connection, digest: hosts_digest(state, entry), hosts })
}

/// A number that changes whenever a connection's host records do: the commit that wrote them, in its history. 0 if
/// there are none.
fn hosts_digest(state: &State, entry: &ConnectionEntry) -> u64 {
    let Some(hosts) = &entry.hosts else { return 0 };
    let epoch = state.head().epoch;
    // No two commits of one history get the same number, whichever process counts.
    (epoch as u64 ^ (epoch >> 64) as u64 ^ hosts.at.revision).max(1)
}

/// Makes specifications of one instant and shares what they have in common.
struct Specs<'a> {
    state: &'a State,
    /// Whether each host has networks of its own.
    is_by_host: bool,
    sources: HashMap<EngineSource, Arc<SourceNet>>,
    /// The connection that was looked at last: its peers come one after the other.
    last: Option<(ConnectionId, Arc<DestNet>, Arc<[Cidr]>)>,
}

impl<'a> Specs<'a> {
    fn new(state: &'a State, scope: Option<&PlaneScope>) -> Self {
        let is_by_host = matches!(scope, Some(PlaneScope::Host(_)));
        Self { state, is_by_host, sources: HashMap::new(), last: None }
    }

    fn desired(&mut self, desired: linkspan_engine::DesiredPeer) -> DesiredPeer {
        let linkspan_engine::DesiredPeer { peer, joint } = desired;
        let joint = joint.and_then(|joint| match self.is_by_host {
            true => self.state.apart(&peer, &joint.entry.connection).map_or(Ok(joint), Err),
            false => Ok(joint),
        });
        let wish = wish(&peer.state);
        let hosts = match &joint {
            Ok(joint) => hosts_digest(self.state, &joint.entry),
            Err(_) if wish == Wish::Present => self.hosts_of(&peer),
            Err(_) => 0,
        };
        let source = EngineSource::of(&peer);
        DesiredPeer {
            peer: peer.id,
            connection: peer.connection,
            generation: peer.generation,
            spec: joint.map(|joint| self.spec(&peer, &source, &joint)),
            source: to_plane(&source),
            wish,
            recorded: recorded(peer.state),
            hosts,
        }
    }

    /// A peer that can't be made has host records all the same: they are part of its queue's table.
    fn hosts_of(&self, peer: &Peer) -> u64 {
        let bindings = self.state.bindings(&EngineSource::of(peer));
        let entry = bindings.into_iter().find(|(other, _)| other.id == peer.id);
        entry.map_or(0, |(_, entry)| hosts_digest(self.state, entry))
    }

    fn spec(&mut self, peer: &Peer, source: &EngineSource, joint: &Joint) -> PeerSpec {
        let mark = PeerMark { peer: peer.id, connection: peer.connection, generation: peer.generation };
        let source = self.source(source, joint.source_cidr);
        let (destination, routes) = self.destination(joint);
        PeerSpec::new(mark, source, destination, routes)
    }

    fn source(&mut self, source: &EngineSource, cidr: Cidr4) -> Arc<SourceNet> {
        if let Some(known) = self.sources.get(source) {
            return Arc::clone(known);
        }
        let net = SourceNet::new(to_plane(source), cidr);
        self.sources.insert(source.clone(), Arc::clone(&net));
        net
    }

    fn destination(&mut self, joint: &Joint) -> (Arc<DestNet>, Arc<[Cidr]>) {
        let connection = &joint.entry.connection;
        if let Some((_, net, routes)) = self.last.as_ref().filter(|(id, ..)| *id == connection.id) {
            return (Arc::clone(net), Arc::clone(routes));
        }
        let net = DestNet::new(
            connection.project.clone(),
            connection.dest_vpc.clone(),
            connection.dest_network.clone(),
            joint.dest_cidr,
        );
        let net = match &joint.binding {
            Some(to) => net.bound(to.clone()),
            None => net,
        };
        let routes = match &*connection.routes {
            // Most have none, and the empty list costs nothing.
            [] => Arc::default(),
            some => some.iter().filter_map(linkspan_model::Route::cidr).collect(),
        };
        self.last = Some((connection.id, Arc::clone(&net), Arc::clone(&routes)));
        (net, routes)
    }
}

#[cfg(test)]
#[path = "plane_records_tests.rs"]
mod tests;
