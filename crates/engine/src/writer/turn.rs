use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use linkspan_model::UnixMillis;
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{error, warn};

use super::batch::Draft;
use super::following::Follow;
use super::options::Counters;
use super::{Job, Origin, PeerHint, Shared};
use crate::command::{Reply, Request, SystemCommand};
use crate::decide::{Context, decide};
use crate::refusal::Refusal;
use crate::state::State;
use crate::store::{Batch, CommitError, CommitId, Head};
use crate::writer::catch_up::{Catching, Caught, catch_up};

type Answer = Result<Reply, Refusal>;

/// The writer's side of an engine.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    callers: mpsc::Receiver<Job>,
    node: mpsc::Receiver<Job>,
    follows: mpsc::Receiver<Follow>,
    /// Whether the store may hold commits that the published state knows nothing of: a commit whose end nobody saw.
    is_behind: bool,
}

/// How a commit ended.
enum End {
    /// Durable: the new head.
    Committed(Head),
    /// Not made; the answer for everyone in the batch.
    Refused(Refusal),
    /// Somebody else was faster: what the state is now. Decide again.
    Again(Caught),
    /// Nobody knows; everyone in the batch is told so.
    Open,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        (callers, node): (mpsc::Receiver<Job>, mpsc::Receiver<Job>),
        follows: mpsc::Receiver<Follow>,
    ) -> Self {
        Self { shared, callers, node, follows, is_behind: false }
    }

    /// Works until it is told to close and nothing waits any more, or until the store proves damaged.
    pub(crate) async fn run(mut self, mut closing: watch::Receiver<bool>) {
        let mut housekeeping = tokio::time::interval(self.shared.options.housekeeping_period);
        housekeeping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self.shared.healthy.load(Ordering::Acquire) {
            let first = tokio::select! {
                biased;
                Some(follow) = self.follows.recv() => {
                    self.follow(follow).await;
                    continue;
                }
                // None: every handle to the engine is gone.
                job = self.callers.recv() => job,
                Some(job) = self.node.recv() => Some(job),
                _ = housekeeping.tick() => Some(self.housekeeping()),
                _ = closing.wait_for(|closing| *closing) => None,
            };
            let Some(first) = first else { break };
            let jobs = self.waiting(first);
            self.turn(jobs).await;
        }
        self.callers.close();
        self.node.close();
        while let Ok(job) = self.callers.try_recv().or_else(|_| self.node.try_recv()) {
            let jobs = self.waiting(job);
            self.turn(jobs).await;
        }
        self.shared.healthy.store(false, Ordering::Release);
    }

    /// The first job and what waits behind it: callers' commands before the node's own.
    fn waiting(&mut self, first: Job) -> Vec<Job> {
        let mut jobs = vec![first];
        for queue in [&mut self.callers, &mut self.node] {
            while jobs.len() < self.shared.options.batch_commands {
                let Ok(job) = queue.try_recv() else { break };
                jobs.push(job);
            }
        }
        for job in &jobs {
            // Housekeeping never waited in a queue and weighs nothing.
            self.shared.queued_bytes.fetch_sub(job.weight, Ordering::AcqRel);
        }
        jobs
    }

    fn housekeeping(&self) -> Job {
        let (reply, _) = oneshot::channel();
        let request = Request::System(SystemCommand::Housekeeping);
        Job { request, origin: Origin::default(), weight: 0, since: Instant::now(), reply }
    }

    /// Decides the jobs, commits what they change, publishes it, and answers.
    async fn turn(&mut self, jobs: Vec<Job>) {
        // Nothing more is written to a damaged store, and nothing is decided on a state that may be an old one.
        if !self.shared.healthy.load(Ordering::Acquire) || (self.is_behind && !self.catch_up().await) {
            return refuse(jobs, &Refusal::Unavailable);
        }
        let mut state = State::clone(&self.shared.view.load());
        loop {
            let (draft, answers) = self.decide_all(state, &jobs);
            if draft.is_empty() {
                return answer(jobs, answers);
            }
            let changed = answers.iter().filter(|answer| answer.is_ok()).count() as u64;
            let before = draft.state.head;
            let (batch, next, hints) = draft.finish(self.shared.options.ids.commit_id());
            match self.commit(&batch, before).await {
                End::Committed(head) => {
                    Counters::add(&self.shared.counters.committed_commands, changed);
                    self.publish(next, head, hints);
                    return answer(jobs, answers);
                }
                End::Refused(refusal) => return refuse(jobs, &refusal),
                End::Open => {
                    self.is_behind = true;
                    return refuse(jobs, &Refusal::Unavailable);
                }
                End::Again(caught) => {
                    state = State::clone(&caught.state);
                    self.take_over(caught);
                }
            }
        }
    }

    fn decide_all(&self, state: State, jobs: &[Job]) -> (Draft, Vec<Answer>) {
        let options = &self.shared.options;
        let now = options.clock.now();
        let context = Context { now, ids: options.ids.as_ref(), rules: &options.rules };
        let mut draft = Draft::new(state);
        let answers = jobs.iter().map(|job| self.decide_one(&mut draft, job, &context)).collect();
        (draft, answers)
    }

    fn decide_one(&self, draft: &mut Draft, job: &Job, context: &Context<'_>) -> Answer {
        if job.since.elapsed() > self.shared.options.longest_wait {
            return Err(Refusal::Overloaded);
        }
        let decision = decide(&draft.state, &job.request, context);
        match decision {
            Ok(decision) => {
                draft.take(&decision);
                let changes = !decision.changes.is_empty();
                if let Some(note) = decision.audit.filter(|_| changes) {
                    draft.note(&note, (&job.request, &job.origin), context.now);
                }
                Ok(decision.reply)
            }
            Err(refusal) => {
                Counters::add(&self.shared.counters.refused_commands, 1);
                Err(refusal)
            }
        }
    }

    async fn commit(&self, batch: &Batch, before: Head) -> End {
        let counters = &self.shared.counters;
        let started = Instant::now();
        let result = self.shared.store.commit(batch, &before).await;
        Counters::add(&counters.commit_micros, u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
        match result {
            Ok(head) => {
                Counters::add(&counters.commits, 1);
                End::Committed(head)
            }
            Err(CommitError::HeadMoved(_)) => self.after(batch, false).await,
            Err(CommitError::InDoubt(why)) => {
                Counters::add(&counters.doubts, 1);
                warn!(%why, "a commit is in doubt, reading back");
                self.after(batch, true).await
            }
            Err(CommitError::Refused(why)) => {
                Counters::add(&counters.failures, 1);
                error!(%why, "a commit was refused");
                End::Refused(Refusal::Unavailable)
            }
            Err(CommitError::Full(why)) => {
                Counters::add(&counters.failures, 1);
                error!(%why, "the disk is full: changes are refused, reads go on");
                End::Refused(Refusal::StorageFull)
            }
            Err(CommitError::Damaged(why)) => {
                error!(%why, "the store is damaged: no more changes are made");
                self.shared.healthy.store(false, Ordering::Release);
                End::Refused(Refusal::Unavailable)
            }
        }
    }

    /// How a commit ended that was not acknowledged; `in_doubt` if it may have been made nevertheless.
    async fn after(&self, batch: &Batch, in_doubt: bool) -> End {
        match self.look_back(batch.commit_id).await {
            Some(Catching::Ours(head)) => End::Committed(head),
            Some(Catching::Moved(caught)) => End::Again(caught),
            Some(Catching::Unknown(caught)) if !in_doubt => End::Again(caught),
            // Published here, so that the answers are sent with the change in view.
            Some(Catching::OursAmongOthers(caught)) => End::Committed(self.take_over(caught)),
            // Deciding again could do it twice. What is stored is known all the same.
            Some(Catching::Unknown(caught)) => {
                self.take_over(caught);
                End::Open
            }
            None => End::Open,
        }
    }

    /// Reads what was committed since the published state and looks for a commit in it. Those who wait are not kept
    /// longer than the deadline: none if the store does not say by then.
    async fn look_back(&self, ours: CommitId) -> Option<Catching> {
        let options = &self.shared.options;
        let deadline = Instant::now() + options.doubt_deadline;
        let mut pause = Duration::from_millis(5);
        loop {
            let caught = self.look_back_once(ours).await;
            let is_final = !self.shared.healthy.load(Ordering::Acquire);
            if caught.is_some() || is_final || Instant::now() >= deadline {
                return caught;
            }
            let wait = pause.min(deadline.saturating_duration_since(Instant::now()));
            let _elapsed = tokio::time::timeout(wait, std::future::pending::<()>()).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    async fn look_back_once(&self, ours: CommitId) -> Option<Catching> {
        let state = self.shared.view.load_full();
        match catch_up(&self.shared, &state, ours).await {
            Ok(caught) => return Some(caught),
            Err(why) if why.is_final() => {
                error!(%why, "the store can't be read: no more changes are made");
                self.shared.healthy.store(false, Ordering::Release);
            }
            Err(why) => warn!(%why, "the store does not say what was committed"),
        }
        None
    }

    /// Publishes what is stored, whoever wrote it; false if the store does not say.
    async fn catch_up(&mut self) -> bool {
        // Whoever waited for the commit that is left open has been answered, so it is one of the others now.
        let caught = self.look_back(self.shared.options.ids.commit_id()).await;
        self.caught_up(caught)
    }

    /// Publishes what is stored if the head that was seen is not published yet. Whoever waits for it may ask again, so
    /// the store is asked once. If what it says then does not lead to that head, two servers may pass for one, and nobody
    /// knows which of them is old.
    async fn follow(&mut self, follow: Follow) {
        let is_known = |writer: &Self| follow.is_covered_by(writer.shared.view.load().head());
        let done = is_known(self) || {
            let caught = self.look_back_once(self.shared.options.ids.commit_id()).await;
            self.caught_up(caught) && is_known(self)
        };
        // Whoever asked may have gone away.
        let _unheard = follow.done.send(done);
    }

    fn caught_up(&mut self, caught: Option<Catching>) -> bool {
        let Some(caught) = caught else { return false };
        caught.into_caught().map(|caught| self.take_over(caught));
        self.is_behind = false;
        true
    }

    fn take_over(&self, caught: Caught) -> Head {
        let head = *caught.state.head();
        self.publish(*caught.state, head, caught.hints);
        head
    }

    fn publish(&self, mut state: State, head: Head, hints: Vec<PeerHint>) {
        // Nobody else publishes, so another head is a newer one, or that of a store that has lost commits.
        if self.shared.view.load().head().is_at(&head) {
            return;
        }
        state.set_head(head);
        self.shared.view.store(Arc::new(state));
        self.shared.revision.send_replace(head.revision);
        self.shared.hints.add(hints);
    }
}

fn refuse(jobs: Vec<Job>, refusal: &Refusal) {
    let all = jobs.iter().map(|_| Err(refusal.clone())).collect();
    answer(jobs, all);
}

fn answer(jobs: Vec<Job>, answers: Vec<Answer>) {
    for (job, answer) in jobs.into_iter().zip(answers) {
        // Whoever asked may have gone away; the change stands all the same.
        let _unheard = job.reply.send(answer);
    }
}

impl State {
    pub(crate) fn set_head(&mut self, head: Head) {
        self.head = head;
    }

    pub(crate) fn last_create_time(&self) -> UnixMillis {
        self.last.millis().max(self.head.create_time)
    }
}
