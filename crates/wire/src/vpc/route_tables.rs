use linkspan_model::{Cidr, ExternalId, RouteTable, Subnet, TableRoute};
use serde::Serialize;

use super::fields::{created_at, description, name, short, texts, updated_at, wrapped};
use crate::error::{ApiError, ErrorCode};
use crate::json::Fields;
use crate::responses::to_bytes;

/// `POST /v1/{project_id}/routetables` (vpc_apiroutetab_0003); on the wire inside `{"routetable":…}`, as all bodies here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRouteTable {
    /// The VPC it is part of.
    pub vpc_id: ExternalId,
    /// Free text, at most 64 characters.
    pub name: Box<str>,
    /// Free text, at most 255 characters.
    pub description: Box<str>,
    /// Its routes.
    pub routes: Vec<TableRoute>,
}

/// `PUT /v1/{project_id}/routetables/{routetable_id}` (vpc_apiroutetab_0004); what is none stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRouteTable {
    /// Free text, at most 64 characters.
    pub name: Option<Box<str>>,
    /// Free text, at most 255 characters.
    pub description: Option<Box<str>>,
    /// `routes.add`.
    pub added: Vec<TableRoute>,
    /// `routes.mod`: routes that take the place of those with the same destinations.
    pub replaced: Vec<TableRoute>,
    /// `routes.del`: destinations whose routes go.
    pub removed: Vec<Box<str>>,
}

/// `POST /v1/{project_id}/routetables/{routetable_id}/action` (vpc_apiroutetab_0005, vpc_apiroutetab_0006).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateRouteTable {
    /// Subnets that use it from now on.
    pub associate: Vec<ExternalId>,
    /// Subnets that use it no longer.
    pub disassociate: Vec<ExternalId>,
}

const BODY: (&str, ErrorCode) = ("routetable", ErrorCode::VpcInvalid);
/// Subnets of one call.
const MOST_SUBNETS: usize = 1000;

impl CreateRouteTable {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        wrapped(body, BODY, |table| {
            Ok(Self {
                vpc_id: table.required_parsed("vpc_id")?,
                name: name(&table)?.unwrap_or_default(),
                description: description(&table)?.unwrap_or_default(),
                routes: table.objects("routes", route)?,
            })
        })
    }
}

impl UpdateRouteTable {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        wrapped(body, BODY, |table| {
            let routes = table.object("routes", |routes| {
                let removed = routes.objects("del", destination)?;
                Ok((routes.objects("add", route)?, routes.objects("mod", route)?, removed))
            })?;
            let (added, replaced, removed) = routes.unwrap_or_default();
            Ok(Self { name: name(&table)?, description: description(&table)?, added, replaced, removed })
        })
    }
}

impl AssociateRouteTable {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        wrapped(body, BODY, |table| {
            table.required("subnets")?;
            let subnets = table.object("subnets", |subnets| {
                Ok(Self { associate: ids(&subnets, "associate")?, disassociate: ids(&subnets, "disassociate")? })
            })?;
            subnets.ok_or_else(|| table.missing("subnets"))
        })
    }
}

fn ids(fields: &Fields<'_, '_>, key: &str) -> Result<Vec<ExternalId>, ApiError> {
    let place = fields.place().key(key);
    let parsed = |(index, text): (usize, &str)| {
        let fault = |why| ApiError::invalid(format!("{}: {why}", place.index(index)));
        text.parse().map_err(fault)
    };
    texts(fields, key, MOST_SUBNETS)?.into_iter().enumerate().map(parsed).collect()
}

fn route(fields: &Fields<'_, '_>) -> Result<TableRoute, ApiError> {
    let needed = |key: &str| {
        fields.required(key)?;
        Ok::<_, ApiError>(short(fields, key, 128)?.unwrap_or_default())
    };
    Ok(TableRoute {
        kind: needed("type")?,
        destination: destination(fields)?,
        next_hop: needed("nexthop")?,
        description: description(fields)?.unwrap_or_default(),
    })
}

/// A destination as it was sent.
fn destination(fields: &Fields<'_, '_>) -> Result<Box<str>, ApiError> {
    let text = fields.required_text("destination")?;
    let fault = |why| ApiError::invalid(format!("{}: {why}", fields.place().key("destination")));
    text.parse::<Cidr>().map(|_| text.into()).map_err(fault)
}

#[derive(Serialize)]
struct TableRow<'a> {
    id: String,
    name: &'a str,
    description: &'a str,
    default: bool,
    /// The list has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    routes: Option<Vec<RouteRow<'a>>>,
    subnets: Vec<SubnetId>,
    tenant_id: &'a str,
    vpc_id: String,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct RouteRow<'a> {
    r#type: &'a str,
    destination: &'a str,
    nexthop: &'a str,
    description: &'a str,
}

#[derive(Serialize)]
struct SubnetId {
    id: String,
}

#[derive(Serialize)]
struct OneTable<'a> {
    routetable: TableRow<'a>,
}

#[derive(Serialize)]
struct Tables<'a> {
    routetables: Vec<TableRow<'a>>,
}

/// A route table that was made (200), changed, or is shown, with the subnets that use it.
#[must_use]
pub fn show_route_table<'a>(table: &RouteTable, users: impl IntoIterator<Item = &'a Subnet>) -> Vec<u8> {
    let routes = table.routes.iter().map(|route| RouteRow {
        r#type: &route.kind,
        destination: &route.destination,
        nexthop: &route.next_hop,
        description: &route.description,
    });
    to_bytes(&OneTable { routetable: TableRow { routes: Some(routes.collect()), ..row(table, users) } })
}

/// A list of route tables, each with the subnets that use it.
#[must_use]
pub fn list_route_tables<'a, U>(tables: impl IntoIterator<Item = (&'a RouteTable, U)>) -> Vec<u8>
where
    U: IntoIterator<Item = &'a Subnet>,
{
    to_bytes(&Tables { routetables: tables.into_iter().map(|(table, users)| row(table, users)).collect() })
}

fn row<'a, 's>(table: &'a RouteTable, users: impl IntoIterator<Item = &'s Subnet>) -> TableRow<'a> {
    TableRow {
        id: table.id.to_string(),
        name: &table.name,
        description: &table.description,
        default: table.is_default,
        routes: None,
        subnets: users.into_iter().map(|subnet| SubnetId { id: subnet.id.to_string() }).collect(),
        tenant_id: table.project.as_str(),
        vpc_id: table.vpc.to_string(),
        created_at: created_at(table.created),
        updated_at: updated_at(table.created, table.changed),
    }
}

#[cfg(test)]
mod tests {
    use linkspan_model::{Stamp, SubnetSettings, Tags};

    use super::*;

    #[test]
    fn what_clients_send() {
        let body = br#"{"routetable":{"vpc_id":"v","name":"n","routes":[{"type":"ecs","destination":"10.1.0.0/16","nexthop":"e","description":"d"}]}}"#;
        let new = CreateRouteTable::from_body(body).unwrap();
        assert_eq!((new.routes.len(), &*new.routes[0].next_hop), (1, "e"));
        let body = br#"{"routetable":{"routes":{"add":[{"type":"nat","destination":"0.0.0.0/0","nexthop":"g"}],"mod":null,"del":[{"destination":"10.1.0.0/16","type":"ecs"}]}}}"#;
        let change = UpdateRouteTable::from_body(body).unwrap();
        assert_eq!((change.added.len(), change.replaced.len(), &*change.removed[0]), (1, 0, "10.1.0.0/16"));
        let body = br#"{"routetable":{"subnets":{"associate":["a","b"]}}}"#;
        let action = AssociateRouteTable::from_body(body).unwrap();
        assert_eq!((action.associate.len(), action.disassociate.len()), (2, 0));
    }

    #[test]
    fn faults_have_the_service_s_codes() {
        let new = |body: &str| CreateRouteTable::from_body(body.as_bytes()).unwrap_err().to_string();
        let change = |body: &str| UpdateRouteTable::from_body(body.as_bytes()).unwrap_err().to_string();
        let action = |body: &str| AssociateRouteTable::from_body(body.as_bytes()).unwrap_err().to_string();
        let texts = [
            new("{}"),
            new(r#"{"routetable":{}}"#),
            new(r#"{"routetable":{"vpc_id":"v","routes":[{"type":"ecs","destination":"x","nexthop":"e"}]}}"#),
            new(r#"{"routetable":{"vpc_id":"v","routes":[{"destination":"10.0.0.0/8","nexthop":"e"}]}}"#),
            change(r#"{"routetable":{"routes":{"mod":[{"type":"ecs","destination":"10.0.0.0/8"}]}}}"#),
            change(r#"{"routetable":{"routes":{"del":[{}]}}}"#),
            change(r#"{"routetable":{"routes":[]}}"#),
            action(r#"{"routetable":{}}"#),
            action(r#"{"routetable":{"subnets":{"associate":[1]}}}"#),
            action(r#"{"routetable":{"subnets":{"associate":["a",""]}}}"#),
        ];
        insta::assert_snapshot!(texts.join("\n"));
    }

    #[test]
    fn bodies() {
        let table = RouteTable {
            id: "66df8c1f-d4f6-4a63-9abb-09701fe27b39".parse().unwrap(),
            project: "0a1b2c3d4e5f60718293a4b5c6d7e8f9".parse().unwrap(),
            vpc: "60ea1197-603a-4aa9-9e55-e2914e2ce465".parse().unwrap(),
            name: "rtb-data".into(),
            description: "".into(),
            is_default: true,
            routes: [TableRoute {
                kind: "ecs".into(),
                destination: "10.1.0.0/16".into(),
                next_hop: "7c50463d-d36c-4417-aa85-cc11fa10f341".into(),
                description: "there".into(),
            }]
            .into(),
            created: Stamp::new(1_566_888_011_125, 0),
            changed: Some(1_566_888_099_125),
        };
        let subnet = Subnet {
            id: "3ddc4dcc-07af-4e52-91a2-9e3117dd092f".parse().unwrap(),
            project: table.project.clone(),
            vpc: table.vpc.clone(),
            name: "".into(),
            cidr: "10.0.0.0/24".parse().unwrap(),
            ipv6: false,
            route_table: None,
            settings: SubnetSettings::default(),
            tags: Tags::default(),
            created: table.created,
            changed: None,
        };
        let none: [&Subnet; 0] = [];
        let bodies = [show_route_table(&table, [&subnet]), list_route_tables([(&table, none)])];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
