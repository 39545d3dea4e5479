use std::os::fd::{AsFd, AsRawFd};

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    AfSpecInet, AfSpecUnspec, InfoData, InfoKind, InfoMacVlan, InfoVeth, InfoVlan, LinkAttribute, LinkExtentMask,
    LinkFlags, LinkInfo, LinkMessage, MacVlanMode,
};

use super::{Netlink, Request};
use crate::error::Outcome;

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) index: u32,
    pub(crate) name: Box<str>,
    pub(crate) alias: Box<str>,
    /// Whether it was set up.
    pub(crate) up: bool,
    /// Whether the other end is up too.
    pub(crate) carrier: bool,
    /// The index of the other end, in the namespace where that is.
    pub(crate) other_end: u32,
    /// Whether packets that come in here may be forwarded.
    pub(crate) forwards: bool,
    /// The index of the bridge that it is a port of; 0 if it is none.
    pub(crate) bridge: u32,
    /// Whether it is a bridge.
    pub(crate) is_bridge: bool,
}

/// A veth pair to make: one end here, the other in another namespace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewLink<'a> {
    pub(crate) here: &'a str,
    pub(crate) there: &'a str,
    /// The hardware address of this end; none = any.
    pub(crate) hardware: Option<[u8; 6]>,
}

/// An interface to make out of another one: all that comes in for its own hardware address, or one VLAN.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewChild<'a> {
    pub(crate) name: &'a str,
    /// The index of the other interface.
    pub(crate) parent: u32,
    pub(crate) vlan: Option<u16>,
}

impl Link {
    /// All of a namespace.
    pub(crate) fn all(netlink: &Netlink) -> Outcome<Vec<Self>> {
        let mut question = LinkMessage::default();
        question.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
        let found = netlink.dump(&RouteNetlinkMessage::GetLink(question))?;
        Ok(found.into_iter().filter_map(Self::read).collect())
    }

    /// The one of that name.
    pub(crate) fn by_name(netlink: &Netlink, name: &str) -> Outcome<Option<Self>> {
        let mut question = named(name);
        question.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
        Ok(netlink.get(&RouteNetlinkMessage::GetLink(question))?.and_then(Self::read))
    }

    fn read(message: RouteNetlinkMessage) -> Option<Self> {
        let RouteNetlinkMessage::NewLink(message) = message else { return None };
        let flags = message.header.flags;
        let mut link = Self {
            index: message.header.index,
            name: "".into(),
            alias: "".into(),
            up: flags.contains(LinkFlags::Up),
            carrier: flags.contains(LinkFlags::LowerUp),
            other_end: 0,
            forwards: false,
            bridge: 0,
            is_bridge: false,
        };
        for attribute in message.attributes {
            match attribute {
                LinkAttribute::IfName(name) => link.name = name.into(),
                LinkAttribute::IfAlias(alias) => link.alias = alias.into(),
                LinkAttribute::Link(index) => link.other_end = index,
                LinkAttribute::Controller(index) => link.bridge = index,
                LinkAttribute::LinkInfo(info) => {
                    link.is_bridge = info.contains(&LinkInfo::Kind(InfoKind::Bridge));
                }
                LinkAttribute::AfSpecUnspec(families) => link.forwards = forwards(&families),
                _ => {}
            }
        }
        Some(link)
    }

    /// Sets it up and writes its mark.
    pub(crate) fn raise(name: &str, alias: &str) -> Request {
        let mut message = named(name);
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        message.attributes.push(LinkAttribute::IfAlias(alias.to_owned()));
        Request::change(RouteNetlinkMessage::SetLink(message))
    }

    /// Makes it a port of a bridge.
    pub(crate) fn join_bridge(name: &str, bridge: u32) -> Request {
        let mut message = named(name);
        message.attributes.push(LinkAttribute::Controller(bridge));
        Request::change(RouteNetlinkMessage::SetLink(message))
    }

    pub(crate) fn delete(index: u32) -> Request {
        let mut message = LinkMessage::default();
        message.header.index = index;
        Request::change(RouteNetlinkMessage::DelLink(message))
    }

    /// Puts it into a group of interfaces.
    pub(crate) fn join_group(name: &str, group: u32) -> Request {
        let mut message = named(name);
        message.attributes.push(LinkAttribute::Group(group));
        Request::change(RouteNetlinkMessage::SetLink(message))
    }

    /// Deletes all of a group at once: each deletion by itself waits some 20 ms for the kernel's readers.
    pub(crate) fn delete_group(group: u32) -> Request {
        let mut message = LinkMessage::default();
        message.attributes.push(LinkAttribute::Group(group));
        Request::change(RouteNetlinkMessage::DelLink(message))
    }
}

impl NewLink<'_> {
    /// Both ends are made in place, neither ever in the namespace of this process.
    pub(crate) fn create(self, there: impl AsFd) -> Request {
        let mut other = named(self.there);
        other.attributes.push(LinkAttribute::NetNsFd(there.as_fd().as_raw_fd()));
        let mut message = named(self.here);
        message.attributes.extend(self.hardware.map(|address| LinkAttribute::Address(address.to_vec())));
        message.attributes.push(LinkAttribute::LinkInfo(vec![
            LinkInfo::Kind(InfoKind::Veth),
            LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(other))),
        ]));
        Request::create(RouteNetlinkMessage::NewLink(message))
    }
}

impl NewChild<'_> {
    /// Asked of the namespace of the other interface; the new one is made in its place, and never seen here.
    pub(crate) fn create(self, place: impl AsFd) -> Request {
        let mut message = named(self.name);
        message.attributes.push(LinkAttribute::Link(self.parent));
        message.attributes.push(LinkAttribute::NetNsFd(place.as_fd().as_raw_fd()));
        message.attributes.push(LinkAttribute::LinkInfo(match self.vlan {
            Some(vlan) => {
                vec![LinkInfo::Kind(InfoKind::Vlan), LinkInfo::Data(InfoData::Vlan(vec![InfoVlan::Id(vlan)]))]
            }
            None => vec![
                LinkInfo::Kind(InfoKind::MacVlan),
                LinkInfo::Data(InfoData::MacVlan(vec![InfoMacVlan::Mode(MacVlanMode::Bridge)])),
            ],
        }));
        Request::create(RouteNetlinkMessage::NewLink(message))
    }
}

fn named(name: &str) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(name.to_owned()));
    message
}

fn forwards(families: &[AfSpecUnspec]) -> bool {
    families.iter().any(|family| {
        let AfSpecUnspec::Inet(parts) = family else { return false };
        parts.iter().any(|part| matches!(part, AfSpecInet::DevConf(conf) if conf.forwarding != 0))
    })
}
