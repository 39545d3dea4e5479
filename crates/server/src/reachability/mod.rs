//! Whether active peers really lead to their data sources: checked after they are made, again from time to time, and
//! whenever somebody looks at one that was not checked.
//!
//! Invariants: a finding is kept in memory only, and changes neither a status nor the store; what is known is bounded, and
//! so is what is tried at once; a finding is about the peer as it was when it was checked, and goes with the peer.
//!
//! It must not decide what a peer's status is: that is the reconciler's and the engine's.

mod book;
mod check;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use linkspan_engine::{Engine, PlaneScope, State};
use linkspan_model::PeerId;
use linkspan_plane::Handle;
use linkspan_wire::own::{Reachability, ReachabilityState};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use self::book::Book;

/// Peers whose findings are kept. In a store with more, only those are checked that somebody looks at.
const MOST: usize = 10_000;
/// Checks that are made at the same time.
const AT_ONCE: usize = 4;
/// From one check of a peer to the next.
const PERIOD: Duration = Duration::from_secs(300);
/// The same, while it is not known to be reachable.
const PERIOD_IN_DOUBT: Duration = Duration::from_secs(30);
/// From a change of a peer or of its host records to the check: the plane is brought in line first.
pub(crate) const SETTLING: Duration = Duration::from_secs(1);

/// What is known of peers, and what is to be checked; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// Whose peers are checked here; none = everyone's.
    scope: Option<Arc<PlaneScope>>,
    book: Arc<Mutex<Book>>,
    rung: Arc<Notify>,
}

impl Reach {
    pub(crate) fn new(scope: Option<PlaneScope>) -> Self {
        Self { scope: scope.map(Arc::new), ..Self::default() }
    }

    /// What is known of an active peer. One that nobody has checked yet is checked soon.
    pub(crate) fn of(&self, peer: PeerId) -> Reachability {
        let known = self.book().known(peer);
        known.unwrap_or_else(|| {
            self.book().want(peer, Instant::now());
            self.rung.notify_one();
            Reachability {
                state: ReachabilityState::Unknown,
                verdict: None,
                summary: "It was not checked yet; it will be in a moment.".to_owned(),
                checked_at: None,
                targets: Vec::new(),
            }
        })
    }

    /// What is known of a peer, without asking for more.
    pub(crate) fn state_of(&self, peer: PeerId) -> ReachabilityState {
        self.book().known(peer).map_or(ReachabilityState::Unknown, |known| known.state)
    }

    /// A peer became active. In a store with many peers only those are checked that somebody looks at.
    pub(crate) fn made(&self, state: &State, peer: PeerId) {
        if state.peer_counts().0 <= MOST {
            self.book().want(peer, Instant::now());
        }
        self.changed(peer, Duration::ZERO);
    }

    /// What a peer leads to changed, or its host records: what is known of it is checked again before long.
    pub(crate) fn changed(&self, peer: PeerId, after: Duration) {
        self.book().hurry(peer, Instant::now() + after);
        self.rung.notify_one();
    }

    /// Checks what is due, for ever. One task may run it.
    pub(crate) async fn run(self, engine: Engine, plane: Handle) {
        self.take_up(&engine);
        let mut checks = JoinSet::new();
        loop {
            let due = self.book().next_due();
            while checks.len() < AT_ONCE
                && let Some(peer) = self.book().take_due(Instant::now())
            {
                let (engine, plane, scope) = (engine.clone(), plane.clone(), self.scope.clone());
                checks.spawn(async move { (peer, check::check(peer, scope.as_deref(), (&engine, &plane)).await) });
            }
            let timer = async {
                match due {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(ended) = checks.join_next() => {
                    // A check that panicked leaves its peer unchecked until somebody looks at it.
                    if let Ok((peer, found)) = ended {
                        self.put(peer, found);
                    }
                }
                () = self.rung.notified() => {}
                () = timer, if checks.len() < AT_ONCE => {}
            }
        }
    }

    /// What was active before this process began is checked, unless it is too much.
    fn take_up(&self, engine: &Engine) {
        let state = Arc::clone(&engine.view());
        if state.peer_counts().0 <= MOST {
            state.active_peers().for_each(|peer| self.book().want(peer, Instant::now()));
        }
    }

    fn put(&self, peer: PeerId, found: Option<Reachability>) {
        let Some(found) = found else { return self.book().forget(peer) };
        let is_sure = found.state == ReachabilityState::Reachable;
        let next = Instant::now() + if is_sure { PERIOD } else { PERIOD_IN_DOUBT };
        self.book().put(peer, found, next);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
