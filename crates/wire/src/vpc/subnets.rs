use std::net::Ipv4Addr;

use linkspan_model::{Cidr4, DhcpOptions, ExternalId, Subnet, SubnetSettings, Tags};
use serde::Serialize;

use super::fields::{address, addresses, created_at, description, name, new_tags, short, updated_at, wrapped};
use crate::error::{ApiError, ErrorCode};
use crate::json::Fields;
use crate::quote::Quoted;
use crate::responses::to_bytes;

/// `POST /v1/{project_id}/subnets` (vpc_subnet01_0001); on the wire inside `{"subnet":…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSubnet {
    /// Free text, at most 64 characters.
    pub name: Box<str>,
    /// Its addresses.
    pub cidr: Cidr4,
    /// The VPC it is part of.
    pub vpc_id: ExternalId,
    /// Whether it has IPv6 too.
    pub ipv6_enable: bool,
    /// What its machines are told.
    pub settings: SubnetSettings,
    /// Its tags.
    pub tags: Tags,
}

/// `PUT /v1/{project_id}/vpcs/{vpc_id}/subnets/{subnet_id}` (vpc_subnet01_0004); what is none stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateSubnet {
    /// Free text, at most 64 characters.
    pub name: Option<Box<str>>,
    /// Free text, at most 255 characters.
    pub description: Option<Box<str>>,
    /// Whether it has IPv6 too.
    pub ipv6_enable: Option<bool>,
    /// Whether addresses are given by DHCP.
    pub dhcp_enable: Option<bool>,
    /// An address, or empty.
    pub primary_dns: Option<Box<str>>,
    /// Likewise.
    pub secondary_dns: Option<Box<str>>,
    /// All name servers.
    pub dns: Option<Box<[Box<str>]>>,
    /// Options of DHCP, by name.
    pub dhcp_options: Option<DhcpOptions>,
}

const BODY: (&str, ErrorCode) = ("subnet", ErrorCode::SubnetInvalid);
const MOST_NAME_SERVERS: usize = 5;
const MOST_DHCP_OPTIONS: usize = 10;

impl CreateSubnet {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0201` naming the path and the value; also for a gateway outside of the addresses.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        wrapped(body, BODY, |subnet| {
            let cidr = subnet.required_parsed("cidr")?;
            Ok(Self {
                name: name(&subnet)?.unwrap_or_default(),
                cidr,
                vpc_id: subnet.required_parsed("vpc_id")?,
                ipv6_enable: subnet.bool("ipv6_enable")?.unwrap_or(false),
                settings: settings(&subnet, cidr)?,
                tags: new_tags(&subnet)?,
            })
        })
    }
}

impl UpdateSubnet {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0201` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        wrapped(body, BODY, |subnet| {
            Ok(Self {
                name: name(&subnet)?,
                description: description(&subnet)?,
                ipv6_enable: subnet.bool("ipv6_enable")?,
                dhcp_enable: subnet.bool("dhcp_enable")?,
                primary_dns: address(&subnet, "primary_dns")?,
                secondary_dns: address(&subnet, "secondary_dns")?,
                dns: addresses(&subnet, "dnsList", MOST_NAME_SERVERS)?,
                dhcp_options: dhcp_options(&subnet)?,
            })
        })
    }
}

fn settings(subnet: &Fields<'_, '_>, cidr: Cidr4) -> Result<SubnetSettings, ApiError> {
    Ok(SubnetSettings {
        description: description(subnet)?.unwrap_or_default(),
        gateway: gateway_ip(subnet, cidr)?,
        dhcp: subnet.bool("dhcp_enable")?.unwrap_or(true),
        primary_dns: address(subnet, "primary_dns")?.unwrap_or_default(),
        secondary_dns: address(subnet, "secondary_dns")?.unwrap_or_default(),
        dns: addresses(subnet, "dnsList", MOST_NAME_SERVERS)?.unwrap_or_default(),
        dhcp_options: dhcp_options(subnet)?.unwrap_or_default(),
        availability_zone: short(subnet, "availability_zone", 64)?.unwrap_or_default(),
    })
}

fn gateway_ip(subnet: &Fields<'_, '_>, cidr: Cidr4) -> Result<Option<Ipv4Addr>, ApiError> {
    let Some(text) = subnet.text("gateway_ip")?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let inside = text.parse().ok().filter(|address| cidr.contains(*address));
    let fault = || {
        let why = format!("must be an IPv4 address inside {cidr}, got {}", Quoted(text));
        subnet.place().key("gateway_ip").fault(why)
    };
    inside.map(Some).ok_or_else(fault)
}

fn dhcp_options(subnet: &Fields<'_, '_>) -> Result<Option<DhcpOptions>, ApiError> {
    let options = subnet.objects("extra_dhcp_opts", |option| {
        let value = short(option, "opt_value", 255)?.unwrap_or_default();
        option.required("opt_name")?;
        Ok((short(option, "opt_name", 64)?.unwrap_or_default(), value))
    })?;
    if options.len() > MOST_DHCP_OPTIONS {
        let why = format!("must hold at most {MOST_DHCP_OPTIONS} entries");
        return Err(subnet.place().key("extra_dhcp_opts").fault(why));
    }
    Ok(subnet.get("extra_dhcp_opts").map(|_| options.into()))
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
    dns_list: &'a [Box<str>],
    availability_zone: &'a str,
    vpc_id: String,
    /// Terraform waits for exactly this.
    status: &'a str,
    neutron_network_id: String,
    neutron_subnet_id: String,
    neutron_subnet_id_v6: &'a str,
    extra_dhcp_opts: Vec<DhcpOption<'a>>,
    tenant_id: &'a str,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct DhcpOption<'a> {
    opt_name: &'a str,
    opt_value: &'a str,
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
struct Changed {
    subnet: ChangedRow,
}

#[derive(Serialize)]
struct ChangedRow {
    id: String,
    status: &'static str,
}

/// A subnet that was made (200) or is shown.
#[must_use]
pub fn show_subnet(subnet: &Subnet) -> Vec<u8> {
    to_bytes(&OneSubnet { subnet: row(subnet) })
}

/// A list of subnets.
#[must_use]
pub fn list_subnets<'a>(subnets: impl IntoIterator<Item = &'a Subnet>) -> Vec<u8> {
    to_bytes(&Subnets { subnets: subnets.into_iter().map(row).collect() })
}

/// A subnet that was changed, of which the service tells little.
#[must_use]
pub fn subnet_changed(id: &ExternalId) -> Vec<u8> {
    to_bytes(&Changed { subnet: ChangedRow { id: id.to_string(), status: STATUS } })
}

const STATUS: &str = "ACTIVE";

fn row(subnet: &Subnet) -> SubnetRow<'_> {
    let settings = &subnet.settings;
    let options = settings.dhcp_options.iter();
    SubnetRow {
        id: subnet.id.to_string(),
        name: &subnet.name,
        description: &settings.description,
        cidr: subnet.cidr.to_string(),
        gateway_ip: settings.gateway.unwrap_or_else(|| first_address(subnet.cidr)),
        ipv6_enable: subnet.ipv6,
        cidr_v6: "",
        gateway_ip_v6: "",
        dhcp_enable: settings.dhcp,
        primary_dns: &settings.primary_dns,
        secondary_dns: &settings.secondary_dns,
        dns_list: &settings.dns,
        availability_zone: &settings.availability_zone,
        vpc_id: subnet.vpc.to_string(),
        status: STATUS,
        neutron_network_id: subnet.id.to_string(),
        neutron_subnet_id: subnet.id.to_string(),
        neutron_subnet_id_v6: "",
        extra_dhcp_opts: options.map(|(opt_name, opt_value)| DhcpOption { opt_name, opt_value }).collect(),
        tenant_id: subnet.project.as_str(),
        created_at: created_at(subnet.created),
        updated_at: updated_at(subnet.created, subnet.changed),
    }
}

/// The first address after the network's own, which is the gateway unless a client asks for another.
fn first_address(cidr: Cidr4) -> Ipv4Addr {
    let first = u32::from(cidr.network()).saturating_add(1);
    Ipv4Addr::from(first.min(u32::from(cidr.last())))
}

#[cfg(test)]
mod tests {
    use linkspan_model::Stamp;

    use super::*;

    fn read(body: &str) -> Result<CreateSubnet, ApiError> {
        CreateSubnet::from_body(body.as_bytes())
    }

    const SENT: &str = r#"{"subnet":{"cidr":"10.168.0.0/16","dhcp_enable":true,"dnsList":["100.125.1.250","100.125.129.250"],"gateway_ip":"10.168.0.1","ipv6_enable":false,"name":"tf_test_zn29y","vpc_id":"60ea1197-603a-4aa9-9e55-e2914e2ce465"}}"#;

    #[test]
    fn what_terraform_sends() {
        let sent = read(SENT).unwrap();
        assert_eq!(sent.settings.dns.join(" "), "100.125.1.250 100.125.129.250");
        assert_eq!(sent.settings.gateway.unwrap().to_string(), "10.168.0.1");
        let change = r#"{"subnet":{"name":"n","dhcp_enable":false,"dnsList":[],"primary_dns":"","extra_dhcp_opts":[{"opt_name":"ntp","opt_value":"10.100.0.33"}]}}"#;
        let change = UpdateSubnet::from_body(change.as_bytes()).unwrap();
        assert_eq!((change.dns.unwrap().len(), change.primary_dns.as_deref(), change.ipv6_enable), (0, Some(""), None));
        assert_eq!(&*change.dhcp_options.unwrap(), [("ntp".into(), "10.100.0.33".into())]);
        let nothing = UpdateSubnet::from_body(br#"{"subnet":{}}"#).unwrap();
        assert_eq!((nothing.dns, nothing.dhcp_options, nothing.name), (None, None, None));
    }

    #[test]
    fn faults_have_the_service_s_codes() {
        let with = |more: &str| format!(r#"{{"subnet":{{"vpc_id":"v","cidr":"10.0.0.0/24",{more}}}}}"#);
        let bodies = [
            "{}".to_owned(),
            r#"{"subnet":{"cidr":"10.0.0.0/8"}}"#.into(),
            r#"{"subnet":{"name":"n","vpc_id":"v"}}"#.into(),
            with(r#""gateway_ip":"10.0.1.1""#),
            with(r#""gateway_ip":"here""#),
            with(r#""dnsList":["1.1.1.1","x"]"#),
            with(r#""dnsList":["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4","1.1.1.5","1.1.1.6"]"#),
            with(r#""primary_dns":"x""#),
            with(r#""extra_dhcp_opts":[{"opt_value":"1"}]"#),
            with(r#""dhcp_enable":"yes""#),
        ];
        let texts = bodies.map(|body| read(&body).unwrap_err().to_string());
        insta::assert_snapshot!(texts.join("\n"));
    }

    #[test]
    fn bodies() {
        let sent = read(SENT).unwrap();
        let settings = SubnetSettings { dhcp_options: [("ntp".into(), "10.100.0.33".into())].into(), ..sent.settings };
        let subnet = Subnet {
            id: "3ddc4dcc-07af-4e52-91a2-9e3117dd092f".parse().unwrap(),
            project: "0a1b2c3d4e5f60718293a4b5c6d7e8f9".parse().unwrap(),
            vpc: sent.vpc_id,
            name: sent.name,
            cidr: sent.cidr,
            ipv6: false,
            route_table: None,
            settings,
            tags: Tags::default(),
            created: Stamp::new(1_566_888_011_125, 0),
            changed: None,
        };
        let plain = Subnet { settings: SubnetSettings::default(), ipv6: true, ..subnet.clone() };
        let bodies = [show_subnet(&subnet), list_subnets([&plain]), list_subnets([]), subnet_changed(&subnet.id)];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }

    #[test]
    fn the_gateway_stays_inside() {
        let of = |text: &str| first_address(text.parse().unwrap()).to_string();
        assert_eq!((of("10.0.0.0/24"), of("10.0.0.7/32")), ("10.0.0.1".into(), "10.0.0.7".into()));
        assert_eq!(of("255.255.255.255/32"), "255.255.255.255");
    }
}
