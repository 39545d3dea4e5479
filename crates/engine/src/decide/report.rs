use linkspan_model::{Peer, PeerState};

use super::{Change, Context, Decision, peer};
use crate::command::{PeerOutcome, PeerReport, Reply};
use crate::record::Record;
use crate::state::State;

/// What a reconciler found, report by report. One about an older desired state, or one that says what is known,
/// changes nothing.
pub(super) fn decide(state: &State, reports: &[PeerReport], context: &Context<'_>) -> Decision {
    let mut decision = Decision::new(Reply::Done);
    // What earlier reports of the same batch led to, in the order of the peers' first change.
    let mut found: Vec<Peer> = Vec::new();
    for report in reports {
        if let Some(removing) = state.removing.get(&report.peer) {
            let done = report.outcome == PeerOutcome::Removed && report.generation == removing.value.generation;
            let gone = Change::Remove(Record::Peer(removing.value.clone()));
            if done && !decision.changes.contains(&gone) {
                decision.changes.push(gone);
            }
            continue;
        }
        let entry = state.peers.get(&report.peer).and_then(|id| state.connection(*id));
        let Some(stored) = entry.and_then(|entry| entry.peer(report.peer)).map(|peer| &peer.value) else { continue };
        let earlier = found.iter().position(|peer| peer.id == report.peer);
        let known = earlier.and_then(|at| found.get(at)).unwrap_or(stored);
        if known.generation != report.generation {
            continue;
        }
        let Some(settled) = next(known, &report.outcome).map(|next| peer::settled(known, next, context)) else {
            continue;
        };
        match earlier.and_then(|at| found.get_mut(at)) {
            Some(known) => *known = settled,
            None => found.push(settled),
        }
    }
    found.into_iter().for_each(|peer| decision.put(Record::Peer(peer)));
    decision
}

fn next(known: &Peer, outcome: &PeerOutcome) -> Option<PeerState> {
    let found = match (&known.state, outcome) {
        (PeerState::Removing, _) => return None,
        // A peer whose creation is called off ends as failed, whatever the plane got done before.
        (PeerState::Cancelled, PeerOutcome::Active) => return None,
        (PeerState::Cancelled, PeerOutcome::Failed(failure)) => PeerState::Failed(failure.clone()),
        (PeerState::Cancelled, PeerOutcome::Removed) => {
            PeerState::Failed("Its creation was called off because the connection is being deleted.".into())
        }
        (_, PeerOutcome::Active) => PeerState::Active,
        (_, PeerOutcome::Failed(failure)) => PeerState::Failed(failure.clone()),
        (_, PeerOutcome::Removed) => return None,
    };
    (found != known.state).then_some(found)
}
