//! Taking turns: of the nodes on one database one acts for the plane, as long as it keeps a lease.
//!
//! Invariants: a node acts only after its succession is on record, and ends by its own clock before its lease can be
//! another's; what a node that was succeeded reports is refused by the engine, however long it slept.
//!
//! It must not judge time by more than one clock: the database says whether a lease has ended, and this node only how
//! long ago it asked.

use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::command::{Fence, SystemCommand};
use linkspan_engine::store::{Lease, LeaseAsk, StoreError};
use linkspan_engine::{Engine, Ids, Origin, PlaneScope, Request};
use linkspan_plane::Settings;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout_at};

use crate::plane_requests::Clerk;
use crate::plane_side::PlaneSide;
use crate::plane_work::{Part, Term};

/// How long a lease lasts that nobody keeps.
const KEEP: Duration = Duration::from_secs(5);
/// How often it is asked for or kept. A node that is gone is succeeded within this and [`KEEP`].
const EVERY: Duration = Duration::from_secs(1);

/// A node that takes its turn.
pub(crate) struct Candidate {
    engine: Engine,
    settings: Settings,
    part: Part,
    side: PlaneSide,
    holder: u128,
    name: Box<str>,
    stop: watch::Receiver<bool>,
    /// Until when the lease that is held surely is.
    until: Instant,
    /// The generation that may be on record as this node's.
    held: Option<u64>,
    /// The latest generation that was ever seen on record. A database that has lost commits may have lost it, but whoever
    /// acted under it may still be about to report.
    seen: u64,
}

/// Why a term ended.
enum Ended {
    /// The node is told to end.
    Stopped,
    /// The lease is another's by now, or may be.
    Lost,
}

impl Candidate {
    pub(crate) fn new(
        (engine, settings, part): (&Engine, Settings, Part),
        (ids, name): (&dyn Ids, &str),
        (side, stop): (PlaneSide, watch::Receiver<bool>),
    ) -> Self {
        Self {
            engine: engine.clone(),
            settings,
            part,
            side,
            holder: ids.commit_id(),
            name: name.into(),
            stop,
            until: Instant::now(),
            held: None,
            seen: 0,
        }
    }

    /// The node that acts for a plane of another kind at the moment, as that scope's lease says. Both would report
    /// about the same peers, and each undo what the other reported.
    pub(crate) async fn against(&self) -> Result<Option<Lease>, StoreError> {
        let view = Arc::clone(&self.engine.view());
        let others: Vec<PlaneScope> = match self.part.scope() {
            PlaneScope::Simulated => view.hosts().filter_map(|node| node.parse().ok()).map(PlaneScope::Host).collect(),
            PlaneScope::Host(_) => {
                view.acting(&PlaneScope::Simulated).map(|_| PlaneScope::Simulated).into_iter().collect()
            }
        };
        for scope in others {
            let after = view.acting(&scope).map_or(0, |(generation, _)| generation);
            let (scope, name) = (scope.to_string().into(), self.name.clone());
            // One that is free is taken and given back at once, which only costs a generation.
            let ask = LeaseAsk { scope, holder: self.holder, name, held: None, after, keep: Duration::ZERO };
            let lease = self.engine.lease(&ask).await?;
            if lease.holder != self.holder {
                return Ok(Some(lease));
            }
        }
        Ok(None)
    }

    /// Waits for a turn, acts, and waits again, until it is told to stop.
    pub(crate) async fn run(mut self) {
        while let Some(lease) = self.turn().await {
            tracing::info!(generation = lease.generation, "this node acts for the plane");
            match self.act(&lease).await {
                Ended::Stopped => {
                    // If it can't be given back, it ends by itself.
                    let ask = self.ask(Some(lease.generation), Duration::ZERO);
                    let _given_back = self.engine.lease(&ask).await;
                    return;
                }
                Ended::Lost => tracing::warn!(generation = lease.generation, "this node no longer acts for the plane"),
            }
        }
    }

    /// Acts as long as the lease is kept.
    async fn act(&mut self, lease: &Lease) -> Ended {
        let (engine, settings, fence, part) =
            (self.engine.clone(), self.settings, self.fence(lease), self.part.clone());
        // Many peers take a while to be read.
        let (mut term, acting) = tokio::select! {
            begun = Term::begin(&engine, (settings, &part), Some(fence.clone())) => begun,
            ended = self.keep(lease) => return ended,
        };
        self.side.put(Some(acting.clone()));
        let clerk = Clerk { engine, fence, acting, side: self.side.clone() };
        let ended = tokio::select! {
            ended = self.keep(lease) => ended,
            () = term.ended() => Ended::Lost,
            () = clerk.run() => Ended::Lost,
        };
        self.side.put(None);
        match ended {
            Ended::Stopped => term.stop().await,
            Ended::Lost => term.abort(),
        }
        ended
    }

    /// A lease that is on record as this node's; none if the node is told to stop.
    async fn turn(&mut self) -> Option<Lease> {
        let mut ticks = every();
        loop {
            tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return None,
                _ = ticks.tick() => {}
            }
            let until = Instant::now() + KEEP;
            let ask = self.ask(self.held, KEEP);
            let Ok(Ok(lease)) = timeout_at(until, self.engine.lease(&ask)).await else { continue };
            if lease.holder != self.holder {
                continue;
            }
            let succession = Request::System(SystemCommand::TakeOver(self.fence(&lease), self.name.clone()));
            // Whatever becomes of it, what is on record as this node's is asked for by name: merely to find it there would
            // not make it last any longer.
            self.held = Some(lease.generation);
            if let Ok(Ok(_)) = timeout_at(until, self.engine.submit(succession, Origin::default())).await {
                self.until = until;
                return Some(lease);
            }
            // The store may be out of reach. Or a later generation is on record, since the database has forgotten some;
            // then the next one that is asked for will be later than that.
            let ask = self.ask(self.held, Duration::ZERO);
            if self.engine.lease(&ask).await.is_ok() {
                self.held = None;
            }
        }
    }

    /// Keeps the lease; answers why it is kept no longer. It can be dropped at any time.
    async fn keep(&mut self, lease: &Lease) -> Ended {
        let (mut ticks, held) = (every(), Some(lease.generation));
        let mut stop = self.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = sleep_until(self.until) => return Ended::Lost,
                _ = stop.wait_for(|stop| *stop) => return Ended::Stopped,
                _ = ticks.tick() => {}
            }
            let (asked, ask) = (Instant::now(), self.ask(held, KEEP));
            match timeout_at(self.until, self.engine.lease(&ask)).await {
                Ok(Ok(now)) if now.holder == self.holder && Some(now.generation) == held => self.until = asked + KEEP,
                Ok(Ok(_)) | Err(_) => return Ended::Lost,
                // There is time left to ask again.
                Ok(Err(why)) => tracing::debug!(%why, "the lease on the plane can't be kept at the moment"),
            }
        }
    }

    fn ask(&mut self, held: Option<u64>, keep: Duration) -> LeaseAsk {
        let scope = self.part.scope();
        let on_record = Arc::clone(&self.engine.view()).acting(&scope).map_or(0, |(generation, _)| generation);
        self.seen = self.seen.max(on_record);
        let (scope, name) = (scope.to_string().into(), self.name.clone());
        LeaseAsk { scope, holder: self.holder, name, held, after: self.seen, keep }
    }

    fn fence(&self, lease: &Lease) -> Fence {
        Fence { scope: self.part.scope(), generation: lease.generation }
    }
}

fn every() -> tokio::time::Interval {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use linkspan_engine::{Following, Options, RandomIds, Reads, SystemClock};
    use linkspan_testkit::memory::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn a_generation_that_was_lost_is_never_given_again() {
        let store = Arc::new(MemoryStore::default());
        let mut options = Options::new(crate::render_row, Arc::new(SystemClock), Arc::new(RandomIds));
        options.following = Some(Following::new(Reads::Strong));
        let engine = Engine::open(Arc::clone(&store) as Arc<_>, options).await.unwrap();
        let (_stop, stopped) = watch::channel(false);
        let who: (&dyn Ids, &str) = (&RandomIds, "n");
        let mut candidate =
            Candidate::new((&engine, Settings::default(), Part::Simulated), who, (PlaneSide::default(), stopped));
        let past = store.past();
        for generation in [1, 2] {
            let lease = candidate.turn().await.unwrap();
            assert_eq!(lease.generation, generation);
            candidate.held = None;
            let ask = candidate.ask(Some(generation), Duration::ZERO);
            engine.lease(&ask).await.unwrap();
        }
        store.go_back(past);
        engine.freshen().await.unwrap();
        assert_eq!(engine.view().acting(&PlaneScope::Simulated), None);
        assert_eq!(candidate.turn().await.unwrap().generation, 3);
        assert_eq!(engine.view().acting(&PlaneScope::Simulated), Some((3, "n")));
    }
}
