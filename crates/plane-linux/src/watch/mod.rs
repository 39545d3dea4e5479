//! Noticing what somebody else changes: one socket that hears of links, addresses, routes and forwarding in all of our
//! namespaces, one that hears of their packet filters, and the table of mounts, where handles vanish.
//!
//! The sockets are in a namespace that holds nothing else (`post.rs`) and in which only ours have a number, so what
//! happens among the host's own interfaces or in the namespaces of others is not heard at all.
//!
//! Invariants: an event is only a hint, and what it says is not read; what this plane does itself is heard too, so hints
//! are given at most every [`SPACING`], and what they lead to ends where nothing is to be changed; events that were lost
//! are events.
//!
//! It must not mend anything. To notice one more kind of thing: its group in [`GROUPS`].

mod listener;
mod mounts;
mod post;

pub(crate) use self::listener::hints;
pub(crate) use self::post::Post;

use netlink_sys::Socket;
use netlink_sys::protocols::{NETLINK_NETFILTER, NETLINK_ROUTE};

use self::mounts::Mounts;
use crate::error::{Fault, Outcome};
use crate::host::Host;

/// `RTNLGRP_LINK`, `RTNLGRP_IPV4_IFADDR`, `RTNLGRP_IPV4_ROUTE` and `RTNLGRP_IPV4_NETCONF`.
const GROUPS: [u32; 4] = [1, 5, 7, 24];
/// `NFNLGRP_NFTABLES`.
const FILTER_GROUPS: [u32; 1] = [7];

/// What hears of changes.
#[derive(Debug)]
pub(crate) struct Watch {
    networks: Socket,
    filters: Socket,
    mounts: Mounts,
}

impl Host {
    /// Begins to hear of changes in every namespace that is open here or will be.
    pub(crate) fn watch(&self) -> Outcome<Watch> {
        let (networks, filters) = self
            .namespaces
            .post()?
            .inside(|| Ok((open(NETLINK_ROUTE, &GROUPS)?, open(NETLINK_NETFILTER, &FILTER_GROUPS)?)))?;
        Ok(Watch { networks, filters, mounts: Mounts::open()? })
    }
}

fn open(protocol: isize, groups: &[u32]) -> Outcome<Socket> {
    let open = || {
        let mut socket = Socket::new(protocol)?;
        socket.bind_auto()?;
        socket.set_listen_all_namespaces(true)?;
        groups.iter().try_for_each(|group| socket.add_membership(*group))?;
        socket.set_non_blocking(true)?;
        Ok(socket)
    };
    open().map_err(|error| Fault::io("watch networks", &error))
}
