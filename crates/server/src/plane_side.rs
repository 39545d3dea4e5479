//! What operations reach of the plane: it comes and goes where nodes take turns to act for it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use linkspan_engine::State;
use linkspan_plane::{Handle, SimulatedPlane};

use crate::diagnosis::Turns;
use crate::reachability::Reach;

/// The scope of the simulated plane: everything.
pub(crate) const SIMULATED: &str = "simulated";

/// What operations reach of the plane; nothing where no reconciler runs. Clones show the same.
#[derive(Debug, Clone, Default)]
pub struct PlaneSide {
    acting: Arc<ArcSwapOption<Acting>>,
    /// Lets few diagnoses be made at once.
    pub(crate) turns: Turns,
}

/// What there is while a reconciler runs.
#[derive(Debug, Clone)]
pub(crate) struct Acting {
    pub(crate) reconciler: Handle,
    pub(crate) simulated: Option<SimulatedPlane>,
    pub(crate) reach: Reach,
}

impl PlaneSide {
    pub(crate) fn put(&self, acting: Option<Acting>) {
        self.acting.store(acting.map(Arc::new));
    }

    /// What the reconciler knows about peers that are not yet where they should be.
    #[must_use]
    pub fn reconciler(&self) -> Option<Handle> {
        self.acting.load().as_ref().map(|acting| acting.reconciler.clone())
    }

    /// The simulated plane, if that is the one: its faults can be chosen.
    #[must_use]
    pub fn simulated(&self) -> Option<SimulatedPlane> {
        self.acting.load().as_ref().and_then(|acting| acting.simulated.clone())
    }

    /// What is known of how far active peers reach.
    pub(crate) fn reach(&self) -> Option<Reach> {
        self.acting.load().as_ref().map(|acting| acting.reach.clone())
    }

    /// Whether this node acts for the plane.
    pub(crate) fn acts(&self) -> bool {
        self.acting.load().is_some()
    }

    /// Who acts for the plane if this node does not: for people.
    pub(crate) fn elsewhere(&self, state: &State) -> Option<String> {
        let (_, name) = state.acting(SIMULATED).filter(|_| !self.acts())?;
        Some(format!("The node {name} acts for the plane: ask it, or try again in a moment if it is gone."))
    }
}
