use linkspan_model::{Cidr4, ExternalId};
use serde::{Serialize, Serializer};

use crate::error::{ApiError, ErrorCode};
use crate::json::Fields;
use crate::query::{Limit, Query};
use crate::quote::Quoted;

/// `POST /v1/{project_id}/vpcs`; on the wire inside `{"vpc":…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateVpc {
    /// Free text, at most 64 characters.
    pub name: Box<str>,
    /// Its addresses, if given.
    pub cidr: Option<Cidr4>,
}

/// `POST /v1/{project_id}/subnets`; on the wire inside `{"subnet":…}`.
///
/// What else a client sends (`gateway_ip`, `dhcp_enable`, `dnsList`, …) is ignored.
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
}

impl CreateVpc {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        let read = |vpc: Fields<'_, '_>| Ok(Self { name: name(&vpc)?, cidr: vpc.parsed("cidr")? });
        wrapped(body, "vpc", read).map_err(|fault| fault.recoded(ErrorCode::VpcInvalid))
    }
}

impl CreateSubnet {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0201` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        let read = |subnet: Fields<'_, '_>| {
            Ok(Self {
                name: name(&subnet)?,
                cidr: subnet.required_parsed("cidr")?,
                vpc_id: subnet.required_parsed("vpc_id")?,
                ipv6_enable: subnet.bool("ipv6_enable")?.unwrap_or(false),
            })
        };
        wrapped(body, "subnet", read).map_err(|fault| fault.recoded(ErrorCode::SubnetInvalid))
    }
}

fn wrapped<T>(body: &[u8], key: &str, read: impl FnOnce(Fields<'_, '_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
    Fields::of_body(body, |fields| fields.object(key, read)?.ok_or_else(|| fields.missing(key)))
}

fn name(fields: &Fields<'_, '_>) -> Result<Box<str>, ApiError> {
    const MOST_CHARS: usize = 64;
    let name = fields.text("name")?.unwrap_or_default();
    if name.chars().count() > MOST_CHARS {
        let why = format!("must hold at most {MOST_CHARS} characters, got {}", Quoted(name));
        return Err(fields.place().key("name").fault(why));
    }
    Ok(name.into())
}

impl Serialize for CreateVpc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Inner<'a> {
            name: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            cidr: Option<Cidr4>,
        }
        serializer.collect_map([("vpc", Inner { name: &self.name, cidr: self.cidr })])
    }
}

impl Serialize for CreateSubnet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Inner<'a> {
            name: &'a str,
            cidr: Cidr4,
            /// The service wants it; it is the subnet's first address.
            gateway_ip: std::net::Ipv4Addr,
            vpc_id: &'a ExternalId,
            ipv6_enable: bool,
        }
        let gateway_ip = super::responses::gateway(self.cidr);
        let Self { name, cidr, vpc_id, ipv6_enable } = self;
        let inner = Inner { name, cidr: *cidr, gateway_ip, vpc_id, ipv6_enable: *ipv6_enable };
        serializer.collect_map([("subnet", inner)])
    }
}

/// The parameters of the lists of VPCs and subnets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListNetworksQuery {
    /// Most rows; all if absent.
    pub limit: Limit,
    /// Only rows after the one with this id.
    pub marker: Option<String>,
    /// Only the VPC with this id.
    pub id: Option<String>,
    /// Only subnets of this VPC.
    pub vpc_id: Option<String>,
}

impl ListNetworksQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the parameter and the value.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        let text = |name| query.get(name).map(|value| value.map(std::borrow::Cow::into_owned));
        let read = || {
            Ok(Self {
                limit: query.limit(Limit::All)?,
                marker: text("marker")?,
                id: text("id")?,
                vpc_id: text("vpc_id")?,
            })
        };
        read().map_err(|fault: ApiError| fault.recoded(ErrorCode::VpcInvalid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terraform_sends() {
        let vpc = CreateVpc::from_body(b"{\"vpc\":{\"cidr\":\"10.168.0.0/16\",\"name\":\"tf_test_zn29y\"}}\n").unwrap();
        assert_eq!(serde_json::to_string(&vpc).unwrap(), r#"{"vpc":{"name":"tf_test_zn29y","cidr":"10.168.0.0/16"}}"#);
        let body = r#"{"subnet":{"cidr":"10.168.0.0/16","dhcp_enable":true,"dnsList":["100.125.1.250","100.125.129.250"],"gateway_ip":"10.168.0.1","ipv6_enable":false,"name":"tf_test_zn29y","vpc_id":"60ea1197-603a-4aa9-9e55-e2914e2ce465"}}"#;
        let subnet = CreateSubnet::from_body(body.as_bytes()).unwrap();
        let written = serde_json::to_string(&subnet).unwrap();
        insta::assert_snapshot!(written);
        assert_eq!(CreateSubnet::from_body(written.as_bytes()).unwrap(), subnet);
    }

    #[test]
    fn faults_have_the_service_s_codes() {
        let texts = [
            CreateVpc::from_body(b"").unwrap_err(),
            CreateVpc::from_body(br#"{"vpc":{"cidr":"10.0.0.0/33"}}"#).unwrap_err(),
            CreateVpc::from_body(br#"{"vpc":{"name":1}}"#).unwrap_err(),
            CreateVpc::from_body(br#"{"vpc":{},"vpc":{}}"#).unwrap_err(),
            CreateSubnet::from_body(b"{}").unwrap_err(),
            CreateSubnet::from_body(br#"{"subnet":{"cidr":"10.0.0.0/8"}}"#).unwrap_err(),
            CreateSubnet::from_body(br#"{"subnet":{"name":"n","vpc_id":"v"}}"#).unwrap_err(),
            ListNetworksQuery::parse("limit=x").unwrap_err(),
        ]
        .map(|error| error.to_string());
        insta::assert_snapshot!(texts.join("\n"));
    }

    #[test]
    fn queries() {
        let query = ListNetworksQuery::parse("limit=1&vpc_id=22094d8f-c310-4621-913d-4c4d655d8495&marker=").unwrap();
        assert_eq!((query.limit.rows(), query.marker, query.id), (1, None, None));
        assert_eq!(query.vpc_id.as_deref(), Some("22094d8f-c310-4621-913d-4c4d655d8495"));
        assert_eq!(ListNetworksQuery::parse("").unwrap().limit, Limit::All);
    }
}
