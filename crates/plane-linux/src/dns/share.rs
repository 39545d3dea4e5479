//! How many questions wait for the upstream at a time, and whose they are.
//!
//! Every network has a few places of its own, which nobody else can take, however many ask for however much; beyond
//! those, networks share what there is, each up to a bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::names::NamespaceName;

/// Questions of one network that are always forwarded: both of those (A and AAAA) that a program asks of a name.
const OWN: usize = 2;
/// Questions of one network that wait for the upstream at a time, its own places included.
const MOST_OF_ONE: usize = 64;
/// Questions of all networks together beyond those on places of their own.
const MOST_SHARED: usize = 256;

/// What networks share; clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<Semaphore>);

impl Default for Shared {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_SHARED)))
    }
}

/// What one network has.
#[derive(Debug)]
pub(super) struct Share {
    name: NamespaceName,
    own: Semaphore,
    more: Semaphore,
    shared: Shared,
    refused: AtomicU64,
}

/// Lets a question wait for the upstream until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    _of: (SemaphorePermit<'a>, Option<SemaphorePermit<'a>>),
}

impl Share {
    pub(super) fn new(name: NamespaceName, shared: &Shared) -> Self {
        let (own, more) = (Semaphore::new(OWN), Semaphore::new(MOST_OF_ONE - OWN));
        Self { name, own, more, shared: shared.clone(), refused: AtomicU64::new(0) }
    }

    /// A place for one more question, or none: then it is counted, and told whenever the count has doubled.
    pub(super) fn place(&self) -> Option<Place<'_>> {
        let place = self.own.try_acquire().map(|own| Place { _of: (own, None) });
        let place = place.or_else(|_none_left| {
            let more = self.more.try_acquire()?;
            Ok(Place { _of: (more, Some(self.shared.0.try_acquire()?)) })
        });
        place.map_err(|_none_left: tokio::sync::TryAcquireError| self.refuse()).ok()
    }

    fn refuse(&self) {
        let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if refused.is_power_of_two() {
            tracing::warn!(namespace = %self.name, refused, "too many questions wait for the upstream; answered SERVFAIL");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares<const N: usize>(shared: &Shared) -> [Share; N] {
        std::array::from_fn(|number| Share::new(NamespaceName::of_handle(&format!("q-{number:032x}")).unwrap(), shared))
    }

    fn fill(share: &Share) -> Vec<Place<'_>> {
        std::iter::from_fn(|| share.place()).collect()
    }

    #[test]
    fn however_much_others_ask_every_network_has_places_of_its_own() {
        let shared = Shared::default();
        let greedy: [Share; 8] = shares(&shared);
        let mut taken: Vec<Vec<Place<'_>>> = greedy.iter().map(fill).collect();
        assert_eq!(taken.iter().map(Vec::len).collect::<Vec<_>>(), [64, 64, 64, 64, 10, 2, 2, 2]);
        let [modest]: [Share; 1] = shares(&shared);
        for _ in 0..3 {
            let places = fill(&modest);
            assert_eq!(places.len(), OWN);
            assert_eq!(fill(&modest).len(), 0);
        }
        assert_eq!(modest.refused.load(Ordering::Relaxed), 6);
        // What one lets go of, another may have.
        let before = modest.place();
        drop(taken.swap_remove(0));
        let more = fill(&modest);
        assert_eq!((before.is_some(), more.len()), (true, 63));
    }

    #[test]
    fn places_of_its_own_are_free_again_though_shared_ones_are_not() {
        let shared = Shared::default();
        let [one, two]: [Share; 2] = shares(&shared);
        let mut places = fill(&one);
        assert_eq!(places.len(), MOST_OF_ONE);
        drop(places.remove(0));
        assert!(one.place().is_some());
        assert_eq!(fill(&two).len(), MOST_OF_ONE);
    }
}
