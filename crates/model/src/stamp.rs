use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00 UTC.
pub type UnixMillis = i64;

/// A creation time that no two things made in a store share: the millisecond, and the place within it. What is imported
/// keeps the time that it had elsewhere, so two connections may share one then; queues of one project, and pools, don't.
///
/// Stamps order things by creation, whatever the clock did, and serve as the numeric ids of the contract
/// (`queue_id`, a pool's `id`): `number()` is below 2^53 until the year 2255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamp(i64);

impl Stamp {
    /// Places within one millisecond; after that the next millisecond is borrowed.
    const PLACES: i64 = 1000;

    /// Below every other stamp.
    pub const LEAST: Self = Self(i64::MIN);

    /// The stamp of a place, below 1 000, within a millisecond.
    #[must_use]
    pub fn new(millis: UnixMillis, place: u32) -> Self {
        Self(millis.saturating_mul(Self::PLACES).saturating_add(i64::from(place)))
    }

    /// The stamp of a number.
    #[must_use]
    pub fn of_number(number: i64) -> Self {
        Self(number)
    }

    /// The last stamp of a millisecond: what follows it is in the next one.
    #[must_use]
    pub fn end_of(millis: UnixMillis) -> Self {
        Self(millis.saturating_mul(Self::PLACES).saturating_add(Self::PLACES - 1))
    }

    /// The first stamp at `now` that is later than this one, even if the clock has stepped back.
    #[must_use]
    pub fn next(self, now: UnixMillis) -> Self {
        Self(self.0.saturating_add(1).max(now.saturating_mul(Self::PLACES)))
    }

    /// The creation time, UTC.
    #[must_use]
    pub fn millis(self) -> UnixMillis {
        self.0.div_euclid(Self::PLACES)
    }

    /// The place within the millisecond.
    #[must_use]
    pub fn place(self) -> u32 {
        u32::try_from(self.0.rem_euclid(Self::PLACES)).unwrap_or(0)
    }

    /// A number that no other stamp has.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_only_ever_grow() {
        let mut stamp = Stamp::default();
        let mut last = stamp.number();
        for now in [5, 5, 5, 3, 9, 9, 1].into_iter().chain(std::iter::repeat_n(9, 2500)) {
            let next = stamp.next(now);
            assert!(next > stamp && next.number() > last && Stamp::of_number(next.number()) == next);
            (stamp, last) = (next, next.number());
        }
        assert_eq!(stamp.millis(), 11);
    }
}
