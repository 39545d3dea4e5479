//! Persistent maps of many things at once, as a load makes them.
//!
//! Putting a million things into a B-tree in the order they come in costs a miss of the cache for each level of each
//! map. In the order of their keys every insertion meets the leaf that the last one met.

use imbl::{OrdMap, OrdSet};

/// The map of these pairs. Of two with one key, either may stay.
pub(super) fn map<K: Ord + Clone, V: Clone>(mut pairs: Vec<(K, V)>) -> OrdMap<K, V> {
    pairs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let mut map = OrdMap::new();
    for (key, value) in every_second_first(pairs) {
        map.insert(key, value);
    }
    map
}

/// The set of these.
pub(super) fn set<T: Ord + Clone>(mut members: Vec<T>) -> OrdSet<T> {
    members.sort_unstable();
    every_second_first(members).collect()
}

/// A leaf that overflows is cut in halves, so what comes in order leaves every leaf half empty. What lies between fills
/// the halves up.
fn every_second_first<T>(sorted: Vec<T>) -> impl Iterator<Item = T> {
    let (first, between): (Vec<_>, Vec<_>) = sorted.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    first.into_iter().chain(between).map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_everything_once() {
        for count in [0, 1, 2, 63, 64, 65, 1000, 10_000] {
            // A multiplier without a common factor visits every number once, in no order.
            let numbers: Vec<u32> = (0..count).map(|n| n * 7919 % count.max(1)).collect();
            let map = map(numbers.iter().map(|n| (*n, n * 2)).collect());
            assert!(map.iter().map(|(key, value)| (*key, *value)).eq((0..count).map(|n| (n, n * 2))), "{count}");
            let twice = numbers.iter().chain(&numbers).copied().collect();
            assert!(set(twice).iter().copied().eq(0..count), "{count}");
        }
    }
}
