//! The plane at work beside the server: its reconciler, its connectivity tests, and what operations may ask of them.
//!
//! Invariants: one reconciler acts for the plane of a process; it ends before the engine does, so that what it found is
//! on record.
//!
//! To add a plane: a constructor of [`PlaneWork`] that makes it, as [`PlaneWork::simulated`] does.

use std::sync::Arc;

use linkspan_engine::Engine;
use linkspan_plane::{Handle, Plane, Reconciler, Settings, SimulatedPlane};
use tokio::task::JoinHandle;

use crate::diagnosis::Turns;
use crate::plane_records::EngineRecords;
use crate::reachability::Reach;
use crate::tester::Tester;

/// What operations reach of the plane; all of it is absent where no reconciler runs.
#[derive(Debug, Clone, Default)]
pub struct PlaneSide {
    /// What the reconciler knows about peers that are not yet where they should be.
    pub reconciler: Option<Handle>,
    /// The simulated plane, if that is the one: its faults can be chosen.
    pub simulated: Option<SimulatedPlane>,
    /// Lets few diagnoses be made at once.
    pub(crate) turns: Turns,
    /// What is known of how far active peers reach.
    pub(crate) reach: Reach,
}

/// A reconciler and the tasks it needs.
pub struct PlaneWork {
    side: PlaneSide,
    handle: Handle,
    reconciling: JoinHandle<()>,
    hinting: JoinHandle<()>,
    testing: JoinHandle<()>,
    checking: JoinHandle<()>,
}

impl PlaneWork {
    /// The simulated plane, as the records left it, with its reconciler at work.
    pub async fn simulated(engine: &Engine, settings: Settings) -> Self {
        let records = EngineRecords::new(engine.clone());
        let reader = Arc::clone(&records);
        let resumed = tokio::task::spawn_blocking(move || SimulatedPlane::resume(reader.as_ref())).await;
        // Reading can only fail by a panic; an empty plane is then filled by the first full pass.
        let plane = resumed.unwrap_or_default();
        Self::start(Arc::new(plane.clone()), Some(plane), (records, settings))
    }

    /// A plane that keeps what it made by itself, with a reconciler at work.
    #[must_use]
    pub fn lasting(engine: &Engine, plane: Arc<dyn Plane>, settings: Settings) -> Self {
        Self::start(plane, None, (EngineRecords::new(engine.clone()), settings))
    }

    fn start(
        plane: Arc<dyn Plane>,
        simulated: Option<SimulatedPlane>,
        (records, settings): (Arc<EngineRecords>, Settings),
    ) -> Self {
        let hinting = tokio::spawn(Arc::clone(&records).pass_on_hints());
        let (engine, waiting, reach) = (records.engine(), records.tests(), records.reach());
        let (reconciler, handle) = Reconciler::new(plane, records, settings);
        let testing = tokio::spawn(Tester::new(engine.clone(), handle.clone(), waiting).run());
        let checking = tokio::spawn(reach.clone().run(engine, handle.clone()));
        let reconciling = tokio::spawn(async move {
            if let Err(deposed) = reconciler.run().await {
                tracing::error!(%deposed, "the plane is no longer kept in line with the records");
            }
        });
        let side = PlaneSide { reconciler: Some(handle.clone()), simulated, turns: Turns::default(), reach };
        Self { side, handle, reconciling, hinting, testing, checking }
    }

    /// What operations reach of it: for [`App`](crate::App).
    #[must_use]
    pub fn side(&self) -> PlaneSide {
        self.side.clone()
    }

    /// Completes what the plane is doing, hands over the reports, and ends. To be called before the engine is closed.
    pub async fn stop(self) {
        // A test that is cut short has no result yet, and is made by whoever acts for the plane next.
        self.testing.abort();
        self.checking.abort();
        self.handle.stop();
        // The task ends by itself; a panic in it was reported already.
        let _ended = self.reconciling.await;
        self.hinting.abort();
    }
}

#[cfg(test)]
#[path = "plane_work_tests.rs"]
mod tests;
