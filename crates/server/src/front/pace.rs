//! What a connection is doing and since when, and the watch that ends those that do it for too long.
//!
//! A timer per request would cost more than the rest of the front. Here a request costs a few relaxed stores, and one task
//! looks at all connections a few times in the shortest limit; a limit is therefore kept to within that period.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::limits::Limits;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing: it waits for the next request.
    Idle = 0,
    /// The head of a request is arriving.
    Head = 1,
    /// A request is being carried out; its body has a limit of its own.
    Working = 2,
    /// The answer is being written.
    Writing = 3,
}

/// One connection's state, shared by its task and the watch.
pub(super) struct Pace {
    phase: AtomicU8,
    /// Counts the changes of the phase, so that the watch knows an old one from a new one of the same kind.
    changes: AtomicU64,
    written: AtomicU64,
    /// Whether the whole answer was handed to hyper.
    handed_over: AtomicBool,
    expired: AtomicBool,
    stopping: AtomicBool,
    waker: AtomicWaker,
    /// Whether there is a place in `large`, so that other answers take no lock.
    is_large: AtomicBool,
    /// The place among the large answers, until everything has gone out: hyper lets go of a body long before.
    large: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Pace {
    fn new() -> Self {
        Self {
            phase: AtomicU8::new(Phase::Idle as u8),
            changes: AtomicU64::new(0),
            written: AtomicU64::new(0),
            handed_over: AtomicBool::new(false),
            expired: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            waker: AtomicWaker::new(),
            is_large: AtomicBool::new(false),
            large: Mutex::default(),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Idle,
            1 => Phase::Head,
            2 => Phase::Working,
            _ => Phase::Writing,
        }
    }

    fn enter(&self, phase: Phase) {
        // Only the connection's own task changes the phase, so a load and a store are enough.
        self.changes.store(self.changes.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Bytes have come in.
    pub(super) fn received(&self) {
        if self.phase() == Phase::Idle {
            self.enter(Phase::Head);
        }
    }

    /// The head of a request is complete.
    pub(super) fn request_began(&self) {
        self.handed_over.store(false, Ordering::Relaxed);
        self.enter(Phase::Working);
    }

    /// The answer is known.
    pub(super) fn answer_began(&self) {
        self.enter(Phase::Writing);
    }

    /// The whole answer was handed to hyper, or hyper has no use for the rest.
    pub(super) fn answer_handed_over(&self) {
        self.handed_over.store(true, Ordering::Relaxed);
    }

    /// Bytes have gone out.
    pub(super) fn wrote(&self, bytes: usize) {
        self.written.store(self.written.load(Ordering::Relaxed) + bytes as u64, Ordering::Relaxed);
    }

    /// Everything that hyper had to write has gone out.
    pub(super) fn flushed(&self) {
        if self.phase() == Phase::Writing && self.handed_over.load(Ordering::Relaxed) {
            self.enter(Phase::Idle);
            self.let_go();
        }
    }

    /// Keeps the place of a large answer until that has gone out.
    pub(super) fn keep(&self, place: OwnedSemaphorePermit) {
        *self.large.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
        self.is_large.store(true, Ordering::Relaxed);
    }

    /// Gives up the place of a large answer, if there is one: it has gone out, or never will.
    pub(super) fn let_go(&self) {
        if self.is_large.load(Ordering::Relaxed) {
            self.is_large.store(false, Ordering::Relaxed);
            self.large.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// Whom to wake when the connection is to end.
    pub(super) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Whether the connection took too long over something.
    pub(super) fn is_expired(&self) -> bool {
        self.expired.load(Ordering::Acquire)
    }

    /// Whether the connection is to end once it has answered.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.waker.wake();
    }

    fn expire(&self) {
        self.expired.store(true, Ordering::Release);
        self.waker.wake();
    }
}

/// What the watch remembers of a connection between two looks.
struct Watched {
    pace: Arc<Pace>,
    seen_change: u64,
    /// When that phase was first seen, or the writing last kept its pace.
    since: Instant,
    written_then: u64,
}

/// All connections of a server.
pub(super) struct Watch {
    watched: Mutex<Vec<Watched>>,
    stopping: AtomicBool,
    limits: Limits,
}

impl Watch {
    pub(super) fn new(limits: Limits) -> Self {
        Self { watched: Mutex::default(), stopping: AtomicBool::new(false), limits }
    }

    /// Takes a connection into the watch; it is forgotten once its task has let go of the pace.
    pub(super) fn enter(&self) -> Arc<Pace> {
        let pace = Arc::new(Pace::new());
        let watched = Watched { pace: Arc::clone(&pace), seen_change: 0, since: Instant::now(), written_then: 0 };
        self.lock().push(watched);
        if self.stopping.load(Ordering::Acquire) {
            pace.stop();
        }
        pace
    }

    /// Ends every connection once it has answered what it is at.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.lock().iter().for_each(|watched| watched.pace.stop());
    }

    /// Ends every connection at once.
    pub(super) fn expire_all(&self) {
        self.lock().iter().for_each(|watched| watched.pace.expire());
    }

    /// Looks at every connection once.
    fn look(&self, now: Instant) {
        self.lock().retain_mut(|watched| {
            if Arc::strong_count(&watched.pace) == 1 {
                return false;
            }
            watched.look(now, &self.limits);
            true
        });
    }

    /// Looks at every connection again and again.
    pub(super) async fn run(&self) {
        let mut period = tokio::time::interval(self.period());
        period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.look(period.tick().await);
        }
    }

    fn period(&self) -> Duration {
        let shortest = self.limits.header_time.min(self.limits.idle_time).min(self.limits.answer_pace_time);
        (shortest / 10).clamp(Duration::from_millis(1), Duration::from_secs(1))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn look(&mut self, now: Instant, limits: &Limits) {
        let change = self.pace.changes.load(Ordering::Relaxed);
        if change != self.seen_change {
            (self.seen_change, self.since) = (change, now);
            self.written_then = self.pace.written.load(Ordering::Relaxed);
            return;
        }
        let phase = self.pace.phase();
        let limit = match phase {
            Phase::Idle => limits.idle_time,
            Phase::Head => limits.header_time,
            Phase::Working => return,
            Phase::Writing => limits.answer_pace_time,
        };
        if now.duration_since(self.since) < limit {
            return;
        }
        let written = self.pace.written.load(Ordering::Relaxed);
        if phase == Phase::Writing && written - self.written_then >= limits.answer_pace_bytes {
            (self.since, self.written_then) = (now, written);
            return;
        }
        tracing::debug!(?phase, "a connection took too long and is closed");
        self.pace.expire();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> Watch {
        let seconds = Duration::from_secs;
        let limits = Limits { idle_time: seconds(180), header_time: seconds(10), ..Limits::default() };
        Watch::new(Limits { answer_pace_time: seconds(10), answer_pace_bytes: 100, ..limits })
    }

    /// The second at which a connection expires that is looked at every second and told `each` before.
    fn expires_after(pace: &Arc<Pace>, watch: &Watch, each: impl Fn(&Pace, u64)) -> Option<u64> {
        let start = Instant::now();
        (0..=400).find(|second| {
            each(pace, *second);
            watch.look(start + Duration::from_secs(*second));
            pace.is_expired()
        })
    }

    #[test]
    fn each_phase_has_its_limit() {
        type Step = fn(&Pace);
        let steps: [(Step, Option<u64>); 5] = [
            (|_| (), Some(180)),
            (|pace| pace.received(), Some(10)),
            (|pace| pace.request_began(), None),
            (|pace| pace.answer_began(), Some(10)),
            (
                |pace| {
                    pace.answer_began();
                    pace.answer_handed_over();
                    pace.flushed();
                },
                Some(180),
            ),
        ];
        for (step, expected) in steps {
            let watch = watch();
            let pace = watch.enter();
            step(&pace);
            let after = expires_after(&pace, &watch, |_, _| ());
            // A change is seen at the next look, so a limit may last one look longer.
            assert!(after == expected || after == expected.map(|second| second + 1), "{after:?}, not {expected:?}");
        }
    }

    #[test]
    fn bytes_that_trickle_in_do_not_prolong_the_head() {
        let watch = watch();
        let pace = watch.enter();
        assert_eq!(expires_after(&pace, &watch, |pace, _| pace.received()), Some(10));
    }

    #[test]
    fn an_answer_may_take_long_if_it_is_taken_at_the_pace() {
        for (bytes_a_second, lives) in [(10, true), (9, false)] {
            let watch = watch();
            let pace = watch.enter();
            pace.answer_began();
            let expired = expires_after(&pace, &watch, |pace, _| pace.wrote(bytes_a_second));
            assert_eq!(expired.is_none(), lives, "{bytes_a_second}: {expired:?}");
        }
    }

    #[test]
    fn one_request_after_another_keeps_a_connection() {
        let watch = watch();
        let pace = watch.enter();
        let requests = |pace: &Pace, second: u64| {
            if second.is_multiple_of(100) {
                pace.received();
                pace.request_began();
                pace.answer_began();
                pace.answer_handed_over();
                pace.flushed();
            }
        };
        assert_eq!(expires_after(&pace, &watch, requests), None);
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let watch = watch();
        drop(watch.enter());
        let _here = watch.enter();
        watch.look(Instant::now());
        assert_eq!(watch.lock().len(), 1);
        watch.stop();
        assert!(watch.enter().is_stopping(), "who comes after the stop stops too");
    }
}
