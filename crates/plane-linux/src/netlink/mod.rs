//! Speaking to the kernel about links, addresses and routes: a thin blocking layer over one socket per namespace.
//!
//! Invariants: a socket stays in the namespace that it was opened in, whoever uses it; one request list is sent and all
//! its answers are read before the next; the crates that encode messages are used nowhere else, because they break
//! often.
//!
//! It must not decide anything. To speak about one more kind of object: a file beside `link.rs` that makes its requests
//! and reads its dumps.

mod address;
mod link;
mod neighbour;
mod nsid;
mod route;
mod socket;

pub(crate) use self::address::Address;
pub(crate) use self::link::{Link, NewChild, NewLink};
pub(crate) use self::neighbour::Neighbour;
pub(crate) use self::nsid::number;
pub(crate) use self::route::Route;
pub(crate) use self::socket::{Netlink, Request};

use crate::error::Outcome;

/// What is there of one namespace.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    pub(crate) links: Vec<Link>,
    pub(crate) addresses: Vec<Address>,
    /// Routes that bear our mark.
    pub(crate) routes: Vec<Route>,
}

impl View {
    /// Reads it. Not one instant, but whatever changes meanwhile is changed by who holds the namespace's lock.
    pub(crate) fn read(netlink: &Netlink) -> Outcome<Self> {
        Ok(Self { links: Link::all(netlink)?, addresses: Address::all(netlink)?, routes: Route::ours(netlink)? })
    }

    pub(crate) fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| &*link.name == name)
    }

    pub(crate) fn loopback(&self) -> Option<&Link> {
        self.link("lo")
    }

    pub(crate) fn has_address(&self, address: &Address) -> bool {
        self.addresses.contains(address)
    }

    pub(crate) fn has_route(&self, route: &Route) -> bool {
        self.routes.contains(route)
    }
}
