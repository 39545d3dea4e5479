use std::net::{IpAddr, Ipv4Addr};

use netlink_packet_route::address::{AddressAttribute, AddressMessage, AddressScope};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use super::{Netlink, Request};
use crate::error::Outcome;

/// An IPv4 address of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    /// The interface.
    pub(crate) index: u32,
    pub(crate) address: Ipv4Addr,
    pub(crate) prefix: u8,
}

impl Address {
    /// All of a namespace.
    pub(crate) fn all(netlink: &Netlink) -> Outcome<Vec<Self>> {
        let mut question = AddressMessage::default();
        question.header.family = AddressFamily::Inet;
        let found = netlink.dump(&RouteNetlinkMessage::GetAddress(question))?;
        Ok(found.into_iter().filter_map(Self::read).collect())
    }

    fn read(message: RouteNetlinkMessage) -> Option<Self> {
        let RouteNetlinkMessage::NewAddress(message) = message else { return None };
        let address = message.attributes.iter().find_map(|attribute| match attribute {
            AddressAttribute::Local(IpAddr::V4(address)) => Some(*address),
            _ => None,
        })?;
        Some(Self { index: message.header.index, address, prefix: message.header.prefix_len })
    }

    fn message(self) -> AddressMessage {
        let mut message = AddressMessage::default();
        message.header.family = AddressFamily::Inet;
        message.header.prefix_len = self.prefix;
        message.header.index = self.index;
        message.header.scope = AddressScope::Universe;
        message.attributes.push(AddressAttribute::Local(self.address.into()));
        message.attributes.push(AddressAttribute::Address(self.address.into()));
        message
    }

    pub(crate) fn put(self) -> Request {
        Request::put(RouteNetlinkMessage::NewAddress(self.message()))
    }

    pub(crate) fn delete(self) -> Request {
        Request::change(RouteNetlinkMessage::DelAddress(self.message()))
    }
}
