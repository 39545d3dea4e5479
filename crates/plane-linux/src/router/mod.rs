//! Routers: a namespace for every VPC that a peer leads to, joined to the queues and pools on one side and to the
//! subnets on the other, and the peers that it lets through.
//!
//! A queue has one link to a router, whatever number of its peers lead there: answers then always find back over the
//! link that the question came by. A peer is its routes in the queue, told from those of others by their metric, their
//! permits at the router, and its entry in the router's table of peers, which is its mark.
//!
//! Invariants: the rules that drop everything are loaded before the router forwards, and it forwards before anything is
//! joined to it; then come links, routes, and permits last. Removal goes the other way, permits first and the peer's
//! entry last, so that whatever is left half done still has a name.
//!
//! It must not decide whether a peer may be made. To give a peer one more part: its check in `state.rs`, its making in
//! `ensure.rs`, its end in `remove.rs`.

mod bound;
mod child;
mod ensure;
mod joint;
mod remove;
mod room;
mod state;
mod subnet;
mod sweep;

pub(crate) use self::joint::HARDWARE_PREFIX;
pub(crate) use self::state::Sources;

use std::sync::Arc;

use crate::error::Outcome;
use crate::host::Host;
use crate::marks::namespace_mark;
use crate::names::NamespaceName;
use crate::namespace::Namespace;
use crate::netlink::Link;

impl Host {
    /// The namespace of a router, made if need be.
    fn router_namespace(&self, name: &NamespaceName) -> Outcome<Arc<Namespace>> {
        if let Some(there) = self.namespace(name)? {
            return Ok(there);
        }
        self.namespaces.create(name, &self.writes, |namespace| {
            namespace.set(("net/ipv4/ip_forward", "0"), &self.writes)?;
            self.filter.found(namespace, &self.writes)?;
            let raise = vec![Link::raise("lo", &namespace_mark(name))];
            namespace.apply(("set up a router", raise), &self.writes)?;
            namespace.set(("net/ipv4/ip_forward", "1"), &self.writes)
        })
    }
}
