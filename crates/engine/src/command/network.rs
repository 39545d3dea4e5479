//! The directory of networks: VPCs, subnets and route tables to register, and what can be changed about them.

use linkspan_model::{BindingName, Cidr4, DhcpOptions, ExternalId, SubnetSettings, TableRoute, Tags};

/// A VPC to register.
#[derive(Debug, Clone, Default)]
pub struct NewVpc {
    /// Its id; absent = a new one.
    pub id: Option<ExternalId>,
    /// Free text.
    pub name: Box<str>,
    /// Free text.
    pub description: Box<str>,
    /// Its addresses, if known.
    pub cidr: Option<Cidr4>,
    /// Empty = the default one.
    pub enterprise_project_id: Box<str>,
    /// Its tags.
    pub tags: Tags,
}

/// A change of a VPC; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct VpcChange {
    /// Free text.
    pub name: Option<Box<str>>,
    /// Free text.
    pub description: Option<Box<str>>,
    /// Its addresses.
    pub cidr: Option<Cidr4>,
}

/// A subnet to register.
#[derive(Debug, Clone)]
pub struct NewSubnet {
    /// Its network id; absent = a new one.
    pub id: Option<ExternalId>,
    /// The VPC it is part of.
    pub vpc: ExternalId,
    /// Free text.
    pub name: Box<str>,
    /// Its addresses.
    pub cidr: Cidr4,
    /// Whether it has IPv6 too.
    pub ipv6: bool,
    /// What its machines are told.
    pub settings: SubnetSettings,
    /// Its tags.
    pub tags: Tags,
}

/// A change of a subnet; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct SubnetChange {
    /// The VPC that it must be part of, if the caller names one.
    pub vpc: Option<ExternalId>,
    /// Free text.
    pub name: Option<Box<str>>,
    /// Free text.
    pub description: Option<Box<str>>,
    /// Whether it has IPv6 too.
    pub ipv6: Option<bool>,
    /// Whether addresses are given by DHCP.
    pub dhcp: Option<bool>,
    /// The first name server; empty = none.
    pub primary_dns: Option<Box<str>>,
    /// The second one.
    pub secondary_dns: Option<Box<str>>,
    /// All name servers.
    pub dns: Option<Box<[Box<str>]>>,
    /// Options of DHCP.
    pub dhcp_options: Option<DhcpOptions>,
}

/// A network to bind.
#[derive(Debug, Clone)]
pub struct NewNetworkBinding {
    /// Its id; the directory need not know it.
    pub network: ExternalId,
    /// The name to bind it to.
    pub to: BindingName,
    /// Its addresses, if the directory does not tell them.
    pub cidr: Option<Cidr4>,
}

/// A custom route table to register.
#[derive(Debug, Clone)]
pub struct NewRouteTable {
    /// Its id; absent = a new one.
    pub id: Option<ExternalId>,
    /// The VPC it is part of.
    pub vpc: ExternalId,
    /// Free text.
    pub name: Box<str>,
    /// Free text.
    pub description: Box<str>,
    /// Its routes.
    pub routes: Vec<TableRoute>,
}

/// A change of a route table; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct RouteTableChange {
    /// Free text.
    pub name: Option<Box<str>>,
    /// Free text.
    pub description: Option<Box<str>>,
    /// Destinations whose routes go, before any is added.
    pub removed: Vec<Box<str>>,
    /// Routes that take the place of those with the same destinations.
    pub replaced: Vec<TableRoute>,
    /// Routes to add.
    pub added: Vec<TableRoute>,
    /// Subnets that use it from now on, whichever they used before.
    pub associated: Vec<ExternalId>,
    /// Subnets that use the default one of the VPC again.
    pub disassociated: Vec<ExternalId>,
}
