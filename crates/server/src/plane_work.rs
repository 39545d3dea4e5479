//! The plane at work beside the server: its reconciler, its connectivity tests, and what operations may ask of them.
//!
//! Invariants: one reconciler acts for the plane of a process, and where nodes share records, of all of them; it ends before the engine does, so that what it found is
//! on record.
//!
//! To add a plane: a constructor of [`PlaneWork`] that makes it, as [`PlaneWork::simulated`] does.

use std::sync::Arc;

use linkspan_engine::command::Fence;
use linkspan_engine::{Engine, Ids};
use linkspan_plane::{Handle, Plane, Reconciler, Settings, SimulatedPlane};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::plane_lease::Candidate;
use crate::plane_records::EngineRecords;
use crate::plane_side::{Acting, PlaneSide};
use crate::tester::Tester;

/// The work for a plane, by this node or in turns with others.
pub struct PlaneWork {
    side: PlaneSide,
    work: Work,
}

enum Work {
    Own(Term),
    InTurns { stop: watch::Sender<bool>, taking_turns: JoinHandle<()> },
}

impl PlaneWork {
    /// The simulated plane, as the records left it, with its reconciler at work.
    pub async fn simulated(engine: &Engine, settings: Settings) -> Self {
        Self::of_term(Term::simulated(engine, settings, None).await)
    }

    /// The simulated plane of all nodes on the engine's store, which this node acts for when it is its turn.
    #[must_use]
    pub fn in_turns(engine: &Engine, settings: Settings, who: (&dyn Ids, &str)) -> Self {
        let (stop, stopped) = watch::channel(false);
        let side = PlaneSide::default();
        let candidate = Candidate::new((engine, settings), who, (side.clone(), stopped));
        Self { side, work: Work::InTurns { stop, taking_turns: tokio::spawn(candidate.run()) } }
    }

    /// A plane that keeps what it made by itself, with a reconciler at work.
    #[must_use]
    pub fn lasting(engine: &Engine, plane: Arc<dyn Plane>, settings: Settings) -> Self {
        Self::of_term(Term::start(plane, None, (EngineRecords::new(engine.clone(), None), settings)))
    }

    fn of_term((term, acting): (Term, Acting)) -> Self {
        let side = PlaneSide::default();
        side.put(Some(acting));
        Self { side, work: Work::Own(term) }
    }

    /// What operations reach of it: for [`App`](crate::App).
    #[must_use]
    pub fn side(&self) -> PlaneSide {
        self.side.clone()
    }

    /// Completes what the plane is doing, hands over the reports, and ends. To be called before the engine is closed.
    pub async fn stop(self) {
        match self.work {
            Work::Own(term) => term.stop().await,
            Work::InTurns { stop, taking_turns } => {
                stop.send_replace(true);
                // The task ends by itself; a panic in it was reported already.
                let _ended = taking_turns.await;
            }
        }
    }
}

/// A reconciler and the tasks it needs, for as long as this node acts for the plane.
pub(crate) struct Term {
    handle: Handle,
    reconciling: JoinHandle<()>,
    hinting: JoinHandle<()>,
    testing: JoinHandle<()>,
    checking: JoinHandle<()>,
}

impl Term {
    /// Acts for the simulated plane, as the records left it.
    pub(crate) async fn simulated(engine: &Engine, settings: Settings, fence: Option<Fence>) -> (Self, Acting) {
        let records = EngineRecords::new(engine.clone(), fence);
        let reader = Arc::clone(&records);
        let resumed = tokio::task::spawn_blocking(move || SimulatedPlane::resume(reader.as_ref())).await;
        // Reading can only fail by a panic; an empty plane is then filled by the first full pass.
        let plane = resumed.unwrap_or_default();
        Self::start(Arc::new(plane.clone()), Some(plane), (records, settings))
    }

    fn start(
        plane: Arc<dyn Plane>,
        simulated: Option<SimulatedPlane>,
        (records, settings): (Arc<EngineRecords>, Settings),
    ) -> (Self, Acting) {
        let hinting = tokio::spawn(Arc::clone(&records).pass_on_hints());
        let (engine, reach) = (records.engine(), records.reach());
        let (reconciler, handle) = Reconciler::new(plane, Arc::clone(&records) as Arc<_>, settings);
        let testing = tokio::spawn(Tester::new(records, handle.clone()).run());
        let checking = tokio::spawn(reach.clone().run(engine, handle.clone()));
        let reconciling = tokio::spawn(async move {
            if let Err(deposed) = reconciler.run().await {
                tracing::error!(%deposed, "the plane is no longer kept in line with the records");
            }
        });
        let acting = Acting { reconciler: handle.clone(), simulated, reach };
        (Self { handle, reconciling, hinting, testing, checking }, acting)
    }

    /// Waits until the reconciler has ended, which it does by itself only when it is told of a successor.
    pub(crate) async fn ended(&mut self) {
        // A panic in it was reported already.
        let _ended = (&mut self.reconciling).await;
    }

    /// Completes what the plane is doing, hands over the reports, and ends.
    pub(crate) async fn stop(self) {
        // A test that is cut short has no result yet, and is made by whoever acts for the plane next.
        self.testing.abort();
        self.checking.abort();
        self.handle.stop();
        // The task ends by itself; a panic in it was reported already.
        let _ended = self.reconciling.await;
        self.hinting.abort();
    }

    /// Ends at once: somebody else may act already.
    pub(crate) fn abort(self) {
        [self.reconciling, self.testing, self.checking, self.hinting].iter().for_each(JoinHandle::abort);
    }
}

#[cfg(test)]
#[path = "plane_work_tests.rs"]
mod tests;
