use std::sync::Arc;
use std::time::Duration;

use futures_util::future::FutureExt;
use linkspan_model::ConnectionId;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::queue::{Cause, Key};
use super::reports::Unreported;
use super::{Deposed, Progress, Reconciler, backoff};
use crate::driver::{Applied, Settled, Token};
use crate::error::PlaneError;
use crate::plan::Plan;
use crate::records::{DesiredPeer, Outcome, PeerReport, Recorded, ReportRefused};
use crate::spec::{SourceNet, SourceRef};

/// Waits for changes to be in force at once; beyond, a change is only asked after.
const SETTLING_MOST: usize = 1024;
/// A table of host records is not replaced again for so many times as long as replacing it took.
const SPARE_FACTOR: u32 = 9;
/// Below this, replacing host records counts as free.
const FREE: Duration = Duration::from_millis(1);

/// Something that took time is over.
pub(super) enum Done {
    Applied(Vec<(Job, Result<Applied, PlaneError>)>),
    Settled(Key, Subject, Result<Settled, PlaneError>),
    Reported(Vec<Unreported>, Result<(), ReportRefused>),
    Compared(Result<Plan, Box<str>>),
}

/// Work that the plane was given.
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) what: What,
}

pub(super) enum What {
    Ensure(Subject),
    Remove(Subject, Outcome),
    RemoveUnknown,
    EnsureNetwork(Arc<SourceNet>),
    RemoveNetwork,
    EnsureHosts { began: Instant, waiting: Vec<oneshot::Sender<()>> },
}

/// The peer that is worked on, as it was when work began.
pub(super) struct Subject {
    pub(super) connection: ConnectionId,
    pub(super) generation: u32,
    pub(super) source: SourceRef,
    pub(super) recorded: Recorded,
    /// Whether its connection is another project's.
    granted: bool,
    /// Whether it is to be tried again once its outcome is recorded; else the records say what comes next.
    retry: bool,
}

impl Subject {
    pub(super) fn of(peer: DesiredPeer) -> Self {
        let DesiredPeer { connection, generation, source, recorded, spec, .. } = peer;
        let granted = spec.is_ok_and(|spec| spec.is_granted());
        Self { connection, generation, source, recorded, granted, retry: false }
    }

    /// Whether the records hold this outcome already.
    fn is_recorded(&self, outcome: &Outcome) -> bool {
        match (outcome, &self.recorded) {
            (Outcome::Active, recorded) => *recorded == Recorded::Active,
            (Outcome::Failed(why), Recorded::Failed(said)) => why == said,
            _ => false,
        }
    }
}

impl Reconciler {
    pub(super) fn finish(&mut self, done: Done) -> Result<(), Deposed> {
        match done {
            Done::Applied(results) => {
                self.applying -= 1;
                let failed = results.iter().filter(|(_, result)| result.is_err()).count();
                let mut stats = self.shared.stats();
                stats.changes += results.len() as u64;
                stats.changes_failed += failed as u64;
                drop(stats);
                results.into_iter().for_each(|(job, result)| self.applied(job, result));
            }
            Done::Settled(key, subject, result) => {
                self.settling -= 1;
                match result {
                    Ok(Settled::Yes) => self.conclude(key, subject, Outcome::Active),
                    Ok(Settled::NotYet(why)) => self.ensure_failed(key, subject, PlaneError::retry(why)),
                    Err(error) => self.ensure_failed(key, subject, error),
                }
            }
            Done::Reported(batch, result) => return self.reported(batch, result),
            Done::Compared(compared) => self.finish_pass(compared),
        }
        Ok(())
    }

    fn applied(&mut self, Job { key, what }: Job, result: Result<Applied, PlaneError>) {
        match (what, result) {
            (What::Ensure(subject), Ok(applied)) => self.await_force(key, subject, applied.token),
            (What::Ensure(subject), Err(error)) => {
                if error.is_passing() {
                    self.networks.doubt(&subject.source);
                }
                self.ensure_failed(key, subject, error);
            }
            (What::Remove(subject, outcome), Ok(_)) => {
                if let Key::Peer(peer) = key {
                    self.open_gate(peer);
                }
                self.conclude(key, subject, outcome);
            }
            (What::Remove(..) | What::RemoveUnknown, Err(error)) => self.put_off(&key, &error),
            (What::RemoveUnknown, Ok(_)) => self.queue.done(&key),
            (What::EnsureNetwork(net), Ok(applied)) => self.network_made(&key, &net, applied.changed),
            (What::EnsureNetwork(net), Err(error)) => self.network_failed(&key, &net, &error),
            // If it still stands, the next pass finds it.
            (What::RemoveNetwork, _) => self.queue.done(&key),
            (What::EnsureHosts { began, waiting }, result) => {
                self.hosts_ended(&key, began, result);
                drop(waiting);
            }
        }
    }

    /// Waits until a peer is in force. When many wait already, it is only asked, so that stuck peers cost little.
    fn await_force(&mut self, key: Key, subject: Subject, token: Token) {
        if token == Token::IN_FORCE {
            return self.conclude(key, subject, Outcome::Active);
        }
        let limit = if self.settling < SETTLING_MOST { self.settings.settle_limit } else { Duration::ZERO };
        self.settling += 1;
        let (plane, grace) = (self.plane.clone(), self.settings.call_limit);
        let wait = async move {
            let settled = timeout(limit + grace, plane.settled(token, limit)).await;
            let settled = settled.unwrap_or_else(|_| Err(PlaneError::retry("the plane did not answer in time")));
            Done::Settled(key, subject, settled)
        };
        self.running.push(wait.boxed());
    }

    fn ensure_failed(&mut self, key: Key, subject: Subject, error: PlaneError) {
        if error.is_passing() {
            self.put_off(&key, &error);
        } else {
            self.note(&key, &error);
            let failure = if subject.granted { error.to_both() } else { error.to_string().into() };
            let retry = Subject { retry: true, ..subject };
            self.conclude(key, retry, Outcome::Failed(failure));
        }
    }

    /// What is in the way may pass: nothing is reported.
    fn put_off(&mut self, key: &Key, error: &PlaneError) {
        self.note(key, error);
        self.try_again_after(key, error.after());
    }

    fn note(&self, key: &Key, error: &PlaneError) {
        tracing::debug!(?key, %error, "the plane did not do it");
        if let Key::Peer(peer) = key {
            let attempts = self.queue.attempts(key).saturating_add(1);
            let progress = Progress { attempts, why: error.to_both() };
            self.shared.trouble().insert(*peer, progress);
        }
    }

    /// The outcome of a peer is known: reported unless the records hold it.
    fn conclude(&mut self, key: Key, subject: Subject, outcome: Outcome) {
        let Key::Peer(peer) = key else { return };
        let retry = subject.retry;
        if !retry {
            self.shared.trouble().remove(&peer);
        }
        if !subject.is_recorded(&outcome) {
            let Subject { connection, generation, .. } = subject;
            let report = PeerReport { peer, connection, generation, outcome };
            self.reports.push(Unreported { key, report, retry });
        } else {
            self.close_key(&key, retry);
        }
    }

    fn close_key(&mut self, key: &Key, retry: bool) {
        if retry {
            self.try_again(key);
        } else {
            self.queue.done(key);
        }
    }

    fn network_made(&mut self, key: &Key, net: &Arc<SourceNet>, changed: bool) {
        for waiting in self.networks.made(net) {
            self.queue.wake(&waiting);
        }
        if changed {
            self.queue.touch(Key::Hosts(Arc::new(net.source.clone())), Cause::Change);
        }
        self.queue.done(key);
    }

    /// Whatever waited for the network has failed for the same reason.
    fn network_failed(&mut self, key: &Key, net: &SourceNet, error: &PlaneError) {
        for waiting in self.networks.failed(&net.source) {
            if !self.queue.resume(&waiting) {
                continue;
            }
            let desired = match &waiting {
                Key::Peer(peer) => self.records.peer(*peer),
                _ => None,
            };
            match desired {
                Some(desired) => self.ensure_failed(waiting, Subject::of(desired), error.clone()),
                None => self.queue.done(&waiting),
            }
        }
        self.queue.done(key);
    }

    fn hosts_ended(&mut self, key: &Key, began: Instant, result: Result<Applied, PlaneError>) {
        let took = began.elapsed();
        match result {
            Ok(_) if took > FREE => self.queue.spare(key, Instant::now() + took * SPARE_FACTOR),
            Ok(_) => self.queue.done(key),
            Err(error) => {
                let known = matches!(key, Key::Hosts(source) if self.networks.knows(source));
                if known || !error.is_passing() {
                    self.put_off(key, &error);
                } else {
                    // No peer of the queue is in place; its network brings the records with it when it is made.
                    self.queue.done(key);
                }
            }
        }
    }

    pub(super) fn begin_report(&mut self, now: Instant) {
        let Some(batch) = self.reports.take(now) else { return };
        let reports = batch.iter().map(|unreported| unreported.report.clone()).collect();
        let records = self.records.clone();
        let handing_over = async move {
            let result = records.report(reports).await;
            Done::Reported(batch, result)
        };
        self.running.push(handing_over.boxed());
    }

    fn reported(&mut self, batch: Vec<Unreported>, result: Result<(), ReportRefused>) -> Result<(), Deposed> {
        match result {
            Ok(()) => {
                self.reports.accepted();
                self.shared.stats().reports += batch.len() as u64;
                if batch.iter().any(|unreported| unreported.report.outcome == Outcome::Removed) {
                    self.impossible.recheck();
                }
                for unreported in batch {
                    self.close_key(&unreported.key, unreported.retry);
                }
            }
            Err(ReportRefused::Later) => {
                let Some(first) = batch.first() else { return Ok(()) };
                let pause = backoff::delay(&self.settings, self.reports.refusals, &first.key);
                self.reports.refused(batch, Instant::now() + pause);
            }
            Err(ReportRefused::Deposed) => return Err(Deposed),
        }
        Ok(())
    }
}
