use std::collections::{BTreeSet, HashMap};

use linkspan_model::PeerId;
use linkspan_wire::own::Reachability;
use tokio::time::Instant;

use super::MOST;

/// What is known of peers, and when each is to be checked. Holds a bounded number of them: for a new one, the one goes
/// whose check lies farthest ahead.
#[derive(Debug, Default)]
pub(super) struct Book {
    pages: HashMap<PeerId, Page>,
    due: BTreeSet<(Instant, PeerId)>,
}

#[derive(Debug, Default)]
struct Page {
    known: Option<Reachability>,
    /// When it is to be checked; none while it is.
    due: Option<Instant>,
    /// It is to be checked at that time, although it is being checked now: something changed meanwhile.
    again: Option<Instant>,
}

impl Book {
    pub(super) fn known(&self, peer: PeerId) -> Option<Reachability> {
        self.pages.get(&peer)?.known.clone()
    }

    /// Has a peer checked at that time, or earlier if that is what was said before.
    pub(super) fn want(&mut self, peer: PeerId, at: Instant) {
        if !self.pages.contains_key(&peer) {
            if self.pages.len() >= MOST
                && let Some((_, farthest)) = self.due.last().copied()
            {
                self.forget(farthest);
            }
            self.pages.insert(peer, Page { due: Some(at), ..Page::default() });
            self.due.insert((at, peer));
            return;
        }
        self.hurry(peer, at);
    }

    /// The same, for a peer of which something is known.
    pub(super) fn hurry(&mut self, peer: PeerId, at: Instant) {
        let Some(page) = self.pages.get_mut(&peer) else { return };
        let Some(due) = page.due else {
            page.again = Some(at);
            return;
        };
        if at < due {
            self.due.remove(&(due, peer));
            self.due.insert((at, peer));
            page.due = Some(at);
        }
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// A peer that is due; it counts as being checked until [`Book::put`] or [`Book::forget`].
    pub(super) fn take_due(&mut self, now: Instant) -> Option<PeerId> {
        let (at, peer) = self.due.first().copied().filter(|(at, _)| *at <= now)?;
        self.due.remove(&(at, peer));
        if let Some(page) = self.pages.get_mut(&peer) {
            page.due = None;
        }
        Some(peer)
    }

    /// Keeps what was found, until the next check.
    pub(super) fn put(&mut self, peer: PeerId, found: Reachability, next: Instant) {
        let Some(page) = self.pages.get_mut(&peer) else { return };
        let next = page.again.take().map_or(next, |again| again.min(next));
        page.known = Some(found);
        page.due = Some(next);
        self.due.insert((next, peer));
    }

    /// Forgets a peer that is not active, unless something about it changed while it was looked at.
    pub(super) fn forget(&mut self, peer: PeerId) {
        let Some(page) = self.pages.remove(&peer) else { return };
        if let Some(due) = page.due {
            self.due.remove(&(due, peer));
        }
        if let Some(again) = page.again {
            self.want(peer, again);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use linkspan_wire::own::ReachabilityState;
    use uuid::Uuid;

    use super::*;

    fn peer(number: u128) -> PeerId {
        PeerId(Uuid::from_u128(number))
    }

    fn found() -> Reachability {
        let (state, summary) = (ReachabilityState::Reachable, String::new());
        Reachability { state, verdict: None, summary, checked_at: None, targets: Vec::new() }
    }

    #[test]
    fn what_changes_while_it_is_checked_is_checked_again() {
        let (mut book, now) = (Book::default(), Instant::now());
        let later = now + Duration::from_secs(300);
        book.want(peer(1), now);
        assert_eq!(book.take_due(now), Some(peer(1)));
        assert_eq!(book.take_due(now), None, "it is being checked");
        book.want(peer(1), now);
        book.put(peer(1), found(), later);
        assert_eq!(book.take_due(now), Some(peer(1)));
        book.put(peer(1), found(), later);
        assert_eq!((book.take_due(now), book.next_due()), (None, Some(later)));
        book.hurry(peer(1), now);
        assert_eq!(book.take_due(now), Some(peer(1)));
        book.forget(peer(1));
        book.hurry(peer(1), now);
        assert_eq!((book.known(peer(1)), book.next_due()), (None, None));
    }

    #[test]
    fn no_more_than_so_many_are_known() {
        let (mut book, now) = (Book::default(), Instant::now());
        for number in 0..MOST {
            book.want(peer(number as u128), now + Duration::from_millis(number as u64));
        }
        book.want(peer(1 << 100), now);
        assert_eq!((book.pages.len(), book.due.len()), (MOST, MOST));
        assert!(!book.pages.contains_key(&peer(MOST as u128 - 1)) && book.pages.contains_key(&peer(1 << 100)));
    }
}
