use std::net::Ipv4Addr;

use jiff::Timestamp;
use linkspan_model::{Cidr4, Subnet, UnixMillis, Vpc};
use serde::Serialize;

use crate::responses::to_bytes;

#[derive(Serialize)]
struct VpcRow<'a> {
    id: String,
    name: &'a str,
    description: &'a str,
    cidr: String,
    /// Terraform waits for exactly this.
    status: &'a str,
    routes: [(); 0],
    enterprise_project_id: &'a str,
    tenant_id: &'a str,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct VpcRowV3<'a> {
    id: String,
    name: &'a str,
    description: &'a str,
    cidr: String,
    extend_cidrs: [&'a str; 0],
    status: &'a str,
    project_id: &'a str,
    enterprise_project_id: &'a str,
    created_at: String,
    updated_at: String,
    cloud_resources: [(); 0],
    tags: [(); 0],
}

#[derive(Serialize)]
struct SubnetRow<'a> {
    id: String,
    name: &'a str,
    description: &'a str,
    cidr: String,
    gateway_ip: Ipv4Addr,
    ipv6_enable: bool,
    cidr_v6: &'a str,
    gateway_ip_v6: &'a str,
    dhcp_enable: bool,
    primary_dns: &'a str,
    secondary_dns: &'a str,
    #[serde(rename = "dnsList")]
    dns_list: [&'a str; 0],
    availability_zone: &'a str,
    vpc_id: String,
    status: &'a str,
    neutron_network_id: String,
    neutron_subnet_id: String,
    neutron_subnet_id_v6: &'a str,
    extra_dhcp_opts: [(); 0],
    tenant_id: &'a str,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct OneVpc<'a> {
    vpc: VpcRow<'a>,
}

#[derive(Serialize)]
struct Vpcs<'a> {
    vpcs: Vec<VpcRow<'a>>,
}

#[derive(Serialize)]
struct OneVpcV3<'a> {
    request_id: &'a str,
    vpc: VpcRowV3<'a>,
}

#[derive(Serialize)]
struct OneSubnet<'a> {
    subnet: SubnetRow<'a>,
}

#[derive(Serialize)]
struct Subnets<'a> {
    subnets: Vec<SubnetRow<'a>>,
}

#[derive(Serialize)]
struct NoTags {
    tags: [(); 0],
}

/// A VPC that was made (200) or is shown.
#[must_use]
pub fn show_vpc(vpc: &Vpc) -> Vec<u8> {
    to_bytes(&OneVpc { vpc: vpc_row(vpc) })
}

/// `GET /v3/{project_id}/vpc/vpcs/{id}`, which Terraform needs beside the older one.
#[must_use]
pub fn show_vpc_v3(vpc: &Vpc, request_id: &str) -> Vec<u8> {
    let row = VpcRowV3 {
        id: vpc.id.to_string(),
        name: &vpc.name,
        description: "",
        cidr: cidr(vpc.cidr),
        extend_cidrs: [],
        status: "ACTIVE",
        project_id: vpc.project.as_str(),
        enterprise_project_id: "0",
        created_at: time(vpc.created.millis()),
        updated_at: time(vpc.created.millis()),
        cloud_resources: [],
        tags: [],
    };
    to_bytes(&OneVpcV3 { request_id, vpc: row })
}

/// A list of VPCs.
#[must_use]
pub fn list_vpcs<'a>(vpcs: impl IntoIterator<Item = &'a Vpc>) -> Vec<u8> {
    to_bytes(&Vpcs { vpcs: vpcs.into_iter().map(vpc_row).collect() })
}

/// A subnet that was made (200) or is shown.
#[must_use]
pub fn show_subnet(subnet: &Subnet) -> Vec<u8> {
    to_bytes(&OneSubnet { subnet: subnet_row(subnet) })
}

/// A list of subnets.
#[must_use]
pub fn list_subnets<'a>(subnets: impl IntoIterator<Item = &'a Subnet>) -> Vec<u8> {
    to_bytes(&Subnets { subnets: subnets.into_iter().map(subnet_row).collect() })
}

/// The tags of a VPC or subnet (`GET /v2.0/{project_id}/vpcs/{id}/tags`), of which Linkspan keeps none.
#[must_use]
pub fn no_tags() -> Vec<u8> {
    to_bytes(&NoTags { tags: [] })
}

fn vpc_row(vpc: &Vpc) -> VpcRow<'_> {
    VpcRow {
        id: vpc.id.to_string(),
        name: &vpc.name,
        description: "",
        cidr: cidr(vpc.cidr),
        status: "OK",
        routes: [],
        enterprise_project_id: "0",
        tenant_id: vpc.project.as_str(),
        created_at: time(vpc.created.millis()),
        updated_at: time(vpc.created.millis()),
    }
}

fn subnet_row(subnet: &Subnet) -> SubnetRow<'_> {
    SubnetRow {
        id: subnet.id.to_string(),
        name: &subnet.name,
        description: "",
        cidr: subnet.cidr.to_string(),
        gateway_ip: gateway(subnet.cidr),
        ipv6_enable: subnet.ipv6,
        cidr_v6: "",
        gateway_ip_v6: "",
        dhcp_enable: true,
        primary_dns: "",
        secondary_dns: "",
        dns_list: [],
        availability_zone: "",
        vpc_id: subnet.vpc.to_string(),
        status: "ACTIVE",
        neutron_network_id: subnet.id.to_string(),
        neutron_subnet_id: subnet.id.to_string(),
        neutron_subnet_id_v6: "",
        extra_dhcp_opts: [],
        tenant_id: subnet.project.as_str(),
        created_at: time(subnet.created.millis()),
        updated_at: time(subnet.created.millis()),
    }
}

/// The first address after the network's own, which is the gateway unless a client asks for another.
pub(super) fn gateway(cidr: Cidr4) -> Ipv4Addr {
    let first = u32::from(cidr.network()).saturating_add(1);
    Ipv4Addr::from(first.min(u32::from(cidr.last())))
}

fn cidr(cidr: Option<Cidr4>) -> String {
    cidr.map(|cidr| cidr.to_string()).unwrap_or_default()
}

/// The service's form of a time: UTC, to the second.
fn time(millis: UnixMillis) -> String {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use linkspan_model::Stamp;

    use super::*;

    fn vpc() -> Vpc {
        Vpc {
            id: "60ea1197-603a-4aa9-9e55-e2914e2ce465".parse().unwrap(),
            project: "0a1b2c3d4e5f60718293a4b5c6d7e8f9".parse().unwrap(),
            name: "tf_test_zn29y".into(),
            cidr: Some("10.168.0.0/16".parse().unwrap()),
            created: Stamp::new(1_566_888_011_125, 0),
        }
    }

    #[test]
    fn bodies() {
        let vpc = vpc();
        let unknown = Vpc { cidr: None, ..vpc.clone() };
        let subnet = Subnet {
            id: "3ddc4dcc-07af-4e52-91a2-9e3117dd092f".parse().unwrap(),
            project: vpc.project.clone(),
            vpc: vpc.id.clone(),
            name: "tf_test_zn29y".into(),
            cidr: "10.168.0.0/16".parse().unwrap(),
            ipv6: false,
            created: vpc.created,
        };
        let bodies = [
            show_vpc(&vpc),
            show_vpc_v3(&vpc, "r"),
            list_vpcs([]),
            list_vpcs([&unknown]),
            show_subnet(&subnet),
            list_subnets([&subnet]),
            no_tags(),
        ];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }

    #[test]
    fn the_gateway_stays_inside() {
        let of = |text: &str| gateway(text.parse().unwrap()).to_string();
        assert_eq!((of("10.0.0.0/24"), of("10.0.0.7/32")), ("10.0.0.1".into(), "10.0.0.7".into()));
        assert_eq!(of("255.255.255.255/32"), "255.255.255.255");
    }
}
