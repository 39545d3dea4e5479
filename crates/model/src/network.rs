use serde::{Deserialize, Serialize};

use crate::cidr::Cidr4;
use crate::ids::{ExternalId, ProjectId};
use crate::stamp::Stamp;

/// A VPC of the directory of networks: where data sources live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its id, which `dest_vpc_id` names.
    pub id: ExternalId,
    /// The project that registered it.
    pub project: ProjectId,
    /// Free text.
    pub name: Box<str>,
    /// Its addresses, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<Cidr4>,
    /// When it was registered.
    pub created: Stamp,
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
    /// When it was registered.
    pub created: Stamp,
}
