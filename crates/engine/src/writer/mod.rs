//! The writer: one thread that takes what is waiting, decides it all on one copy of the state, commits it as one
//! transaction, publishes the copy, and answers.
//!
//! It must answer nothing before the commit is durable, and must decide nothing while a commit is in doubt.

mod batch;
mod catch_up;
mod following;
mod hints;
mod loading;
mod options;
mod turn;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use linkspan_model::ProjectId;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

pub use hints::PeerHint;
pub use loading::ReadError;
pub use options::{Following, OpenError, Options, Origin, Reads, Stats};

use crate::command::{Command, Reply, Request};
use crate::decide::{Context, Rehearsal, Rules, rehearse};
use crate::refusal::Refusal;
use crate::scope::{AdminScope, Scope};
use crate::state::State;
use crate::store::{Lease, LeaseAsk, Loc, Store, StoreError, StoredAudit};
use following::{Follower, Freshness, MOST_READERS, Waiter};
use hints::HintBox;
use loading::load;
use options::Counters;
use turn::Writer;

/// A request that waits for the writer.
pub(crate) struct Job {
    request: Request,
    origin: Origin,
    weight: usize,
    since: Instant,
    reply: oneshot::Sender<Result<Reply, Refusal>>,
}

/// What the writer shares with everyone else.
pub(crate) struct Shared {
    view: ArcSwap<State>,
    store: Arc<dyn Store>,
    revision: watch::Sender<u64>,
    hints: HintBox,
    queued_bytes: AtomicUsize,
    counters: Counters,
    healthy: AtomicBool,
    is_reloading: AtomicBool,
    freshness: Freshness,
    options: Options,
}

/// The engine. Clones are handles to the same one.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    callers: mpsc::Sender<Job>,
    node: mpsc::Sender<Job>,
    readers: mpsc::Sender<Waiter>,
    closed: watch::Receiver<bool>,
    close: Arc<watch::Sender<bool>>,
}

impl Engine {
    /// Loads the store and starts the writer.
    ///
    /// # Errors
    /// The store does not answer, is damaged, or is of a newer release.
    pub async fn open(store: Arc<dyn Store>, options: Options) -> Result<Self, OpenError> {
        let state = load(store.as_ref(), options.render).await?;
        let (revision, _) = watch::channel(state.head().revision);
        let (callers, from_callers) = mpsc::channel(options.queue_commands);
        let (node, from_node) = mpsc::channel(options.queue_commands);
        let (readers, from_readers) = mpsc::channel(MOST_READERS);
        let (follows, to_follow) = mpsc::channel(1);
        let (close, closing) = watch::channel(false);
        let (ended, closed) = watch::channel(false);
        let shared = Arc::new(Shared {
            view: ArcSwap::from_pointee(state),
            store,
            revision,
            hints: HintBox::default(),
            queued_bytes: AtomicUsize::new(0),
            counters: Counters::default(),
            healthy: AtomicBool::new(true),
            is_reloading: AtomicBool::new(false),
            freshness: Freshness::new(),
            options,
        });
        if let Some(following) = shared.options.following {
            let follower = Follower { shared: Arc::clone(&shared), following, waiting: from_readers, writer: follows };
            tokio::spawn(follower.run(closing.clone()));
        }
        let writer = Writer::new(Arc::clone(&shared), (from_callers, from_node), to_follow);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(OpenError::Thread)?;
        std::thread::Builder::new()
            .name("linkspan-writer".into())
            .spawn(move || {
                runtime.block_on(writer.run(closing));
                ended.send_replace(true);
            })
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, callers, node, readers, closed, close: Arc::new(close) })
    }

    /// The state as it was last published. Holding it holds that instant.
    #[must_use]
    pub fn view(&self) -> arc_swap::Guard<Arc<State>> {
        self.shared.view.load()
    }

    /// The limits and choices that it decides by.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.shared.options.rules
    }

    /// The revision that is published; changes with every commit. Wait on it for a predicate of the view to come true.
    #[must_use]
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.shared.revision.subscribe()
    }

    /// Peers whose desired state may have changed since the last call; waits until there are some. One caller at a time.
    pub async fn peer_hints(&self) -> Vec<PeerHint> {
        self.shared.hints.take().await
    }

    /// Carries out a request; the answer comes once its changes are durable and visible.
    ///
    /// # Errors
    /// What `decide` refuses; [`Refusal::Overloaded`] when too much waits; [`Refusal::Unavailable`] when the store does
    /// not answer in time: the change may then still be made, once.
    pub async fn submit(&self, request: Request, origin: Origin) -> Result<Reply, Refusal> {
        let shared = &self.shared;
        if !shared.healthy.load(Ordering::Acquire) {
            return Err(Refusal::Unavailable);
        }
        let weight = request.weight();
        if shared.queued_bytes.fetch_add(weight, Ordering::AcqRel) + weight > shared.options.queue_bytes {
            shared.queued_bytes.fetch_sub(weight, Ordering::AcqRel);
            return Err(Refusal::Overloaded);
        }
        let queue = if matches!(request, Request::System(_)) { &self.node } else { &self.callers };
        let (reply, answer) = oneshot::channel();
        let job = Job { request, origin, weight, since: Instant::now(), reply };
        if let Err(unsent) = queue.try_send(job) {
            shared.queued_bytes.fetch_sub(weight, Ordering::AcqRel);
            return Err(match unsent {
                mpsc::error::TrySendError::Full(_) => Refusal::Overloaded,
                mpsc::error::TrySendError::Closed(_) => Refusal::Unavailable,
            });
        }
        let heard = match shared.options.following {
            Some(following) => timeout(following.answer_within, answer).await.ok(),
            None => Some(answer.await),
        };
        heard.and_then(Result::ok).unwrap_or(Err(Refusal::Unavailable))
    }

    /// Decides a command on the published state as if it were given, and changes nothing.
    ///
    /// # Errors
    /// What `decide` would refuse.
    pub fn rehearse(&self, scope: &Scope, command: &Command) -> Result<Rehearsal, Refusal> {
        let options = &self.shared.options;
        let context = Context { now: options.clock.now(), ids: options.ids.as_ref(), rules: &options.rules };
        rehearse(&self.view(), (scope, command), &context)
    }

    /// At most `limit` audit events of the scope's project, newest first, older than `before`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn audit(
        &self,
        scope: &Scope,
        before: Option<Loc>,
        limit: usize,
    ) -> Result<Vec<StoredAudit>, StoreError> {
        self.read_audit(Some(scope.project().clone()), before, limit).await
    }

    /// At most `limit` audit events of the administration, newest first, older than `before`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn admin_audit(
        &self,
        _scope: &AdminScope,
        before: Option<Loc>,
        limit: usize,
    ) -> Result<Vec<StoredAudit>, StoreError> {
        self.read_audit(None, before, limit).await
    }

    async fn read_audit(
        &self,
        project: Option<ProjectId>,
        before: Option<Loc>,
        limit: usize,
    ) -> Result<Vec<StoredAudit>, StoreError> {
        self.shared.store.audit(project, before, limit).await
    }

    /// Takes, keeps or gives back a lease of the store, and answers how it stands then.
    ///
    /// # Errors
    /// The store does not answer, or has none.
    pub async fn lease(&self, ask: &LeaseAsk) -> Result<Lease, StoreError> {
        self.shared.store.lease(ask).await
    }

    /// Whether the store answers, as soon as it has to for reads, what it holds is in view, and the writer works.
    pub async fn is_ready(&self) -> bool {
        let works = self.shared.healthy.load(Ordering::Acquire) && !self.shared.is_reloading.load(Ordering::Acquire);
        let head = self.shared.store.head();
        works
            && match self.shared.options.following {
                Some(following) => timeout(following.within, head).await.is_ok_and(|head| head.is_ok()),
                None => head.await.is_ok(),
            }
    }

    /// Makes sure that the view is what a read that begins now may rely on, and answers how old it may be where that is
    /// not certain. Without other nodes there is nothing to do.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] if it can't be made sure in time; [`Refusal::Overloaded`] if too many wait for it.
    pub async fn freshen(&self) -> Result<Option<Duration>, Refusal> {
        let Some(following) = self.shared.options.following else { return Ok(None) };
        match following.reads {
            Reads::Strong => self.freshen_for_change().await.map(|()| None),
            Reads::Eventual { at_most } => {
                let age = self.shared.freshness.age();
                if age <= at_most { Ok(Some(age)) } else { Err(Refusal::Unavailable) }
            }
        }
    }

    /// Makes sure that the view is what a change may be decided on: all that was stored when this was called, whatever
    /// reads may miss. What is refused or finds nothing to do never meets the store, which would tell what is missing.
    ///
    /// # Errors
    /// As [`Self::freshen`].
    pub async fn freshen_for_change(&self) -> Result<(), Refusal> {
        let Some(following) = self.shared.options.following else { return Ok(()) };
        following::wait(&self.readers, following.within).await
    }

    /// How long ago the view was last known to be all that is stored; none where nobody else writes.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.shared.options.following.map(|_| self.shared.freshness.age())
    }

    /// What the writer has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.counters.read(self.shared.queued_bytes.load(Ordering::Relaxed))
    }

    /// Takes no more requests, carries out those that wait, and ends the writer.
    pub async fn close(&self) {
        self.close.send_replace(true);
        let mut closed = self.closed.clone();
        // An error means that the writer's thread is gone, which is what is waited for.
        let _ended = closed.wait_for(|ended| *ended).await;
    }
}
