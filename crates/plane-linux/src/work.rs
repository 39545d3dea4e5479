//! Work that blocks, for callers that must not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use linkspan_plane::PlaneError;
use tokio::task::spawn_blocking;

use crate::error::Outcome;

/// Whether the caller still waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ticket(Arc<AtomicBool>);

impl Ticket {
    pub(crate) fn is_void(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn void(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct VoidOnDrop(Ticket);

impl Drop for VoidOnDrop {
    fn drop(&mut self) {
        self.0.void();
    }
}

/// Runs `work` on a thread of its own. If the caller goes away first, work that has taken its locks is finished, and
/// work that has not is called off.
pub(crate) async fn detached<T: Send + 'static>(
    work: impl FnOnce(&Ticket) -> Outcome<T> + Send + 'static,
) -> Result<T, PlaneError> {
    let ticket = Ticket::default();
    let _void = VoidOnDrop(ticket.clone());
    match spawn_blocking(move || work(&ticket)).await {
        Ok(outcome) => outcome.map_err(PlaneError::from),
        Err(error) => {
            tracing::error!(%error, "work on the host's networks ended in the middle");
            Err(PlaneError::retry("the work on this host's networks ended in the middle"))
        }
    }
}
