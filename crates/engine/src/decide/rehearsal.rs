//! Commands that are decided and never made: what a caller is told beforehand.
//!
//! A rehearsal asks the very rules that the command itself would be held to, on a copy of the state that nobody else
//! sees. It must not hold a rule of its own: whatever it could refuse, the command would have to refuse too.

use linkspan_model::PeerId;

use super::{Case, Change, Context, decide_command};
use crate::command::{Command, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::state::State;
use crate::store::Loc;

/// What a command would lead to.
pub struct Rehearsal {
    /// What it would be answered.
    pub reply: Reply,
    /// The state that it would leave. Its lists are behind: it is for asking about peers and networks.
    pub state: State,
    /// The peers of the caller's project that it would make or change, in the order in which they are bound.
    pub peers: Vec<PeerId>,
}

/// Decides a command as if it were given, and changes nothing.
///
/// A right to read is enough, since nothing is changed; whether the caller may give the command is not looked at.
pub(crate) fn rehearse(
    state: &State,
    (scope, command): (&Scope, &Command),
    context: &Context<'_>,
) -> Result<Rehearsal, Refusal> {
    let decision = decide_command(&Case { state, scope, context }, command)?;
    let mut next = state.clone();
    let revision = state.head().revision.saturating_add(1);
    for (change, n) in decision.changes.iter().zip(0..) {
        next.apply(change, Loc { revision, n });
    }
    let own = |change: &Change| match change {
        Change::Put(Record::Peer(peer)) if peer.project == *scope.project() => Some(peer.id),
        _ => None,
    };
    let peers = decision.changes.iter().filter_map(own).collect();
    Ok(Rehearsal { reply: decision.reply, state: next, peers })
}
