use std::os::fd::{AsFd, AsRawFd};

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};

use super::Request;

/// Gives a namespace a number in the one that the socket is in, if it has none yet: changes in namespaces without
/// number are not told to anybody.
pub(crate) fn number(namespace: impl AsFd) -> Request {
    let mut message = NsidMessage::default();
    // The kernel chooses.
    message.attributes.push(NsidAttribute::Id(-1));
    message.attributes.push(NsidAttribute::Fd(namespace.as_fd().as_raw_fd().unsigned_abs()));
    Request::change(RouteNetlinkMessage::NewNsId(message))
}
