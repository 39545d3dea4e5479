//! The directory of networks of a project: where data sources live.

use linkspan_model::{BindingName, Cidr4, ExternalId, NetworkBinding, Subnet, Vpc};
use serde::{Deserialize, Serialize};

use super::{FreeText, Time};

/// A VPC of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcInfo {
    /// What `dest_vpc_id` names.
    pub id: ExternalId,
    /// Free text.
    pub name: String,
    /// Its addresses, if known.
    pub cidr: Option<Cidr4>,
    /// When it was registered.
    pub create_time: Time,
}

/// `GET /linkspan/v1/{project_id}/networks/vpcs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcList {
    /// In the order of their ids.
    pub vpcs: Vec<VpcInfo>,
}

/// `POST /linkspan/v1/{project_id}/networks/vpcs`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateVpc {
    /// Its id; absent = a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ExternalId>,
    /// Free text.
    #[serde(default)]
    pub name: FreeText,
    /// Its addresses, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<Cidr4>,
}

/// A subnet of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetInfo {
    /// What `dest_network_id` names.
    pub id: ExternalId,
    /// The VPC it is part of.
    pub vpc_id: ExternalId,
    /// Free text.
    pub name: String,
    /// Its addresses.
    pub cidr: Cidr4,
    /// Whether it has IPv6 too.
    pub ipv6: bool,
    /// What it is bound to; null = nothing, and so from a server that does not tell.
    #[serde(default)]
    pub bound_to: Option<BindingName>,
    /// When it was registered.
    pub create_time: Time,
}

/// `GET /linkspan/v1/{project_id}/networks/subnets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetList {
    /// In the order of their ids.
    pub subnets: Vec<SubnetInfo>,
}

/// `POST /linkspan/v1/{project_id}/networks/subnets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSubnet {
    /// Its network id; absent = a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ExternalId>,
    /// The VPC it is part of.
    pub vpc_id: ExternalId,
    /// Free text.
    #[serde(default)]
    pub name: FreeText,
    /// Its addresses.
    pub cidr: Cidr4,
    /// Whether it has IPv6 too.
    #[serde(default)]
    pub ipv6: bool,
}

/// What a network is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkBindingInfo {
    /// What `dest_network_id` names.
    pub network_id: ExternalId,
    /// The name that the administrator of the plane's host allows.
    pub to: BindingName,
    /// Its addresses as they were named; null = the directory's.
    pub cidr: Option<Cidr4>,
    /// When it was bound first.
    pub create_time: Time,
}

/// `GET /linkspan/v1/{project_id}/networks/bindings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkBindingList {
    /// In the order of the networks' ids.
    pub bindings: Vec<NetworkBindingInfo>,
}

/// `PUT /linkspan/v1/{project_id}/networks/bindings/{network_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BindNetwork {
    /// The name to bind it to.
    pub to: BindingName,
    /// Its addresses; not for a subnet of the directory, whose are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<Cidr4>,
}

impl From<&NetworkBinding> for NetworkBindingInfo {
    fn from(binding: &NetworkBinding) -> Self {
        Self {
            network_id: binding.network.clone(),
            to: binding.to.clone(),
            cidr: binding.cidr,
            create_time: Time(binding.created.millis()),
        }
    }
}

impl From<&Vpc> for VpcInfo {
    fn from(vpc: &Vpc) -> Self {
        let create_time = Time(vpc.created.millis());
        Self { id: vpc.id.clone(), name: vpc.name.to_string(), cidr: vpc.cidr, create_time }
    }
}

impl SubnetInfo {
    /// A subnet and what it is bound to.
    #[must_use]
    pub fn new(subnet: &Subnet, binding: Option<&NetworkBinding>) -> Self {
        Self {
            id: subnet.id.clone(),
            vpc_id: subnet.vpc.clone(),
            name: subnet.name.to_string(),
            cidr: subnet.cidr,
            ipv6: subnet.ipv6,
            bound_to: binding.map(|binding| binding.to.clone()),
            create_time: Time(subnet.created.millis()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let body = r#"{"id":"n","vpc_id":"v","name":"data","cidr":"10.0.0.0/24","ipv6":true}"#;
        let subnet: CreateSubnet = read(body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(write(&subnet)).unwrap(), body);
        assert_eq!(read::<CreateVpc>(b"").unwrap(), CreateVpc::default());
        assert!(read::<CreateSubnet>(br#"{"vpc_id":"v","cidr":"10.0.0.0/99"}"#).is_err());
    }
}
