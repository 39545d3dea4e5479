//! Who acts for a plane: on record, so that a commit on the head it was decided on is one of whoever acts at that head.
//!
//! The lease only says who may take over. That somebody did is a commit like any other, and what a predecessor reports
//! after it is decided on a state that knows.

use super::{Decision, set};
use crate::command::{Fence, Reply};
use crate::record::Setting;
use crate::refusal::Refusal;
use crate::state::State;

/// Puts a successor on record. Twice is as good as once: whether the first time was answered may be unknown.
pub(super) fn take_over(state: &State, fence: &Fence, name: &str) -> Result<Decision, Refusal> {
    match state.acting(&fence.scope) {
        Some((known, _)) if known > fence.generation => Err(Refusal::Deposed),
        Some((known, _)) if known == fence.generation => Ok(Decision::new(Reply::Done)),
        _ => Ok(set(&Setting { name: key(&fence.scope), value: format!("{} {name}", fence.generation).into() })),
    }
}

pub(super) fn still_acts(state: &State, fence: &Fence) -> Result<(), Refusal> {
    match state.acting(&fence.scope) {
        Some((known, _)) if known == fence.generation => Ok(()),
        _ => Err(Refusal::Deposed),
    }
}

fn key(scope: &str) -> Box<str> {
    format!("acting:{scope}").into()
}

impl State {
    /// Who acts for a plane where nodes take turns: the lease's generation, and the node's name.
    #[must_use]
    pub fn acting(&self, scope: &str) -> Option<(u64, &str)> {
        let (generation, name) = self.setting(&key(scope))?.value.split_once(' ')?;
        Some((generation.parse().ok()?, name))
    }
}
