//! Connectivity tests at work: taken from the records, tried on the plane, and put back with what was found.
//!
//! Invariants: a test is tried by one task at a time, and few of them at once; one that was begun before a restart is
//! taken up again; what can't be tried in time counts as unreachable, and says so.
//!
//! It must not decide what a test may ask or how long it is kept: that is the engine's.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::command::{SystemCommand, TestFinding};
use linkspan_engine::{Engine, Refusal};
use linkspan_model::{ConnectivityTest, Stamp};
use linkspan_plane::{Handle, ProbeReport, ProbeSpec, ProbeTarget, Verdict};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::plane_records::{EngineRecords, to_plane};

/// Tests that are tried at the same time; others wait.
const AT_ONCE: usize = 32;
/// How long the plane may try once.
const PROBE_LIMIT: Duration = Duration::from_secs(5);
/// How long a test is tried in all, while something passing is in the way.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Makes the connectivity tests of an engine on its plane.
pub(crate) struct Tester {
    plane: Handle,
    records: Arc<EngineRecords>,
    engine: Engine,
    waiting: Arc<Notify>,
}

impl Tester {
    pub(crate) fn new(records: Arc<EngineRecords>, plane: Handle) -> Self {
        let (engine, waiting) = (records.engine(), records.tests());
        Self { plane, records, engine, waiting }
    }

    /// Works for ever; dropping it ends what it has begun.
    pub(crate) async fn run(self) {
        let (mut begun, mut tasks) = (HashSet::new(), JoinSet::new());
        loop {
            let view = Arc::clone(&self.engine.view());
            for test in view.pending_tests().filter(|test| self.records.is_ours(&view, &test.project)) {
                if tasks.len() >= AT_ONCE {
                    break;
                }
                if begun.insert(test.created) {
                    let (plane, records) = (self.plane.clone(), Arc::clone(&self.records));
                    let task = Task { plane, records, test: test.clone() };
                    tasks.spawn(task.carry_out());
                }
            }
            drop(view);
            tokio::select! {
                () = self.waiting.notified() => {}
                // A task that panicked leaves its test to the deadline that the engine keeps.
                Some(ended) = tasks.join_next() => drop(ended.map(|test: Stamp| begun.remove(&test))),
            }
        }
    }
}

/// One test.
struct Task {
    plane: Handle,
    records: Arc<EngineRecords>,
    test: ConnectivityTest,
}

impl Task {
    /// Tries it and puts down what was found, as soon as the store takes it.
    async fn carry_out(self) -> Stamp {
        let test = self.test.created;
        let (reachable, reason) = match timeout(LIMIT, self.tried()).await {
            Ok(found) => found,
            Err(_late) => (false, format!("The plane gave no answer within {} seconds.", LIMIT.as_secs())),
        };
        let command = SystemCommand::Tested(TestFinding { test, reachable, reason });
        loop {
            match self.records.submit(command.clone()).await {
                Err(Refusal::Overloaded | Refusal::Unavailable | Refusal::StorageFull) => pause().await,
                Ok(_) | Err(_) => return test,
            }
        }
    }

    async fn tried(&self) -> (bool, String) {
        loop {
            match self.plane.probe(&self.spec()).await {
                Ok(report) => return (report.verdict == Verdict::Reachable, told(&report)),
                Err(error) if error.is_passing() => {
                    tracing::debug!(%error, "a connectivity test has to wait");
                    pause().await;
                }
                Err(error) => return (false, format!("The plane can't try it: {error}")),
            }
        }
    }

    /// The question as it stands now: a queue may have moved into a pool since it was asked.
    fn spec(&self) -> ProbeSpec {
        let ConnectivityTest { project, queue, target, .. } = &self.test;
        let source = self.records.engine().view().source_of_queue(project, queue);
        let host = ProbeTarget::from(&*target.host);
        ProbeSpec { source: to_plane(&source), target: host, port: Some(target.port), limit: PROBE_LIMIT }
    }
}

/// What a person should know: nothing if all is well, else what is wrong and who should do what.
fn told(report: &ProbeReport) -> String {
    match &report.act {
        _ if report.verdict == Verdict::Reachable => String::new(),
        Some(act) => format!("{} To do: {}.", report.summary, act.what),
        None => report.summary.clone(),
    }
}

/// Before something is tried again that the store or the plane could not do.
#[expect(clippy::disallowed_methods, reason = "the pace of tries, under a deadline")]
pub(crate) async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

#[cfg(test)]
#[path = "tester_tests.rs"]
mod tests;
