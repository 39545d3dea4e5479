use std::net::Ipv4Addr;

use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use super::Netlink;
use crate::error::Outcome;

/// What is known of a host on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Neighbour {
    /// It has told its hardware address.
    Answered,
    /// It was asked and has not answered.
    Silent,
}

impl Neighbour {
    /// The one with that address on an interface; none if it was never asked.
    pub(crate) fn at(netlink: &Netlink, index: u32, address: Ipv4Addr) -> Outcome<Option<Self>> {
        let mut question = NeighbourMessage::default();
        question.header.family = AddressFamily::Inet;
        let found = netlink.dump(&RouteNetlinkMessage::GetNeighbour(question))?;
        let wanted = NeighbourAttribute::Destination(NeighbourAddress::Inet(address));
        let state = found.into_iter().find_map(|message| match message {
            RouteNetlinkMessage::NewNeighbour(message) if message.header.ifindex == index => {
                message.attributes.contains(&wanted).then_some(message.header.state)
            }
            _ => None,
        });
        Ok(state.and_then(|state| match state {
            NeighbourState::Incomplete | NeighbourState::Failed => Some(Self::Silent),
            NeighbourState::None => None,
            _ => Some(Self::Answered),
        }))
    }
}
