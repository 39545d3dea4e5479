//! The one table of ours in the host's own namespace: what comes from a router over a bridge or another link of the host
//! gets to the networks that are allowed, never to what listens on the host itself.
//!
//! A router is known by how its hardware address begins, because behind a bridge the host no longer sees which port a
//! packet came in by.

use std::sync::Arc;

use super::listing::without_elements;
use super::table::TABLE;
use super::{Filter, Rules};
use crate::error::Outcome;
use crate::namespace::{Namespace, Namespaces};
use crate::router::HARDWARE_PREFIX;
use crate::writes::Writes;

fn text() -> String {
    let [a, b, c] = HARDWARE_PREFIX;
    format!(
        "table {TABLE} {{ }}\ndelete table {TABLE}\ntable {TABLE} {{
  chain input {{
    type filter hook input priority filter - 5; policy accept;
    ether saddr & ff:ff:ff:00:00:00 == {a:02x}:{b:02x}:{c:02x}:00:00:00 reject with icmpx admin-prohibited
  }}
}}
"
    )
}

/// Whether the host is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// There is no table of ours.
    None,
    /// It is as it should be.
    Whole,
    /// Somebody else has changed it.
    Altered,
}

impl Filter {
    /// Whether the host is guarded. Asked of `nft` only if rules of the host changed since the last time.
    pub(crate) fn guard(&self, namespaces: &Namespaces, host: &Namespace) -> Outcome<Guard> {
        let rules = host.generations.unless_changed(|| {
            let Some(listing) = self.nft.list(host)? else { return Ok(Arc::new(Rules::default())) };
            let intact = without_elements(&listing) == *self.untouched_guard(namespaces)?;
            Ok(Arc::new(Rules { intact, is_there: true, ..Rules::default() }))
        })?;
        Ok(match (rules.is_there, rules.intact) {
            (false, _) => Guard::None,
            (true, true) => Guard::Whole,
            (true, false) => Guard::Altered,
        })
    }

    /// Guards the host.
    pub(crate) fn put_guard(&self, host: &Namespace, writes: &Writes) -> Outcome<()> {
        writes.before("guard the host")?;
        self.nft.transact(host, &text())
    }

    /// Takes the table away.
    pub(crate) fn remove_guard(&self, host: &Namespace, writes: &Writes) -> Outcome<()> {
        writes.before("take the host's guard away")?;
        self.nft.transact(host, &format!("delete table {TABLE}\n"))
    }

    fn untouched_guard(&self, namespaces: &Namespaces) -> Outcome<&serde_json::Value> {
        if let Some(known) = self.guard.get() {
            return Ok(known);
        }
        let listing = namespaces.scratch(|namespace| {
            self.nft.transact(namespace, &text())?;
            self.nft.list(namespace)
        })?;
        Ok(self.guard.get_or_init(|| listing.map(|listing| without_elements(&listing)).unwrap_or_default()))
    }
}
