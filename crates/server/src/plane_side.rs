//! What operations reach of the plane: it comes and goes where nodes take turns to act for it, and where every host has
//! networks of its own, another node acts for another project.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use linkspan_engine::{PlaneScope, State};
use linkspan_model::ProjectId;
use linkspan_plane::{Handle, SimulatedPlane};

use crate::diagnosis::Turns;
use crate::reachability::Reach;

/// What operations reach of the plane; nothing where no reconciler runs. Clones show the same.
#[derive(Debug, Clone, Default)]
pub struct PlaneSide {
    scope: Option<PlaneScope>,
    acting: Arc<ArcSwapOption<Acting>>,
    /// Lets few diagnoses be made at once.
    pub(crate) turns: Turns,
    /// The same for those that another node is asked for: this one may come to answer what it asked itself.
    pub(crate) asking: Turns,
}

/// What there is while a reconciler runs.
#[derive(Debug, Clone)]
pub(crate) struct Acting {
    pub(crate) reconciler: Handle,
    pub(crate) simulated: Option<SimulatedPlane>,
    pub(crate) reach: Reach,
}

impl PlaneSide {
    pub(crate) fn in_turns(scope: PlaneScope) -> Self {
        Self { scope: Some(scope), ..Self::default() }
    }

    /// What this node acts for when it is its turn; none if there is no other node.
    pub(crate) fn scope(&self) -> Option<&PlaneScope> {
        self.scope.as_ref()
    }

    pub(crate) fn put(&self, acting: Option<Acting>) {
        self.acting.store(acting.map(Arc::new));
    }

    /// What reconciles a project's peers, and what is known of them; none if that is another node's.
    pub(crate) fn acting_for(&self, state: &State, project: &ProjectId) -> Option<Arc<Acting>> {
        let is_ours = self.scope.as_ref().is_none_or(|scope| state.is_within(scope, project));
        self.acting().filter(|_| is_ours)
    }

    /// The simulated plane, if that is the one: its faults can be chosen.
    #[must_use]
    pub fn simulated(&self) -> Option<SimulatedPlane> {
        self.acting()?.simulated.clone()
    }

    /// What there is while this node acts.
    pub(crate) fn acting(&self) -> Option<Arc<Acting>> {
        self.acting.load_full()
    }

    /// Whether this node acts for the plane, or for its part of it.
    pub(crate) fn acts(&self) -> bool {
        self.acting().is_some()
    }

    /// What another node acts for that a project needs: the whole plane, or the networks of the host where it lies.
    pub(crate) fn elsewhere(&self, state: &State, project: &ProjectId) -> Option<PlaneScope> {
        match self.scope.as_ref()? {
            PlaneScope::Host(_) => state.scope_of(project),
            PlaneScope::Simulated => Some(PlaneScope::Simulated),
        }
    }

    /// Who acts for a scope if this node does not: for people.
    pub(crate) fn told(scope: &PlaneScope, state: &State) -> Option<String> {
        let (_, name) = state.acting(scope)?;
        Some(format!("The node {name} acts for the plane: ask it, or try again in a moment if it is gone."))
    }
}
