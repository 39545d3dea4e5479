use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::cidr::Cidr4;
use crate::ids::{ExternalId, ProjectId};
use crate::names::BindingName;
use crate::stamp::{Stamp, UnixMillis};
use crate::tag::Tags;

/// A VPC of the directory of networks: where data sources live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its id, which `dest_vpc_id` names.
    pub id: ExternalId,
    /// The project that registered it.
    pub project: ProjectId,
    /// Free text.
    pub name: Box<str>,
    /// Free text.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub description: Box<str>,
    /// Its addresses, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<Cidr4>,
    /// The enterprise project that it was put into; empty = the default one.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub enterprise_project_id: Box<str>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// When it was registered.
    pub created: Stamp,
    /// When it was changed last, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<UnixMillis>,
}

impl Vpc {
    /// The enterprise project that it is in; `0` is the default one.
    #[must_use]
    pub fn enterprise_project(&self) -> &str {
        if self.enterprise_project_id.is_empty() { "0" } else { &self.enterprise_project_id }
    }
}

/// A subnet of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its network id, which `dest_network_id` names.
    pub id: ExternalId,
    /// The project that registered it.
    pub project: ProjectId,
    /// The VPC it is part of.
    pub vpc: ExternalId,
    /// Free text.
    pub name: Box<str>,
    /// Its addresses.
    pub cidr: Cidr4,
    /// Whether it has IPv6 too.
    #[serde(default)]
    pub ipv6: bool,
    /// The custom route table that it uses; none = the default one of its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_table: Option<ExternalId>,
    /// What its machines are told.
    #[serde(default, skip_serializing_if = "SubnetSettings::are_default")]
    pub settings: SubnetSettings,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// When it was registered.
    pub created: Stamp,
    /// When it was changed last, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<UnixMillis>,
}

impl Subnet {
    /// Whether it uses this table of its VPC.
    #[must_use]
    pub fn uses(&self, table: &RouteTable) -> bool {
        match &self.route_table {
            Some(id) => *id == table.id,
            None => table.is_default && table.vpc == self.vpc,
        }
    }
}

/// Names and values of DHCP options.
pub type DhcpOptions = Box<[(Box<str>, Box<str>)]>;

/// What the machines of a subnet are told. It is kept for those who read it back; nothing here acts on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubnetSettings {
    /// Free text.
    pub description: Box<str>,
    /// The address of the gateway; none = the first address.
    pub gateway: Option<Ipv4Addr>,
    /// Whether addresses are given by DHCP.
    pub dhcp: bool,
    /// The first name server; empty = none was named.
    pub primary_dns: Box<str>,
    /// The second one, likewise.
    pub secondary_dns: Box<str>,
    /// All name servers, as named.
    pub dns: Box<[Box<str>]>,
    /// Options of DHCP by name (`ntp`, `addresstime`), as named.
    pub dhcp_options: DhcpOptions,
    /// As named.
    pub availability_zone: Box<str>,
}

impl Default for SubnetSettings {
    fn default() -> Self {
        Self {
            description: Box::default(),
            gateway: None,
            dhcp: true,
            primary_dns: Box::default(),
            secondary_dns: Box::default(),
            dns: Box::default(),
            dhcp_options: Box::default(),
            availability_zone: Box::default(),
        }
    }
}

impl SubnetSettings {
    fn are_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a network stands for where the plane works: a name that the administrator there allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkBinding {
    /// The network, as `dest_network_id` names it; the directory need not know it.
    pub network: ExternalId,
    /// The project that bound it.
    pub project: ProjectId,
    /// The name.
    pub to: BindingName,
    /// The network's addresses, if the directory does not tell them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<Cidr4>,
    /// When it was bound first.
    pub created: Stamp,
}

/// A route table of a VPC. Its routes are kept for those who read them back: what joins networks here is a connection.
///
/// Which subnets use it stands in each [`Subnet`], so that none can use two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Its id, which `routetable_id` names.
    pub id: ExternalId,
    /// The project that registered it.
    pub project: ProjectId,
    /// The VPC it is part of.
    pub vpc: ExternalId,
    /// Free text.
    pub name: Box<str>,
    /// Free text.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub description: Box<str>,
    /// Whether it is the one that the VPC came with, which every subnet uses that uses no other.
    #[serde(default)]
    pub is_default: bool,
    /// Its custom routes in the order they were added.
    #[serde(default)]
    pub routes: Box<[TableRoute]>,
    /// When it was made.
    pub created: Stamp,
    /// When it was changed last, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<UnixMillis>,
}

impl RouteTable {
    /// The most custom routes of a table (vpc_apiroutetab_0003).
    pub const MOST_ROUTES: usize = 200;
}

/// A custom route of a route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRoute {
    /// What the next hop is (`ecs`, `eni`, `vip`, `nat`, `peering`, …).
    pub kind: Box<str>,
    /// The destination, a CIDR as sent; unique within the table.
    pub destination: Box<str>,
    /// The next hop's id or address.
    pub next_hop: Box<str>,
    /// Free text.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub description: Box<str>,
}
