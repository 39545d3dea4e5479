use std::net::Ipv4Addr;

use linkspan_model::Cidr4;
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use super::{Netlink, Request};
use crate::error::Outcome;

/// The routing protocol that marks routes as ours (above those that the kernel's headers name).
const PROTOCOL: RouteProtocol = RouteProtocol::Other(201);

/// A route of ours in the main table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) destination: Cidr4,
    /// Where to send it; unspecified if it is on the link.
    pub(crate) gateway: Ipv4Addr,
    /// The interface it leads out of.
    pub(crate) index: u32,
    pub(crate) metric: u32,
    /// The address that packets bear which start here.
    pub(crate) source: Option<Ipv4Addr>,
}

impl Route {
    /// All that bear our mark.
    pub(crate) fn ours(netlink: &Netlink) -> Outcome<Vec<Self>> {
        let mut question = RouteMessage::default();
        question.header.address_family = AddressFamily::Inet;
        question.header.table = RouteHeader::RT_TABLE_MAIN;
        question.header.protocol = PROTOCOL;
        let found = netlink.dump(&RouteNetlinkMessage::GetRoute(question))?;
        // An older kernel ignores the filter.
        let ours = found.into_iter().filter(|message| {
            let RouteNetlinkMessage::NewRoute(message) = message else { return false };
            message.header.protocol == PROTOCOL && message.header.table == RouteHeader::RT_TABLE_MAIN
        });
        Ok(ours.filter_map(Self::read).collect())
    }

    /// The route that a packet to an address takes here, whosever it is; none if there is no way.
    pub(crate) fn towards(netlink: &Netlink, address: Ipv4Addr) -> Outcome<Option<Self>> {
        let mut question = RouteMessage::default();
        question.header.address_family = AddressFamily::Inet;
        question.header.destination_prefix_length = 32;
        question.attributes.push(RouteAttribute::Destination(RouteAddress::Inet(address)));
        Ok(netlink.get(&RouteNetlinkMessage::GetRoute(question))?.and_then(Self::read))
    }

    fn read(message: RouteNetlinkMessage) -> Option<Self> {
        let RouteNetlinkMessage::NewRoute(message) = message else { return None };
        let header = &message.header;
        let (mut network, mut gateway, mut source) = (Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED, None);
        let (mut index, mut metric) = (0, 0);
        for attribute in &message.attributes {
            match attribute {
                RouteAttribute::Destination(RouteAddress::Inet(address)) => network = *address,
                RouteAttribute::Gateway(RouteAddress::Inet(address)) => gateway = *address,
                RouteAttribute::PrefSource(RouteAddress::Inet(address)) => source = Some(*address),
                RouteAttribute::Oif(oif) => index = *oif,
                RouteAttribute::Priority(priority) => metric = *priority,
                _ => {}
            }
        }
        let destination = Cidr4::containing(network, header.destination_prefix_length);
        Some(Self { destination, gateway, index, metric, source })
    }

    fn message(self) -> RouteMessage {
        let mut message = RouteMessage::default();
        let header = &mut message.header;
        header.address_family = AddressFamily::Inet;
        header.destination_prefix_length = self.destination.prefix();
        header.table = RouteHeader::RT_TABLE_MAIN;
        header.protocol = PROTOCOL;
        header.kind = RouteType::Unicast;
        let inet = RouteAddress::Inet;
        if self.gateway.is_unspecified() {
            header.scope = RouteScope::Link;
        } else {
            header.scope = RouteScope::Universe;
            header.flags = RouteFlags::Onlink;
            message.attributes.push(RouteAttribute::Gateway(inet(self.gateway)));
        }
        message.attributes.push(RouteAttribute::Destination(inet(self.destination.network())));
        message.attributes.push(RouteAttribute::Oif(self.index));
        if self.metric != 0 {
            message.attributes.push(RouteAttribute::Priority(self.metric));
        }
        message.attributes.extend(self.source.map(|source| RouteAttribute::PrefSource(inet(source))));
        message
    }

    pub(crate) fn put(self) -> Request {
        Request::put(RouteNetlinkMessage::NewRoute(self.message()))
    }

    pub(crate) fn delete(self) -> Request {
        let mut message = self.message();
        message.header.flags = RouteFlags::empty();
        Request::change(RouteNetlinkMessage::DelRoute(message))
    }
}
