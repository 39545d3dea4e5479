//! Who acts for a plane: on record, so that a commit on the head it was decided on is one of whoever acts at that head.
//!
//! The lease only says who may take over. That somebody did is a commit like any other, and what a predecessor reports
//! after it is decided on a state that knows.

use super::{Change, Decision, set};
use crate::command::{Fence, Reply};
use crate::record::{Record, Setting};
use crate::refusal::Refusal;
use crate::state::State;

/// Puts a successor on record. Twice is as good as once: whether the first time was answered may be unknown.
pub(super) fn take_over(state: &State, fence: &Fence, name: &str) -> Result<Decision, Refusal> {
    match state.acting(&fence.scope) {
        Some((known, _)) if known > fence.generation => Err(Refusal::Deposed),
        Some((known, _)) if known == fence.generation => Ok(Decision::new(Reply::Done)),
        _ => Ok(set(&Setting { name: fence.scope.key(), value: format!("{} {name}", fence.generation).into() })),
    }
}

pub(super) fn still_acts(state: &State, fence: &Fence) -> Result<(), Refusal> {
    match state.acting(&fence.scope) {
        Some((known, _)) if known == fence.generation => Ok(()),
        _ => Err(Refusal::Deposed),
    }
}

/// What whoever acts for a host found about projects that lie elsewhere by now counts no more.
pub(super) fn confined(mut decision: Decision, state: &State, fence: &Fence) -> Decision {
    decision.changes.retain(|change| match change {
        Change::Put(Record::Peer(peer)) | Change::Remove(Record::Peer(peer)) => {
            state.is_within(&fence.scope, &peer.project)
        }
        Change::Put(Record::PlaneRequest(request)) => *request.scope == *fence.scope.to_string(),
        Change::Put(Record::ConnectivityTest(test)) => state.is_within(&fence.scope, &test.project),
        _ => true,
    });
    decision
}
