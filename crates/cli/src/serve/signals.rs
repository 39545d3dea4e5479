//! The signals that end a server: the first one in order, the second one at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;
use crate::output;

/// SIGTERM and SIGINT, caught from now on.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Catches both. Must be called on a runtime.
    pub(crate) fn catch() -> Result<Self, Failure> {
        let catch = |kind| signal(kind).map_err(|error| Failure::failed(format!("signals can't be caught: {error}")));
        Ok(Self { terminate: catch(SignalKind::terminate())?, interrupt: catch(SignalKind::interrupt())? })
    }

    /// Waits for the next one and answers what a shell calls its end: 128 and the signal's number.
    pub(crate) async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => 128 + SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => 128 + SignalKind::interrupt().as_raw_value(),
        }
    }

    /// Finishes what is under way, unless another signal says that it must not wait.
    pub(crate) async fn or_at_once(&mut self, finishing: impl Future<Output = ()>) {
        tokio::select! {
            () = finishing => {}
            code = self.next() => {
                output::note("Ended at once. What was acknowledged is on disk.");
                std::process::exit(code);
            }
        }
    }
}
