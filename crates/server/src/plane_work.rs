//! The plane at work beside the server: its reconciler, its connectivity tests, and what operations may ask of them.
//!
//! Invariants: one reconciler acts for the plane of a process, and where nodes share records, for each part of the plane;
//! it ends before the engine does, so that what it found is on record.
//!
//! To add a plane: a [`Part`] and how its work begins.

use std::sync::Arc;

use linkspan_engine::command::Fence;
use linkspan_engine::store::StoreError;
use linkspan_engine::{Engine, Ids, PlaneScope};
use linkspan_model::NodeName;
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

/// What there is to act for.
#[derive(Clone)]
pub enum Part {
    /// The simulated plane, made of the records when the work begins.
    Simulated,
    /// The networks of a host, which stay as they are when nobody works on them, and the name of its node.
    Host(Arc<dyn Plane>, NodeName),
}

impl Part {
    /// What nobody else may act for meanwhile.
    #[must_use]
    pub fn scope(&self) -> PlaneScope {
        match self {
            Self::Simulated => PlaneScope::Simulated,
            Self::Host(_, node) => PlaneScope::Host(node.clone()),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Host(..) => "linux",
        }
    }
}

/// Why a node can't take turns with the others.
#[derive(Debug, thiserror::Error)]
pub enum NoTurn {
    /// One that is at work has another kind of plane.
    #[error(
        "node {node} serves this database with another plane than this one's ({kind}), and each would undo what the other \
         does: all nodes of a database have the same plane"
    )]
    Another {
        /// The plane of this node.
        kind: &'static str,
        /// The node that is at work.
        node: Box<str>,
    },
    /// The store does not say who is at work.
    #[error("the database does not say who acts for the plane: {0}")]
    Store(#[from] StoreError),
}

enum Work {
    Own(Term),
    InTurns { stop: watch::Sender<bool>, taking_turns: JoinHandle<()> },
}

impl PlaneWork {
    /// A plane of this process alone, with its reconciler at work.
    pub async fn alone(engine: &Engine, (settings, part): (Settings, Part)) -> Self {
        let (term, acting) = Term::begin(engine, (settings, &part), None).await;
        let side = PlaneSide::default();
        side.put(Some(acting));
        Self { side, work: Work::Own(term) }
    }

    /// A part of the plane of all nodes on the engine's store, which this node acts for when it is its turn.
    ///
    /// # Errors
    /// Another node acts for a plane of another kind, or the store does not say.
    pub async fn in_turns(
        engine: &Engine,
        (settings, part): (Settings, Part),
        who: (&dyn Ids, &str),
    ) -> Result<Self, NoTurn> {
        let (stop, stopped) = watch::channel(false);
        let side = PlaneSide::in_turns(part.scope());
        let kind = part.kind();
        let candidate = Candidate::new((engine, settings, part), who, (side.clone(), stopped));
        if let Some(other) = candidate.against().await? {
            return Err(NoTurn::Another { kind, node: other.name });
        }
        Ok(Self { side, work: Work::InTurns { stop, taking_turns: tokio::spawn(candidate.run()) } })
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
    /// Acts for a part of the plane: all of it, if there is no lease.
    pub(crate) async fn begin(
        engine: &Engine,
        (settings, part): (Settings, &Part),
        fence: Option<Fence>,
    ) -> (Self, Acting) {
        let generation = fence.as_ref().map_or(0, |fence| fence.generation);
        let term = linkspan_plane::Term { epoch: engine.view().head().epoch, generation };
        let records = EngineRecords::new(engine.clone(), fence);
        match part {
            Part::Simulated => {
                let reader = Arc::clone(&records);
                let resumed = tokio::task::spawn_blocking(move || SimulatedPlane::resume(reader.as_ref())).await;
                // Reading can only fail by a panic; an empty plane is then filled by the first full pass.
                let plane = resumed.unwrap_or_default();
                Self::start(Arc::new(plane.clone()), Some(plane), (records, settings))
            }
            Part::Host(plane, _) => {
                plane.begin_term(term);
                Self::start(Arc::clone(plane), None, (records, settings))
            }
        }
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
