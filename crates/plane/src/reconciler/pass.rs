use std::mem;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::FutureExt;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::outcome::Done;
use super::queue::{Cause, Key};
use super::{Reconciler, backoff};
use crate::driver::Plane;
use crate::plan::{Desired, Plan, Step, Suspects, plan};
use crate::records::Records;

/// When full passes are made, and what the last one suspected.
#[derive(Debug)]
pub(super) struct Passes {
    due: Instant,
    /// A storm of requests leaves at least half of the time to other things.
    not_before: Instant,
    began: Option<Instant>,
    suspects: Suspects,
    failures: u32,
    /// The pass that must be completed before hints mean anything.
    blind_until: u64,
    completed: u64,
    /// How many passes were begun.
    pub(super) number: u64,
}

impl Passes {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            due: now,
            not_before: now,
            began: None,
            suspects: Suspects::new(),
            failures: 0,
            blind_until: 1,
            completed: 0,
            number: 0,
        }
    }

    /// Asks for a pass soon; one that is under way does not count, because it may have read before the change.
    pub(super) fn request(&mut self, now: Instant) {
        self.due = self.due.min(now);
    }

    /// Hints were lost: until a pass that begins from now on is completed, nothing may be made, because removals that must
    /// come first may be unknown.
    pub(super) fn lost_sight(&mut self, now: Instant) {
        self.request(now);
        self.blind_until = self.number + 1;
    }

    /// Whether removals may be unknown.
    pub(super) fn is_blind(&self) -> bool {
        self.completed < self.blind_until
    }

    /// When the next one is to begin; none while one is under way.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let due = self.due.max(self.not_before);
        self.began.is_none().then_some(due)
    }

    fn begin(&mut self, now: Instant, next: Duration) -> Suspects {
        self.began = Some(now);
        self.due = now + next;
        self.number += 1;
        mem::take(&mut self.suspects)
    }

    fn end(&mut self, now: Instant) {
        let took = self.began.take().map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        self.not_before = now + took;
    }
}

/// Reads the plane, then the records: what was made in between is wanted and not suspected.
async fn compare(plane: Arc<dyn Plane>, records: Arc<dyn Records>, suspects: Suspects) -> Result<Plan, Box<str>> {
    let observed = plane.list().await.map_err(|error| error.to_string())?;
    let compared = spawn_blocking(move || {
        let mut desired = Desired::default();
        records.for_each_peer(&mut |peer| desired.add(&peer));
        plan(desired, observed, &suspects)
    });
    compared.await.map_err(|error| format!("the comparison was cut short: {error}").into())
}

impl Reconciler {
    pub(super) fn begin_pass(&mut self, now: Instant) {
        if self.passes.next_due().is_none_or(|due| due > now) {
            return;
        }
        let suspects = self.passes.begin(now, self.settings.full_pass_every);
        let comparison = compare(self.plane.clone(), self.records.clone(), suspects);
        // Everything takes longer than anything.
        let limit = self.settings.call_limit * 10;
        let pass = async move {
            match timeout(limit, comparison).await {
                Ok(plan) => Done::Compared(plan),
                Err(_) => Done::Compared(Err("reading the plane took too long".into())),
            }
        };
        self.running.push(pass.boxed());
    }

    pub(super) fn finish_pass(&mut self, compared: Result<Plan, Box<str>>) {
        let now = Instant::now();
        self.passes.end(now);
        match compared {
            Ok(plan) => {
                self.passes.failures = 0;
                self.passes.completed = self.passes.number;
                self.passes.suspects = plan.suspects;
                self.shared.stats().passes += 1;
                tracing::debug!(pass = self.passes.number, steps = plan.steps.len(), "compared plane and records");
                plan.impossible.into_iter().for_each(|peer| self.impossible.add(peer));
                plan.steps.into_iter().for_each(|step| self.take_step(step));
                self.networks.prune(self.passes.number);
            }
            Err(why) => {
                // What was suspected is forgotten: two sightings begin anew.
                let pause = backoff::delay(&self.settings, self.passes.failures, &"pass");
                self.passes.failures = self.passes.failures.saturating_add(1);
                self.passes.due = self.passes.due.min(now + pause);
                self.passes.not_before = self.passes.not_before.max(now + pause);
                self.shared.stats().passes_failed += 1;
                tracing::warn!(%why, retry_ms = pause.as_millis() as u64, "cannot read the plane");
            }
        }
    }

    fn take_step(&mut self, step: Step) {
        match step {
            Step::RemovePeer { peer, known: true } if self.queue.is_running(&Key::Peer(peer)) => self.touch_peer(peer),
            Step::RemovePeer { peer, known: true } => self.queue.touch(Key::Peer(peer), Cause::Removal),
            Step::RemovePeer { peer, known: false } => self.queue.touch(Key::Peer(peer), Cause::Unknown),
            Step::EnsurePeer(peer) | Step::ReportImpossible(peer) => self.queue.touch(Key::Peer(peer), Cause::Pass),
            Step::EnsureNetwork(net) => {
                self.networks.lost(&net, self.passes.number);
                self.queue.touch(Key::Network(Arc::new(net.source.clone())), Cause::Pass);
            }
            Step::EnsureHosts(source) => self.queue.touch(Key::Hosts(source), Cause::Pass),
            Step::RemoveNetwork(source) => {
                if self.networks.release(&source, self.passes.number) {
                    self.queue.touch(Key::Network(source), Cause::Unknown);
                }
            }
        }
    }
}
