use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// Marks that are remembered; beyond that one with the fewest is forgotten, and of those the oldest.
const MOST_MARKS: usize = 4096;

#[derive(Clone, Copy)]
struct Count {
    number: u32,
    last: Instant,
    next_turn: Instant,
}

/// How often something happened by mark, lately, and whose turn is when. Bounded in memory: whoever would push a count
/// out must itself come as often.
pub(super) struct Tally {
    counts: HashMap<u64, Count>,
    /// So long after the last one, a count is forgotten.
    lasts: Duration,
}

impl Tally {
    pub(super) fn new(lasts: Duration) -> Self {
        Self { counts: HashMap::new(), lasts }
    }

    /// How often it happened.
    pub(super) fn number(&self, mark: u64, now: Instant) -> u32 {
        self.counts.get(&mark).filter(|count| count.is_fresh(now, self.lasts)).map_or(0, |count| count.number)
    }

    /// Counts once more; the next turn comes after a pause by the new number.
    pub(super) fn count(&mut self, mark: u64, now: Instant, pause: impl Fn(u32) -> Duration) {
        if self.counts.len() >= MOST_MARKS && !self.counts.contains_key(&mark) {
            self.make_room(now);
        }
        let count = self.counts.entry(mark).or_insert(Count { number: 0, last: now, next_turn: now });
        if !count.is_fresh(now, self.lasts) {
            count.number = 0;
        }
        count.number = count.number.saturating_add(1);
        count.last = now;
        count.next_turn = count.next_turn.max(now + pause(count.number));
    }

    /// Takes the next turn, if it is not too far off.
    pub(super) fn queue(
        &mut self,
        mark: u64,
        (now, longest): (Instant, Duration),
        pause: impl Fn(u32) -> Duration,
    ) -> Option<Instant> {
        let Some(count) = self.counts.get_mut(&mark).filter(|count| count.is_fresh(now, self.lasts)) else {
            return Some(now);
        };
        let turn = count.next_turn.max(now);
        if turn.duration_since(now) > longest {
            return None;
        }
        count.next_turn = turn + pause(count.number);
        Some(turn)
    }

    pub(super) fn forget(&mut self, mark: u64) {
        self.counts.remove(&mark);
    }

    fn make_room(&mut self, now: Instant) {
        let least =
            self.counts.iter().min_by_key(|(_, count)| (count.is_fresh(now, self.lasts), count.number, count.last));
        if let Some(mark) = least.map(|(mark, _)| *mark) {
            self.counts.remove(&mark);
        }
    }
}

impl Count {
    fn is_fresh(&self, now: Instant, lasts: Duration) -> bool {
        now.saturating_duration_since(self.last) < lasts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_frequent_ones_are_not_pushed_out() {
        let (mut tally, now) = (Tally::new(Duration::from_secs(60)), Instant::now());
        let none = |_| Duration::ZERO;
        (0..5).for_each(|_| tally.count(u64::MAX, now, none));
        let seen = |mark: u64| now + Duration::from_nanos(mark);
        (0..MOST_MARKS as u64 + 10).for_each(|mark| tally.count(mark, seen(mark), none));
        assert_eq!(tally.counts.len(), MOST_MARKS);
        let numbers = [u64::MAX, MOST_MARKS as u64, 0].map(|mark| tally.number(mark, now));
        assert_eq!(numbers, [5, 1, 0], "the often seen, the last, the first");
        let later = now + Duration::from_secs(60);
        tally.count(1, later, none);
        assert_eq!((tally.number(u64::MAX, later), tally.number(1, later)), (0, 1));
    }
}
