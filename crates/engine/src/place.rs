//! Places as every backend keeps them: `revision << 20 | n` in one integer key.
//!
//! One encoding for all of them means that a copy from one backend to another moves rows as they are.

use crate::store::Loc;

const N_BITS: u32 = 20;

/// Most rows of one kind in a commit.
pub const MOST_ROWS: usize = 1 << N_BITS;

/// The last revision that fits: at a thousand commits a second, 278 years.
pub const LAST_REVISION: u64 = (1 << (62 - N_BITS)) - 1;

/// The first key of a revision; one that does not fit is beyond every key.
#[must_use]
pub fn first_of(revision: u64) -> i64 {
    key(Loc { revision, n: 0 })
}

/// The key of a place; one that does not fit is beyond every key.
#[must_use]
pub fn key(at: Loc) -> i64 {
    if at.revision > LAST_REVISION || at.n as usize >= MOST_ROWS {
        return i64::MAX;
    }
    i64::try_from(at.revision << N_BITS | u64::from(at.n)).unwrap_or(i64::MAX)
}

/// The place of a key; `None` for a key that no commit writes.
#[must_use]
pub fn of_key(key: i64) -> Option<Loc> {
    let key = u64::try_from(key).ok()?;
    let n = u32::try_from(key & (MOST_ROWS as u64 - 1)).ok()?;
    Some(Loc { revision: key >> N_BITS, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_places_do_and_lead_back() {
        let n = MOST_ROWS as u32 - 1;
        let places =
            [(0, 0), (1, 0), (1, 1), (1, n), (2, 0), (LAST_REVISION, n)].map(|(revision, n)| Loc { revision, n });
        let keys = places.map(key);
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert_eq!(keys.map(of_key), places.map(Some));
    }

    #[test]
    fn what_does_not_fit_is_beyond_every_key() {
        assert_eq!(key(Loc { revision: LAST_REVISION + 1, n: 0 }), i64::MAX);
        assert_eq!(key(Loc { revision: 1, n: MOST_ROWS as u32 }), i64::MAX);
        assert_eq!(key(Loc { revision: u64::MAX, n: u32::MAX }), i64::MAX);
        assert_eq!(of_key(-1), None);
    }
}
