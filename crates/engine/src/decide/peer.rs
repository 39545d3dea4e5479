use linkspan_model::{ConnectionId, Peer, PeerId, PeerState, SourceName, Stamp};

use super::{Case, Context};
use crate::state::{ConnectionEntry, SourceRef};

/// Peers as they are right after they were bound, in this order. `last` is what was created before them.
pub(super) fn bound(
    case: &Case<'_>,
    connection: ConnectionId,
    sources: impl IntoIterator<Item = SourceName>,
    mut last: Stamp,
) -> impl Iterator<Item = Peer> {
    sources.into_iter().map(move |source| {
        last = last.next(case.now());
        new(case, (connection, source), last)
    })
}

fn new(case: &Case<'_>, (connection, source): (ConnectionId, SourceName), bound: Stamp) -> Peer {
    Peer {
        id: PeerId(case.context.ids.uuid()),
        connection,
        project: case.project().clone(),
        source,
        generation: 1,
        state: creating(case.context),
        create_time: bound.millis(),
        place: bound.place(),
        update_time: case.now(),
    }
}

/// The state of a peer whose creation begins now.
pub(super) fn creating(context: &Context<'_>) -> PeerState {
    PeerState::Creating { deadline: context.now.saturating_add(context.rules.creation_deadline_ms) }
}

/// The peer in another state: another desired state, so another generation.
pub(super) fn moved(peer: &Peer, state: PeerState, context: &Context<'_>) -> Peer {
    Peer { generation: peer.generation.saturating_add(1), ..settled(peer, state, context) }
}

/// The peer in the state that a reconciler found: the desired state is the same.
pub(super) fn settled(peer: &Peer, state: PeerState, context: &Context<'_>) -> Peer {
    Peer { state, update_time: context.now, ..peer.clone() }
}

/// The peers of a connection whose routes changed: another desired state, in which each stands where it stood. So a
/// report about the routes before is not taken for one about these, and nobody who lists the connection sees an active
/// peer fall back to being created.
pub(super) fn rerouted(entry: &ConnectionEntry) -> impl Iterator<Item = Peer> {
    let peers = entry.peers.iter().map(|peer| &peer.value);
    let wanted = peers.filter(|peer| !matches!(peer.state, PeerState::Cancelled | PeerState::Removing));
    wanted.map(|peer| Peer { generation: peer.generation.saturating_add(1), ..peer.clone() })
}

/// The peers of every connection that bind a source, as they are once the source is gone.
pub(super) fn removed_with(case: &Case<'_>, source: SourceName) -> Vec<Peer> {
    let source = SourceRef { project: case.project().clone(), name: source };
    let state = case.state;
    let bound = state.index.bound(&source).filter_map(|id| state.connection(id));
    let peers = bound.filter_map(|entry| entry.peer_for(&source));
    peers.map(|peer| moved(peer, PeerState::Removing, case.context)).collect()
}
