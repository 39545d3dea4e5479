use std::net::Ipv4Addr;
use std::path::PathBuf;

use linkspan_model::{BindingName, Cidr4};
use serde::Deserialize;

use super::Whom;
use crate::names::{InterfaceName, NamespaceName};

/// One thing of this host that networks may be bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: BindingName,
    pub(crate) whom: Whom,
    pub(crate) target: Target,
    /// The router's own address there.
    pub(crate) address: RouterAddress,
    /// What may be reached over it.
    pub(crate) cidrs: Vec<Cidr4>,
    /// The way to those of them that are not on the link itself.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// Whether what comes from queues bears the router's address.
    pub(crate) masquerade: bool,
    /// Tells it from every other, whatever the difference.
    pub(crate) link: NamespaceName,
}

/// The real thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A namespace, by its handle; and the address that its end of the link is given, if any.
    Namespace(PathBuf, Option<Ipv4Addr>),
    /// A bridge of the host.
    Bridge(InterfaceName),
    /// The network that an interface of the host is attached to, or one VLAN of it.
    Interface(InterfaceName, Option<u16>),
}

/// An address and the network that it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct RouterAddress {
    pub(crate) address: Ipv4Addr,
    pub(crate) network: Cidr4,
}

impl TryFrom<String> for RouterAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let (address, prefix) = text.split_once('/')?;
            let (address, prefix): (Ipv4Addr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
            let network = Cidr4::containing(address, prefix);
            let usable = prefix <= 31 && (prefix == 31 || (address != network.network() && address != network.last()));
            usable.then_some(Self { address, network })
        };
        read().ok_or_else(|| format!("`{text}` is no address of a host with its network's prefix, such as 10.0.0.1/24"))
    }
}

/// An entry as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    name: BindingName,
    project: String,
    kind: Kind,
    namespace: Option<String>,
    inside: Option<Ipv4Addr>,
    bridge: Option<String>,
    interface: Option<String>,
    vlan: Option<u16>,
    address: RouterAddress,
    cidrs: Vec<Network>,
    gateway: Option<Ipv4Addr>,
    masquerade: Option<bool>,
}

/// A network, written as one: host bits would leave open what was meant.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Network(Cidr4);

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.parse::<Cidr4>() {
            Ok(cidr) if cidr.to_string() == text => Ok(Self(cidr)),
            Ok(cidr) => Err(format!("`{text}` is an address; the network that it is part of is {cidr}")),
            Err(error) => Err(format!("a network {error}")),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Namespace,
    Bridge,
    Interface,
}

/// The directory in which `ip netns` keeps its handles.
const NAMED_NAMESPACES: &str = "/run/netns";

impl Written {
    /// The entry, or what is wrong with it.
    pub(super) fn read(self) -> Result<Entry, String> {
        self.only_its_own_keys()?;
        let whom = match self.project.as_str() {
            "*" => Whom::Everyone,
            id => Whom::Project(id.parse().map_err(|error| format!("`project`: {error}"))?),
        };
        self.check_addresses()?;
        let target = self.target()?;
        let masquerade = self.masquerade.unwrap_or(true);
        let Self { name, address, gateway, .. } = self;
        let cidrs: Vec<_> = self.cidrs.iter().map(|network| network.0).collect();
        let parts = [
            name.as_str().to_owned(),
            whom.as_str().to_owned(),
            format!("{target:?}"),
            format!("{address:?}"),
            format!("{cidrs:?}"),
            format!("{gateway:?}"),
        ];
        let link = NamespaceName::of_binding(masquerade, &parts.each_ref().map(String::as_str));
        Ok(Entry { name, whom, target, address, cidrs, gateway, masquerade, link })
    }

    /// A key of another kind would be a misunderstanding of what is allowed.
    fn only_its_own_keys(&self) -> Result<(), String> {
        let of_namespaces = [("namespace", self.namespace.is_some()), ("inside", self.inside.is_some())];
        let of_bridges = [("bridge", self.bridge.is_some())];
        let of_interfaces = [("interface", self.interface.is_some()), ("vlan", self.vlan.is_some())];
        let foreign: &[&[(&str, bool)]] = match self.kind {
            Kind::Namespace => &[&of_bridges, &of_interfaces],
            Kind::Bridge => &[&of_namespaces, &of_interfaces],
            Kind::Interface => &[&of_namespaces, &of_bridges],
        };
        match foreign.iter().flat_map(|keys| keys.iter()).find(|(_, there)| *there) {
            Some((key, _)) => Err(format!("`{key}` means nothing for this kind")),
            None => Ok(()),
        }
    }

    fn check_addresses(&self) -> Result<(), String> {
        let RouterAddress { address, network } = self.address;
        if self.cidrs.is_empty() {
            return Err("`cidrs` names no network that may be reached".to_owned());
        }
        for (key, other) in [("gateway", self.gateway), ("inside", self.inside)] {
            if let Some(other) = other.filter(|other| !network.contains(*other) || *other == address) {
                return Err(format!("`{key}` {other} is not another address of {network}"));
            }
        }
        let beyond = self.cidrs.iter().map(|cidr| cidr.0).find(|cidr| !network.encloses(*cidr));
        match beyond.filter(|_| self.gateway.is_none()) {
            Some(cidr) => Err(format!("{cidr} lies beyond {network}; name the `gateway` that leads there")),
            None => Ok(()),
        }
    }

    fn target(&self) -> Result<Target, String> {
        match self.kind {
            Kind::Namespace => {
                let handle =
                    self.namespace.as_deref().ok_or("`namespace` is missing: its name or the path of its handle")?;
                let path = match handle {
                    _ if handle.starts_with('/') => PathBuf::from(handle),
                    _ if !handle.is_empty() && !handle.contains('/') => PathBuf::from(NAMED_NAMESPACES).join(handle),
                    _ => return Err(format!("`{handle}` is neither a name nor an absolute path")),
                };
                Ok(Target::Namespace(path, self.inside))
            }
            Kind::Bridge => {
                let bridge = self.bridge.as_deref().ok_or("`bridge` is missing: the name of the bridge")?;
                Ok(Target::Bridge(interface(bridge)?))
            }
            Kind::Interface => {
                let name = self.interface.as_deref().ok_or("`interface` is missing: the name of the interface")?;
                match self.vlan {
                    Some(vlan) if !(1..=4094).contains(&vlan) => {
                        Err(format!("{vlan} is no VLAN: they go from 1 to 4094"))
                    }
                    vlan => Ok(Target::Interface(interface(name)?, vlan)),
                }
            }
        }
    }
}

fn interface(name: &str) -> Result<InterfaceName, String> {
    let legal = (1..=15).contains(&name.len()) && !name.contains(|c: char| c == '/' || c.is_whitespace());
    if legal { Ok(InterfaceName::known(name)) } else { Err(format!("`{name}` is no name of an interface")) }
}

impl Entry {
    /// Whether all of a network may be reached over it.
    pub(crate) fn serves(&self, cidr: Cidr4) -> bool {
        self.cidrs.iter().any(|allowed| allowed.encloses(cidr))
    }

    /// The routes that lead there: each network, and the address to send it to; none for what is on the link.
    pub(crate) fn routes(&self) -> Vec<(Cidr4, Ipv4Addr)> {
        let hop = |cidr: &Cidr4| {
            let beyond = (!self.address.network.encloses(*cidr)).then_some(self.gateway).flatten();
            beyond.unwrap_or(Ipv4Addr::UNSPECIFIED)
        };
        self.cidrs.iter().map(|cidr| (*cidr, hop(cidr))).collect()
    }
}
