//! Bodies of the VPC service, as far as Terraform and the SDKs need it to make a data source's network.

use super::{Field, Node, Schema, flag, list, map, may, must, object, text};

const VPC: &str = "22094d8f-c310-4621-913d-4c4d655d8495";
const SUBNET: &str = "78f2562a-36e4-4b39-95b9-f5aab22e1281";

fn none() -> Schema {
    list(map(text())).example(Node::Array(Vec::new()))
}

fn seconds() -> Schema {
    text().with("format", "date-time").example("2027-01-15T08:00:00Z")
}

fn times() -> [Field; 2] {
    [must("created_at", seconds()), must("updated_at", seconds())]
}

/// Creation of a VPC.
#[must_use]
pub fn create_vpc_request() -> Schema {
    let vpc = object([may("name", text().chars(0, 64).example("data")), may("cidr", text().example("192.168.0.0/16"))]);
    object([must("vpc", vpc)])
}

fn vpc_row() -> Schema {
    let fields = [
        must("id", text().example(VPC)),
        must("name", text().example("data")),
        must("description", text()),
        must("cidr", text().example("192.168.0.0/16")),
        must("status", text().example("OK")),
        must("routes", none()),
        must("enterprise_project_id", text().example("0")),
        must("tenant_id", text()),
    ];
    object(fields.into_iter().chain(times())).named("Vpc")
}

/// A VPC that was made, or is shown.
#[must_use]
pub fn vpc() -> Schema {
    object([must("vpc", vpc_row())])
}

/// A page of VPCs.
#[must_use]
pub fn vpcs() -> Schema {
    object([must("vpcs", list(vpc_row()))])
}

/// A VPC as version 3 of the service shows it.
#[must_use]
pub fn vpc_v3() -> Schema {
    let fields = [
        must("id", text().example(VPC)),
        must("name", text().example("data")),
        must("description", text()),
        must("cidr", text().example("192.168.0.0/16")),
        must("extend_cidrs", list(text()).example(Node::Array(Vec::new()))),
        must("status", text().example("ACTIVE")),
        must("project_id", text()),
        must("enterprise_project_id", text().example("0")),
    ];
    let rest = [must("cloud_resources", none()), must("tags", none())];
    let row = object(fields.into_iter().chain(times()).chain(rest));
    object([must("request_id", text()), must("vpc", row)])
}

/// Creation of a subnet.
#[must_use]
pub fn create_subnet_request() -> Schema {
    let subnet = object([
        may("name", text().chars(0, 64).example("data")),
        must("cidr", text().example("192.168.1.0/24")),
        may("gateway_ip", text().example("192.168.1.1")),
        must("vpc_id", text().example(VPC)),
        may("ipv6_enable", flag()),
    ]);
    object([must("subnet", subnet)])
}

fn subnet_row() -> Schema {
    let fields = [
        must("id", text().example(SUBNET)),
        must("name", text().example("data")),
        must("description", text()),
        must("cidr", text().example("192.168.1.0/24")),
        must("gateway_ip", text().example("192.168.1.1")),
        must("ipv6_enable", flag()),
        must("cidr_v6", text()),
        must("gateway_ip_v6", text()),
        must("dhcp_enable", flag().example(true)),
        must("primary_dns", text()),
        must("secondary_dns", text()),
        must("dnsList", list(text()).example(Node::Array(Vec::new()))),
        must("availability_zone", text()),
        must("vpc_id", text().example(VPC)),
        must("status", text().example("ACTIVE")),
        must("neutron_network_id", text().example(SUBNET)),
        must("neutron_subnet_id", text().example(SUBNET)),
        must("neutron_subnet_id_v6", text()),
        must("extra_dhcp_opts", none()),
        must("tenant_id", text()),
    ];
    object(fields.into_iter().chain(times())).named("VpcSubnet")
}

/// A subnet that was made, or is shown.
#[must_use]
pub fn subnet() -> Schema {
    object([must("subnet", subnet_row())])
}

/// A page of subnets.
#[must_use]
pub fn subnets() -> Schema {
    object([must("subnets", list(subnet_row()))])
}

/// The tags of a VPC or subnet: none are kept.
#[must_use]
pub fn no_tags() -> Schema {
    object([must("tags", none())])
}
