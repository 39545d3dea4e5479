//! Leases on the clock of the runtime, which a test may stop and move.

use std::collections::HashMap;

use linkspan_engine::store::{Lease, LeaseAsk};
use tokio::time::Instant;

/// The leases by scope, each with the time at which it ends.
#[derive(Debug, Clone, Default)]
pub(super) struct Leases(HashMap<Box<str>, (Lease, Instant)>);

impl Leases {
    pub(super) fn answer(&mut self, ask: &LeaseAsk) -> Lease {
        let now = Instant::now();
        let (generation, is_free, is_kept) = match self.0.get(&ask.scope) {
            Some((lease, until)) if *until > now => {
                (lease.generation, false, lease.holder == ask.holder && ask.held == Some(lease.generation))
            }
            Some((lease, _)) => (lease.generation, true, false),
            None => (0, true, false),
        };
        if is_free || is_kept {
            // What has ended is never kept, since somebody may have held it meanwhile.
            let generation = if is_kept { generation } else { generation.max(ask.after) + 1 };
            let lease = Lease { generation, holder: ask.holder, name: ask.name.clone() };
            self.0.insert(ask.scope.clone(), (lease, now + ask.keep));
        }
        self.0[&ask.scope].0.clone()
    }
}
