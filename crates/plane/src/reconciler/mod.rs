//! The reconciler: makes the plane what the records want, and tells the records what came of it.
//!
//! It is level-triggered. Hints and a periodic full pass only say which keys to look at; what to do is read from the
//! records at the moment it is done, so a hint may be lost, doubled or late, and a crash anywhere is mended by the next
//! pass. One task owns all its state; what takes time (calls to the plane, reports, the reading of a full pass) are
//! futures beside it.
//!
//! Invariants: a key is worked on by at most one future at a time, until its report is accepted; an addition waits for
//! every removal it knows of that shares a CIDR, and for its queue's network; keys at rest cost no memory; an outcome
//! that the records hold already is not reported again; removals are never reported as failed.
//!
//! It must not decide why a peer cannot be made, nor enforce deadlines: both belong to the engine.
//!
//! To add one more kind of key: a variant of `Key`, its preparation in `prepare.rs`, its end in `outcome.rs`.

mod backoff;
mod gate;
mod handle;
mod impossible;
mod networks;
mod outcome;
mod pass;
mod prepare;
mod queue;
mod reports;

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use self::gate::Gate;
use self::handle::{Refresh, Shared};
use self::impossible::Impossible;
use self::networks::Networks;
use self::outcome::Done;
use self::pass::Passes;
use self::queue::{Cause, Key, Queue};
use self::reports::Reports;
use crate::driver::{DriftHint, Plane};
use crate::records::{Hint, Hints, Records};
use crate::spec::SourceRef;

pub use self::handle::{Handle, Progress, Stats};

/// How the reconciler paces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Batches of changes that the plane works on at once.
    pub parallel: usize,
    /// How often everything is compared with everything, hints or not.
    pub full_pass_every: Duration,
    /// How long one call to the plane may take.
    pub call_limit: Duration,
    /// How long to wait for a change to be in force before it is looked at again.
    pub settle_limit: Duration,
    /// The pause after a first failure; it doubles with each further one.
    pub backoff_first: Duration,
    /// The longest pause.
    pub backoff_most: Duration,
    /// How long to wait for the plane and the records when told to stop.
    pub stop_limit: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            parallel: 16,
            full_pass_every: Duration::from_secs(300),
            call_limit: Duration::from_secs(30),
            settle_limit: Duration::from_secs(5),
            backoff_first: Duration::from_millis(100),
            backoff_most: Duration::from_secs(60),
            stop_limit: Duration::from_secs(5),
        }
    }
}

/// The reconciler ended because another one acts for its plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another reconciler acts for this plane")]
pub struct Deposed;

/// Beyond so many unreported outcomes no new work is begun.
const UNREPORTED_MOST: usize = 4096;
/// After so many events in a row other tasks get their turn.
const EVENTS_PER_TURN: usize = 64;

/// Keeps one plane in line with the records. See the module's documentation.
pub struct Reconciler {
    plane: Arc<dyn Plane>,
    records: Arc<dyn Records>,
    settings: Settings,
    queue: Queue,
    gate: Gate,
    networks: Networks,
    impossible: Impossible,
    reports: Reports,
    passes: Passes,
    running: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Batches under way.
    applying: usize,
    /// Waits for changes to be in force under way.
    settling: usize,
    waiting_for_hosts: HashMap<SourceRef, Vec<oneshot::Sender<()>>>,
    shared: Arc<Shared>,
    hints: Arc<Hints>,
    drift: BoxStream<'static, DriftHint>,
    refreshes: mpsc::Receiver<Refresh>,
    stop: watch::Receiver<bool>,
    /// When to end at the latest, once told to stop.
    ends: Option<Instant>,
}

enum Event {
    Hints(VecDeque<Hint>),
    Drift(DriftHint),
    Done(Done),
    Refresh(Refresh),
    Stop,
    /// The time of something has come, or there is more to begin.
    Go,
}

impl Reconciler {
    /// A reconciler that has not begun, and the handle to it. It begins with a full pass.
    #[must_use]
    pub fn new(plane: Arc<dyn Plane>, records: Arc<dyn Records>, settings: Settings) -> (Self, Handle) {
        let shared = Arc::new(Shared::default());
        let (refresh_sender, refreshes) = mpsc::channel(64);
        let (stop_sender, stop) = watch::channel(false);
        let handle = Handle {
            plane: plane.clone(),
            shared: shared.clone(),
            refreshes: refresh_sender,
            stop: Arc::new(stop_sender),
        };
        let reconciler = Self {
            hints: records.hints(),
            drift: plane.watch(),
            plane,
            records,
            settings,
            queue: Queue::default(),
            gate: Gate::default(),
            networks: Networks::default(),
            impossible: Impossible::default(),
            reports: Reports::default(),
            passes: Passes::new(Instant::now()),
            running: FuturesUnordered::new(),
            applying: 0,
            settling: 0,
            waiting_for_hosts: HashMap::new(),
            shared,
            refreshes,
            stop,
            ends: None,
        };
        (reconciler, handle)
    }

    /// Works until [`Handle::stop`]. Dropping the future ends it at once; what is half done then is mended by the next
    /// reconciler.
    ///
    /// # Errors
    /// [`Deposed`] if the records say that another reconciler acts by now.
    pub async fn run(mut self) -> Result<(), Deposed> {
        let mut events = 0;
        loop {
            self.begin();
            if self.has_ended() {
                return Ok(());
            }
            let event = self.next_event().await;
            self.handle(event)?;
            events = (events + 1) % EVENTS_PER_TURN;
            if events == 0 {
                yield_now().await;
            }
        }
    }

    /// Begins whatever can be begun.
    fn begin(&mut self) {
        let now = Instant::now();
        self.queue.come_due(now);
        if self.ends.is_none() {
            self.begin_pass(now);
            self.recheck_impossible(now);
            self.begin_batches();
        }
        self.begin_report(now);
        self.shared.stats().busy = self.queue.len();
    }

    fn has_ended(&self) -> bool {
        let idle = self.applying == 0 && self.reports.is_empty();
        self.ends.is_some_and(|ends| idle || ends <= Instant::now())
    }

    /// Whether a batch can be begun now.
    fn has_room(&self) -> bool {
        let free = self.applying < self.settings.parallel && self.reports.len() < UNREPORTED_MOST;
        free && self.ends.is_none() && !self.passes.is_blind()
    }

    async fn next_event(&mut self) -> Event {
        let pass = self.passes.next_due().filter(|_| self.ends.is_none());
        let recheck = self.impossible.next_due(Instant::now()).filter(|_| self.ends.is_none());
        let times = [self.queue.next_due(), self.reports.next_due(), pass, recheck, self.ends];
        let due = times.into_iter().flatten().min();
        let blind = self.passes.is_blind();
        let more = self.queue.has_ready() && self.has_room();
        let Self { running, hints, drift, refreshes, stop, .. } = self;
        let timer = async {
            match due {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        // In this order, so that a run can be repeated, and news is not kept waiting by the work it may change.
        tokio::select! {
            biased;
            Ok(()) = stop.changed() => Event::Stop,
            // Left in their mailbox, in order, until the removals they may come after are known.
            hints = hints.take(), if !blind => Event::Hints(hints),
            Some(hint) = drift.next() => Event::Drift(hint),
            Some(refresh) = refreshes.recv() => Event::Refresh(refresh),
            Some(done) = running.next() => Event::Done(done),
            () = timer => Event::Go,
            () = yield_now(), if more => Event::Go,
        }
    }

    fn handle(&mut self, event: Event) -> Result<(), Deposed> {
        match event {
            Event::Hints(hints) => hints.into_iter().for_each(|hint| self.take_hint(hint)),
            Event::Drift(DriftHint::Peer(peer)) => self.touch_peer(peer),
            Event::Drift(DriftHint::Resync) => self.passes.request(Instant::now()),
            Event::Refresh(Refresh { source, done }) => {
                self.queue.touch(Key::Hosts(Arc::new(source.clone())), Cause::Urgent);
                self.waiting_for_hosts.entry(source).or_default().push(done);
            }
            Event::Stop => {
                self.ends.get_or_insert_with(|| Instant::now() + self.settings.stop_limit);
            }
            Event::Go => {}
            Event::Done(done) => return self.finish(done),
        }
        Ok(())
    }

    fn take_hint(&mut self, hint: Hint) {
        match hint {
            Hint::Peer(peer) => self.touch_peer(peer),
            Hint::Hosts(source) => self.queue.touch(Key::Hosts(Arc::new(source)), Cause::Change),
            Hint::Resync => self.passes.lost_sight(Instant::now()),
        }
    }
}

impl std::fmt::Debug for Reconciler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reconciler").field("busy", &self.queue.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
