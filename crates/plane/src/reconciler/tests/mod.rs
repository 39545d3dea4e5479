mod chaos;
mod fake;
mod paths;
mod scale;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use self::fake::Fake;
use self::watched::Watched;
use super::{Deposed, Handle, Reconciler, Settings};
use crate::{Observed, Plane, SimulatedPlane};

/// Records, a plane, and a reconciler at work between them.
struct Rig {
    records: Arc<Fake>,
    plane: Arc<Watched>,
    handle: Handle,
    task: JoinHandle<Result<(), Deposed>>,
}

impl Rig {
    fn new() -> Self {
        Self::on(Fake::new(), Watched::new(SimulatedPlane::new(), 1))
    }

    fn on(records: Arc<Fake>, plane: Arc<Watched>) -> Self {
        let (reconciler, handle) = Reconciler::new(plane.clone(), records.clone(), Settings::default());
        Self { records, plane, handle, task: tokio::spawn(reconciler.run()) }
    }

    /// Ends the reconciler wherever it is, as a crash does, and starts another.
    async fn crash(self) -> Self {
        self.task.abort();
        let ended = self.task.await;
        assert!(ended.is_err_and(|error| error.is_cancelled()), "it ended by itself");
        Self::on(self.records, self.plane)
    }

    /// Lets full passes happen and sees that they do nothing.
    async fn assert_at_rest(&self) {
        let calls = self.plane.take_calls();
        let (reports, passes) = (self.records.reports().len(), self.handle.stats().passes);
        advance(Duration::from_secs(700)).await;
        assert!(self.handle.stats().passes >= passes + 2, "{:?} after {calls:?}", self.handle.stats());
        assert_eq!(self.plane.take_calls(), Vec::<String>::new());
        assert_eq!(self.records.reports().len(), reports);
        assert_eq!((self.handle.stats().busy, self.handle.stats().in_trouble), (0, 0));
    }

    async fn peers_on_plane(&self) -> usize {
        let list = self.plane.inner.list().await.unwrap();
        list.iter().filter(|object| matches!(object, Observed::Peer { .. })).count()
    }
}

/// Lets the paused clock run.
async fn advance(by: Duration) {
    sleep_until(Instant::now() + by).await;
}
