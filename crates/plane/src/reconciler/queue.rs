use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use linkspan_model::PeerId;
use tokio::time::Instant;

use crate::spec::SourceRef;

/// One thing that is kept in line. Work on a key is serial, on different keys parallel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// A peer.
    Peer(PeerId),
    /// The network of a queue or pool.
    Network(Arc<SourceRef>),
    /// The host records of a queue or pool.
    Hosts(Arc<SourceRef>),
}

/// Why a key is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Something changed: at once, and from the beginning if it is in trouble.
    Change,
    /// It is to be removed: the same, and before everything that is to be made.
    Removal,
    /// A full pass found a difference: if nobody is about to look anyway.
    Pass,
    /// A full pass found, for the second time, an object that no record knows.
    Unknown,
    /// Somebody waits for it: even if it is being spared.
    Urgent,
}

/// A key to work on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) key: Key,
    /// Whether it may be removed if no record knows it.
    pub(super) unknown: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// In one of the lines.
    Ready(Line),
    /// Being worked on, its report included.
    Running,
    /// Waits for another key.
    Parked,
    /// Failed; tried again then.
    Backoff(Instant),
    /// Done, but spared until then because it was expensive.
    Spared(Instant),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Removals,
    Fresh,
    Retries,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Something changed since work on it began.
    again: bool,
    removal: bool,
    unknown: bool,
    attempts: u32,
}

/// Which keys are to be worked on, in what order, and when. Holds nothing about keys that are at rest.
#[derive(Debug, Default)]
pub(super) struct Queue {
    states: HashMap<Key, State>,
    removals: VecDeque<Key>,
    fresh: VecDeque<Key>,
    retries: VecDeque<Key>,
    timers: BTreeSet<(Instant, Key)>,
    turn: u8,
}

impl Queue {
    /// Takes note that a key should be looked at.
    pub(super) fn touch(&mut self, key: Key, cause: Cause) {
        let new = || State { phase: Phase::Parked, again: false, removal: false, unknown: false, attempts: 0 };
        let state = self.states.entry(key.clone()).or_insert_with(new);
        state.unknown |= cause == Cause::Unknown;
        state.removal |= cause == Cause::Removal;
        let from_the_beginning = matches!(cause, Cause::Change | Cause::Removal | Cause::Urgent);
        if from_the_beginning {
            state.attempts = 0;
        }
        match state.phase {
            // A pass may have read what the work under way has not.
            Phase::Running => state.again = true,
            Phase::Ready(line) if !state.removal || line == Line::Removals => {}
            Phase::Backoff(_) if !from_the_beginning => {}
            Phase::Spared(_) if cause != Cause::Urgent => state.again |= from_the_beginning,
            _ => self.ready(key),
        }
    }

    /// The next key: removals first. Of the others, new ones go before those that failed, but not always, so that neither
    /// starves.
    pub(super) fn pop(&mut self) -> Option<Taken> {
        loop {
            let (line, key) = self.next()?;
            // A key that changed lines has left its place in the old one.
            let Some(state) = self.states.get_mut(&key).filter(|state| state.phase == Phase::Ready(line)) else {
                continue;
            };
            state.phase = Phase::Running;
            state.again = false;
            state.removal = false;
            let unknown = state.unknown;
            return Some(Taken { key, unknown });
        }
    }

    fn next(&mut self) -> Option<(Line, Key)> {
        self.turn = (self.turn + 1) % 8;
        let lines = match self.turn {
            0 => [Line::Removals, Line::Retries, Line::Fresh],
            _ => [Line::Removals, Line::Fresh, Line::Retries],
        };
        lines.into_iter().find_map(|line| self.line(line).pop_front().map(|key| (line, key)))
    }

    fn line(&mut self, line: Line) -> &mut VecDeque<Key> {
        match line {
            Line::Removals => &mut self.removals,
            Line::Fresh => &mut self.fresh,
            Line::Retries => &mut self.retries,
        }
    }

    /// Whether [`Queue::pop`] may have something.
    pub(super) fn has_ready(&self) -> bool {
        !self.removals.is_empty() || !self.fresh.is_empty() || !self.retries.is_empty()
    }

    /// Work on a key ended well.
    pub(super) fn done(&mut self, key: &Key) {
        if !self.run_again(key) {
            self.states.remove(key);
        }
    }

    /// Work on a key failed; it is tried again at that time, or now if something changed meanwhile.
    pub(super) fn retry(&mut self, key: &Key, at: Instant) {
        if !self.run_again(key) {
            self.rest(key, Phase::Backoff(at), at);
        }
    }

    /// Work on a key ended well, but cost so much that it should not be repeated before that time.
    pub(super) fn spare(&mut self, key: &Key, until: Instant) {
        self.rest(key, Phase::Spared(until), until);
    }

    fn rest(&mut self, key: &Key, phase: Phase, until: Instant) {
        if let Some(state) = self.states.get_mut(key) {
            state.phase = phase;
            if matches!(phase, Phase::Backoff(_)) {
                state.attempts = state.attempts.saturating_add(1);
            } else {
                state.attempts = 0;
            }
            self.timers.insert((until, key.clone()));
        }
    }

    fn run_again(&mut self, key: &Key) -> bool {
        let Some(state) = self.states.get_mut(key).filter(|state| state.again) else { return false };
        state.attempts = 0;
        self.ready(key.clone());
        true
    }

    /// A key waits for something that calls [`Queue::wake`] or [`Queue::resume`].
    pub(super) fn park(&mut self, key: &Key) {
        if let Some(state) = self.states.get_mut(key) {
            state.phase = Phase::Parked;
        }
    }

    /// What a parked key waited for happened; any other key is left alone.
    pub(super) fn wake(&mut self, key: &Key) {
        if self.states.get(key).is_some_and(|state| state.phase == Phase::Parked) {
            self.ready(key.clone());
        }
    }

    /// What a parked key waited for failed: the key counts as being worked on, so that its failure can be dealt with.
    /// False if it is not parked.
    pub(super) fn resume(&mut self, key: &Key) -> bool {
        let parked = self.states.get_mut(key).filter(|state| state.phase == Phase::Parked);
        parked.map(|state| state.phase = Phase::Running).is_some()
    }

    /// Whether a key is being worked on.
    pub(super) fn is_running(&self, key: &Key) -> bool {
        self.states.get(key).is_some_and(|state| state.phase == Phase::Running)
    }

    /// How often a key failed in a row.
    pub(super) fn attempts(&self, key: &Key) -> u32 {
        self.states.get(key).map_or(0, |state| state.attempts)
    }

    fn ready(&mut self, key: Key) {
        let Some(state) = self.states.get_mut(&key) else { return };
        if let Phase::Backoff(at) | Phase::Spared(at) = state.phase {
            self.timers.remove(&(at, key.clone()));
        }
        let line = match state.attempts {
            _ if state.removal => Line::Removals,
            0 => Line::Fresh,
            _ => Line::Retries,
        };
        state.phase = Phase::Ready(line);
        self.line(line).push_back(key);
    }

    /// When [`Queue::come_due`] has something to do.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Lets keys go on whose time has come.
    pub(super) fn come_due(&mut self, now: Instant) {
        while self.timers.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, key)) = self.timers.pop_first() else { return };
            match self.states.get(&key).map(|state| (state.phase, state.again)) {
                Some((Phase::Spared(_), false)) => drop(self.states.remove(&key)),
                Some(_) => self.ready(key),
                None => {}
            }
        }
    }

    /// How many keys are not at rest.
    pub(super) fn len(&self) -> usize {
        self.states.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::conformance::samples;

    fn peer(number: u128) -> Key {
        Key::Peer(samples::mark(number).peer)
    }

    fn taken(number: u128) -> Option<Taken> {
        Some(Taken { key: peer(number), unknown: false })
    }

    #[test]
    fn a_key_is_in_line_once_and_again_if_it_changed_while_it_ran() {
        let mut queue = Queue::default();
        queue.touch(peer(1), Cause::Change);
        queue.touch(peer(1), Cause::Change);
        assert_eq!(queue.pop(), taken(1));
        assert_eq!(queue.pop(), None);
        queue.done(&peer(1));
        assert_eq!((queue.pop(), queue.len()), (None, 0));
        for cause in [Cause::Change, Cause::Pass] {
            queue.touch(peer(1), cause);
            queue.pop();
            queue.touch(peer(1), cause);
            queue.done(&peer(1));
            assert_eq!(queue.pop(), taken(1));
            queue.done(&peer(1));
        }
    }

    #[test]
    fn a_failure_waits_for_its_time_unless_something_changes() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        let at = now + Duration::from_secs(1);
        queue.touch(peer(1), Cause::Change);
        queue.pop();
        queue.retry(&peer(1), at);
        queue.touch(peer(1), Cause::Pass);
        queue.come_due(now);
        assert_eq!((queue.pop(), queue.next_due()), (None, Some(at)));
        queue.come_due(at);
        assert_eq!((queue.pop(), queue.next_due(), queue.attempts(&peer(1))), (taken(1), None, 1));
        queue.retry(&peer(1), at);
        queue.touch(peer(1), Cause::Change);
        assert_eq!((queue.pop(), queue.next_due(), queue.attempts(&peer(1))), (taken(1), None, 0));
    }

    #[test]
    fn removals_come_first_from_wherever_they_are() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.touch(peer(1), Cause::Change);
        queue.pop();
        queue.retry(&peer(1), now);
        queue.touch(peer(2), Cause::Change);
        queue.pop();
        (3..=5).for_each(|number| queue.touch(peer(number), Cause::Change));
        // At rest, in line, at work, and waiting to be tried again.
        [6, 5, 2, 1].iter().for_each(|number| queue.touch(peer(*number), Cause::Removal));
        queue.done(&peer(2));
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|taken| taken.key).collect();
        assert_eq!(order, [6, 5, 1, 2, 3, 4].map(peer));
    }

    #[test]
    fn failed_keys_are_not_starved_by_fresh_ones() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.touch(peer(1), Cause::Change);
        queue.pop();
        queue.retry(&peer(1), now);
        queue.come_due(now);
        (2..100).for_each(|number| queue.touch(peer(number), Cause::Change));
        let place = std::iter::from_fn(|| queue.pop()).position(|taken| taken.key == peer(1));
        assert!(place.is_some_and(|place| place < 8), "{place:?}");
    }

    #[test]
    fn what_is_spared_runs_later_and_only_if_it_changed() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        for changed in [false, true] {
            queue.touch(peer(1), Cause::Change);
            queue.pop();
            queue.spare(&peer(1), now);
            if changed {
                queue.touch(peer(1), Cause::Change);
            }
            assert_eq!(queue.pop(), None);
            queue.come_due(now);
            assert_eq!(queue.pop().is_some(), changed);
        }
        queue.spare(&peer(1), now);
        queue.touch(peer(1), Cause::Urgent);
        assert_eq!((queue.pop(), queue.next_due()), (taken(1), None));
    }

    #[test]
    fn parked_keys_wait_until_they_are_woken_resumed_or_passed_by() {
        let mut queue = Queue::default();
        let ways: [fn(&mut Queue); 2] =
            [|queue: &mut Queue| queue.wake(&peer(1)), |queue: &mut Queue| queue.touch(peer(1), Cause::Pass)];
        for leave in ways {
            queue.touch(peer(1), Cause::Change);
            queue.pop();
            queue.park(&peer(1));
            assert_eq!(queue.pop(), None);
            leave(&mut queue);
            assert_eq!(queue.pop(), taken(1));
            queue.done(&peer(1));
        }
        assert!(!queue.resume(&peer(1)));
    }
}
