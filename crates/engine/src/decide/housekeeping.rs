use linkspan_model::{ConnectionStatus, Peer, PeerState, UnixMillis};

use super::{Context, Decision, connectivity, peer, plane_request};
use crate::command::Reply;
use crate::record::Record;
use crate::state::{ConnectionEntry, ProjectState, State};

/// Most peers failed, most connections purged, most tests ended and most purged by one command.
const MOST: usize = 256;

/// Fails peers past the deadline of their creation or of its calling off, and purges deleted connections past their
/// time; and does alike with connectivity tests.
pub(super) fn decide(state: &State, context: &Context<'_>) -> Decision {
    let mut decision = Decision::new(Reply::Done);
    let patience = context.rules.creation_deadline_ms;
    let late = state.creating.iter().take_while(|(deadline, _)| *deadline <= context.now);
    // Calling off a creation must come to an end too where no reconciler lives, or nothing could ever be deleted.
    let stuck = state.called_off.iter().take_while(|(since, _)| since.saturating_add(patience) <= context.now);
    for (_, id) in late.chain(stuck).take(MOST) {
        let entry = state.peers.get(id).and_then(|connection| state.connection(*connection));
        let Some(known) = entry.and_then(|entry| entry.peer(*id)).map(|peer| &peer.value) else { continue };
        let reason = out_of_time(known, patience / 1000);
        decision.put(Record::Peer(peer::settled(known, PeerState::Failed(reason.into()), context)));
    }
    let expired = state.held.values().flat_map(|held| expired(state, held, context)).take(MOST);
    for entry in expired {
        if let Some(hosts) = &entry.hosts {
            decision.remove(Record::Hosts(entry.connection.id, hosts.value.clone()));
        }
        decision.remove(Record::Connection(entry.connection.clone()));
    }
    decision.changes.extend(connectivity::keep_house(state, context, MOST).changes);
    let unread = plane_request::keep_house(state, context);
    unread.for_each(|created| decision.changes.extend(plane_request::forget(state, created).changes));
    decision
}

fn out_of_time(peer: &Peer, seconds: UnixMillis) -> Box<str> {
    match peer.state {
        PeerState::Cancelled => {
            format!("Its creation was called off, and nothing was heard of it for {seconds} seconds.")
        }
        _ => format!("It could not be created within {seconds} seconds; Linkspan goes on trying."),
    }
    .into()
}

/// The deleted connections of a project that are past their time, oldest deletion first.
fn expired<'a>(
    state: &'a State,
    held: &'a ProjectState,
    context: &Context<'_>,
) -> impl Iterator<Item = &'a ConnectionEntry> {
    let kept = &context.rules;
    let by_deletion = held.lists.by_deletion();
    let surplus = by_deletion.len().saturating_sub(kept.keep_deleted);
    let until = context.now.saturating_sub(kept.keep_deleted_ms);
    by_deletion
        .enumerate()
        .take_while(move |(place, (at, _))| *place < surplus || *at <= until)
        .filter_map(move |(_, (_, id))| state.connection(id).map(AsRef::as_ref))
        .filter(|entry| matches!(entry.connection.status, ConnectionStatus::Deleted { .. }))
}
