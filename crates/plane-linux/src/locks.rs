//! Who may change what at the same time.
//!
//! All names that a piece of work needs are taken at once or not at all, so that nobody waits for another while holding
//! something the other waits for. Work that takes more later may do so only from names that nobody holds while waiting:
//! see the order in [`Scope`].

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};

use linkspan_model::PeerId;

use crate::error::{Fault, Outcome};
use crate::names::NamespaceName;
use crate::work::Ticket;

/// Something that is worked on. Peers and networks of queues are taken before routers, and never after one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scope {
    /// A peer, wherever it is.
    Peer(PeerId),
    /// A namespace.
    Namespace(NamespaceName),
}

/// Whether others may hold it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It must stay as it is meanwhile.
    Shared,
    /// It is changed.
    Alone,
}

#[derive(Debug, Default)]
pub(crate) struct Locks {
    held: Mutex<HashMap<Scope, Held>>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    shared: usize,
    alone: bool,
}

/// Names that are held until this is dropped.
#[derive(Debug)]
pub(crate) struct Holding<'a> {
    locks: &'a Locks,
    names: Vec<(Scope, Mode)>,
}

impl Locks {
    /// Waits until all names are free. Work whose caller went away meanwhile is called off, because its caller's next
    /// call for the same object may be in line already.
    pub(crate) fn take(&self, mut names: Vec<(Scope, Mode)>, ticket: &Ticket) -> Outcome<Holding<'_>> {
        // The same name twice: the stronger wish counts, and it sorts last.
        names.sort_unstable_by(|one, other| (&one.0, one.1 == Mode::Alone).cmp(&(&other.0, other.1 == Mode::Alone)));
        names.reverse();
        names.dedup_by(|later, earlier| later.0 == earlier.0);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while !names.iter().all(|(name, mode)| held.get(name).is_none_or(|held| held.admits(*mode))) {
            held = self.freed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        if ticket.is_void() {
            return Err(Fault::Dropped);
        }
        for (name, mode) in &names {
            let held = held.entry(name.clone()).or_default();
            match mode {
                Mode::Shared => held.shared += 1,
                Mode::Alone => held.alone = true,
            }
        }
        Ok(Holding { locks: self, names })
    }
}

impl Held {
    fn admits(&self, mode: Mode) -> bool {
        match mode {
            Mode::Shared => !self.alone,
            Mode::Alone => !self.alone && self.shared == 0,
        }
    }
}

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        let mut held = self.locks.held.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, mode) in &self.names {
            let Some(entry) = held.get_mut(name) else { continue };
            match mode {
                Mode::Shared => entry.shared = entry.shared.saturating_sub(1),
                Mode::Alone => entry.alone = false,
            }
            if entry.shared == 0 && !entry.alone {
                held.remove(name);
            }
        }
        drop(held);
        self.locks.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread::scope;

    use super::*;
    use linkspan_plane::conformance::samples;

    fn peer(number: u128) -> Scope {
        Scope::Peer(samples::mark(number).peer)
    }

    #[test]
    fn shared_names_are_held_together_and_others_wait() {
        let (locks, ticket) = (Locks::default(), Ticket::default());
        let one = locks.take(vec![(peer(1), Mode::Shared), (peer(1), Mode::Shared)], &ticket).unwrap();
        let two = locks.take(vec![(peer(1), Mode::Shared)], &ticket).unwrap();
        let (told, tells) = channel();
        scope(|scope| {
            let (locks, ticket) = (&locks, &ticket);
            scope.spawn(move || {
                let _held = locks.take(vec![(peer(2), Mode::Alone), (peer(1), Mode::Alone)], ticket).unwrap();
                told.send(()).unwrap();
            });
            drop(one);
            assert!(tells.try_recv().is_err(), "taken while it was shared");
            // What waits for another name holds nothing meanwhile.
            drop(locks.take(vec![(peer(2), Mode::Alone)], ticket).unwrap());
            drop(two);
            tells.recv().unwrap();
        });
        assert!(locks.held.lock().unwrap().is_empty());
    }

    #[test]
    fn work_whose_caller_went_away_is_called_off() {
        let (locks, ticket) = (Locks::default(), Ticket::default());
        ticket.void();
        assert!(matches!(locks.take(vec![(peer(1), Mode::Alone)], &ticket), Err(Fault::Dropped)));
        assert!(locks.held.lock().unwrap().is_empty());
    }
}
