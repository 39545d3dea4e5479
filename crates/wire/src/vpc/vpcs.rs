use linkspan_model::{Cidr4, Tags, Vpc};
use serde::Serialize;

use super::fields::{created_at, description, name, new_tags, short, updated_at, wrapped};
use crate::error::{ApiError, ErrorCode};
use crate::requests::write_tags;
use crate::responses::to_bytes;

/// `POST /v1/{project_id}/vpcs` (vpc_api01_0001); on the wire inside `{"vpc":…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateVpc {
    /// Free text, at most 64 characters.
    pub name: Box<str>,
    /// Free text, at most 255 characters.
    pub description: Box<str>,
    /// Its addresses, if given.
    pub cidr: Option<Cidr4>,
    /// Empty = the default one.
    pub enterprise_project_id: Box<str>,
    /// Its tags.
    pub tags: Tags,
}

/// `PUT /v1/{project_id}/vpcs/{vpc_id}` (vpc_api01_0004); what is none stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateVpc {
    /// Free text, at most 64 characters.
    pub name: Option<Box<str>>,
    /// Free text, at most 255 characters.
    pub description: Option<Box<str>>,
    /// Its addresses.
    pub cidr: Option<Cidr4>,
}

const BODY: (&str, ErrorCode) = ("vpc", ErrorCode::VpcInvalid);

impl CreateVpc {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        wrapped(body, BODY, |vpc| {
            Ok(Self {
                name: name(&vpc)?.unwrap_or_default(),
                description: description(&vpc)?.unwrap_or_default(),
                cidr: vpc.parsed("cidr")?,
                enterprise_project_id: short(&vpc, "enterprise_project_id", 36)?.unwrap_or_default(),
                tags: new_tags(&vpc)?,
            })
        })
    }
}

impl UpdateVpc {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        wrapped(body, BODY, |vpc| {
            Ok(Self { name: name(&vpc)?, description: description(&vpc)?, cidr: vpc.parsed("cidr")? })
        })
    }
}

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
    enhanced_local_route: bool,
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
    cloud_resources: [CloudResource; 2],
    #[serde(serialize_with = "write_tags")]
    tags: &'a Tags,
}

#[derive(Serialize)]
struct CloudResource {
    resource_type: &'static str,
    resource_count: usize,
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

/// How much a VPC holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// Route tables, the default one among them.
    pub route_tables: usize,
    /// Subnets.
    pub subnets: usize,
}

/// A VPC that was made (200), changed, or is shown.
#[must_use]
pub fn show_vpc(vpc: &Vpc) -> Vec<u8> {
    to_bytes(&OneVpc { vpc: row(vpc) })
}

/// A list of VPCs.
#[must_use]
pub fn list_vpcs<'a>(vpcs: impl IntoIterator<Item = &'a Vpc>) -> Vec<u8> {
    to_bytes(&Vpcs { vpcs: vpcs.into_iter().map(row).collect() })
}

/// `GET /v3/{project_id}/vpc/vpcs/{id}` (vpc_apiv3_0004), which Terraform needs beside the older one.
#[must_use]
pub fn show_vpc_v3(vpc: &Vpc, holds: Holdings, request_id: &str) -> Vec<u8> {
    let counted = |resource_type, resource_count| CloudResource { resource_type, resource_count };
    let row = VpcRowV3 {
        id: vpc.id.to_string(),
        name: &vpc.name,
        description: &vpc.description,
        cidr: cidr(vpc),
        extend_cidrs: [],
        status: "ACTIVE",
        project_id: vpc.project.as_str(),
        enterprise_project_id: vpc.enterprise_project(),
        created_at: created_at(vpc.created),
        updated_at: updated_at(vpc.created, vpc.changed),
        cloud_resources: [counted("routetable", holds.route_tables), counted("virsubnet", holds.subnets)],
        tags: &vpc.tags,
    };
    to_bytes(&OneVpcV3 { request_id, vpc: row })
}

fn row(vpc: &Vpc) -> VpcRow<'_> {
    VpcRow {
        id: vpc.id.to_string(),
        name: &vpc.name,
        description: &vpc.description,
        cidr: cidr(vpc),
        status: "OK",
        routes: [],
        enterprise_project_id: vpc.enterprise_project(),
        enhanced_local_route: true,
        tenant_id: vpc.project.as_str(),
        created_at: created_at(vpc.created),
        updated_at: updated_at(vpc.created, vpc.changed),
    }
}

fn cidr(vpc: &Vpc) -> String {
    vpc.cidr.map(|cidr| cidr.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use linkspan_model::Stamp;

    use super::*;

    fn read(body: &str) -> Result<CreateVpc, ApiError> {
        CreateVpc::from_body(body.as_bytes())
    }

    #[test]
    fn what_clients_send() {
        let sent = read("{\"vpc\":{\"cidr\":\"10.168.0.0/16\",\"name\":\"tf_test_zn29y\"}}\n").unwrap();
        assert_eq!((&*sent.name, sent.cidr.unwrap().to_string().as_str()), ("tf_test_zn29y", "10.168.0.0/16"));
        let full = r#"{"vpc":{"name":"n","description":"d","cidr":"","enterprise_project_id":"1","tags":["a*b=c",{"key":"k"}]}}"#;
        let full = read(full).unwrap();
        assert!(full.tags.has("a", "b=c") && full.tags.has("k", "") && full.cidr.is_none());
        let change = UpdateVpc::from_body(br#"{"vpc":{"description":""}}"#).unwrap();
        assert_eq!((change.name, change.description.as_deref(), change.cidr), (None, Some(""), None));
    }

    #[test]
    fn faults_have_the_service_s_codes() {
        let long = format!(r#"{{"vpc":{{"name":"{}"}}}}"#, "n".repeat(65));
        let bodies = [
            "",
            "[]",
            r#"{"vpc":[]}"#,
            r#"{"vpc":{"cidr":"10.0.0.0/33"}}"#,
            r#"{"vpc":{"name":1}}"#,
            r#"{"vpc":{"description":"<b>"}}"#,
            r#"{"vpc":{},"vpc":{}}"#,
            r#"{"vpc":{"tags":["a"]}}"#,
            r#"{"vpc":{"tags":[{"value":"a"}]}}"#,
            &long,
        ];
        let texts = bodies.map(|body| read(body).unwrap_err().to_string());
        insta::assert_snapshot!(texts.join("\n"));
    }

    #[test]
    fn bodies() {
        let vpc = Vpc {
            id: "60ea1197-603a-4aa9-9e55-e2914e2ce465".parse().unwrap(),
            project: "0a1b2c3d4e5f60718293a4b5c6d7e8f9".parse().unwrap(),
            name: "tf_test_zn29y".into(),
            description: "for data".into(),
            cidr: Some("10.168.0.0/16".parse().unwrap()),
            enterprise_project_id: "".into(),
            tags: Tags::parse(&[("env", "test")]).unwrap(),
            created: Stamp::new(1_566_888_011_125, 0),
            changed: Some(1_566_888_099_125),
        };
        let unknown = Vpc { cidr: None, enterprise_project_id: "1".into(), changed: None, ..vpc.clone() };
        let holds = Holdings { route_tables: 1, subnets: 2 };
        let bodies = [show_vpc(&vpc), show_vpc_v3(&vpc, holds, "r"), list_vpcs([]), list_vpcs([&unknown])];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
