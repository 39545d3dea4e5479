use std::collections::HashSet;

use linkspan_model::{Peer, PeerState};

use super::{Context, Decision, peer};
use crate::command::{PeerOutcome, PeerReport, Reply};
use crate::record::Record;
use crate::state::State;

/// What a reconciler found. A report about an older desired state, or one that says what is known, changes nothing.
pub(super) fn decide(state: &State, reports: &[PeerReport], context: &Context<'_>) -> Decision {
    let mut decision = Decision::new(Reply::Done);
    let mut seen = HashSet::new();
    // The last report about a peer counts.
    for report in reports.iter().rev().filter(|report| seen.insert(report.peer)) {
        if let Some(removing) = state.removing.get(&report.peer) {
            let done = report.outcome == PeerOutcome::Removed && report.generation == removing.value.generation;
            if done {
                decision.remove(Record::Peer(removing.value.clone()));
            }
            continue;
        }
        let Some(entry) = state.peers.get(&report.peer).and_then(|id| state.connection(*id)) else { continue };
        let Some(known) = entry.peer(report.peer).map(|peer| &peer.value) else { continue };
        if known.generation != report.generation {
            continue;
        }
        if let Some(found) = next(known, &report.outcome) {
            decision.put(Record::Peer(peer::settled(known, found, context)));
        }
    }
    decision
}

fn next(known: &Peer, outcome: &PeerOutcome) -> Option<PeerState> {
    let found = match (&known.state, outcome) {
        (PeerState::Removing, _) => return None,
        // A peer whose creation is called off ends as failed, whatever the plane got done before.
        (PeerState::Cancelled, PeerOutcome::Active) => return None,
        (PeerState::Cancelled, PeerOutcome::Failed(reason)) => PeerState::Failed { reason: reason.clone() },
        (PeerState::Cancelled, PeerOutcome::Removed) => {
            PeerState::Failed { reason: "Its creation was called off because the connection is being deleted.".into() }
        }
        (_, PeerOutcome::Active) => PeerState::Active,
        (_, PeerOutcome::Failed(reason)) => PeerState::Failed { reason: reason.clone() },
        (_, PeerOutcome::Removed) => return None,
    };
    (found != known.state).then_some(found)
}
