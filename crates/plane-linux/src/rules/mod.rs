//! The packet filter of a router.
//!
//! Invariants: rules change by one transaction of `nft` per namespace and pass; whether they changed is asked of the
//! kernel by a number it counts up, so that what was read stays good until then; the rules that never change are
//! compared with what this very `nft` says of them in a namespace made for that.
//!
//! It must not know where a permit comes from. To add a rule, write it into `table.rs`; rules of an older release are
//! then found to differ and are replaced in one transaction, permits and all.

mod generation;
mod guard;
mod listing;
mod nft;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};

use linkspan_model::{Cidr4, PeerId};

pub(crate) use self::generation::Generations;
pub(crate) use self::guard::Guard;
pub(crate) use self::nft::Nft;

use crate::error::{Fault, Outcome};
use crate::marks::PeerMark;
use crate::names::InterfaceName;
use crate::namespace::{Namespace, Namespaces};
use crate::writes::Writes;

/// Lets packets through that come from `link` with a source in one network and a destination in another, and the
/// answers to them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Permit {
    pub(crate) link: InterfaceName,
    pub(crate) source: Cidr4,
    pub(crate) destination: Cidr4,
}

/// What a router's rules say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Whether there is a table of ours at all.
    pub(crate) is_there: bool,
    /// Whether everything but permits and peers is as it should be.
    pub(crate) intact: bool,
    pub(crate) permits: BTreeSet<Permit>,
    pub(crate) peers: BTreeMap<PeerId, PeerMark>,
}

impl Rules {
    /// Whether packets from a link with these addresses are let through.
    pub(crate) fn let_through(&self, link: &InterfaceName, (from, to): (Ipv4Addr, Ipv4Addr)) -> bool {
        let permits =
            |permit: &Permit| permit.link == *link && permit.source.contains(from) && permit.destination.contains(to);
        self.intact && self.permits.iter().any(permits)
    }
}

/// What is to change in a router's rules, all at once.
#[derive(Debug, Default)]
pub(crate) struct Amendment {
    pub(crate) permit: Vec<Permit>,
    pub(crate) forbid: Vec<Permit>,
    pub(crate) enter: Vec<(PeerId, PeerMark)>,
    pub(crate) strike: Vec<PeerId>,
}

impl Amendment {
    pub(crate) fn is_empty(&self) -> bool {
        self.permit.is_empty() && self.forbid.is_empty() && self.enter.is_empty() && self.strike.is_empty()
    }
}

/// Reads and writes the rules of routers.
#[derive(Debug)]
pub(crate) struct Filter {
    nft: Nft,
    /// What `nft` says of an untouched table.
    untouched: OnceLock<serde_json::Value>,
    /// Likewise of the host's guard.
    guard: OnceLock<serde_json::Value>,
}

impl Filter {
    pub(crate) fn new(nft: Nft) -> Self {
        Self { nft, untouched: OnceLock::new(), guard: OnceLock::new() }
    }

    pub(crate) fn nft(&self) -> &Nft {
        &self.nft
    }

    /// Loads the rules that never change into a namespace that has none.
    pub(crate) fn found(&self, namespace: &Namespace, writes: &Writes) -> Outcome<()> {
        writes.before("load the rules of a router")?;
        self.nft.transact(namespace, &table::whole(&Rules::default()))
    }

    /// What a router's rules say. Read by `nft` only if they changed since the last time.
    pub(crate) fn read(&self, namespaces: &Namespaces, namespace: &Namespace) -> Outcome<Arc<Rules>> {
        let untouched = self.untouched(namespaces)?;
        namespace.generations.unless_changed(|| {
            let listing = self.nft.list(namespace)?;
            Ok(Arc::new(listing.map_or_else(Rules::default, |listing| listing::rules(&listing, untouched))))
        })
    }

    /// The tables in a router's namespace that are none of ours and see packets.
    pub(crate) fn foreign(&self, namespace: &Namespace) -> Outcome<BTreeSet<String>> {
        Ok(listing::tables_at_work(&self.nft.chains(namespace)?).filter(|table| table != table::TABLE).collect())
    }

    /// Changes a router's rules in one transaction; if the ones that never change are not as they should be, all are
    /// replaced in that same transaction.
    pub(crate) fn amend(
        &self,
        namespace: &Namespace,
        (rules, amendment): (&Rules, &Amendment),
        writes: &Writes,
    ) -> Outcome<()> {
        if amendment.is_empty() && rules.intact {
            return Ok(());
        }
        writes.before("change the rules of a router")?;
        let amended = table::amended(rules, amendment);
        if !rules.intact {
            return self.nft.transact(namespace, &table::whole(&amended));
        }
        self.nft.transact(namespace, &table::changes(amendment))?;
        namespace.generations.after_own((rules, amended))
    }

    /// What `nft` says of an untouched table, found out once.
    pub(crate) fn untouched(&self, namespaces: &Namespaces) -> Outcome<&serde_json::Value> {
        if let Some(known) = self.untouched.get() {
            return Ok(known);
        }
        let listing = namespaces.scratch(|namespace| {
            self.nft.transact(namespace, &table::whole(&Rules::default()))?;
            self.nft.list(namespace)
        })?;
        let listing = listing.ok_or_else(|| Fault::Rules("does not list a table that it has loaded".into()))?;
        Ok(self.untouched.get_or_init(|| listing::without_elements(&listing)))
    }
}
