use http::Method;
use linkspan_engine::Access;
use linkspan_model::RouteTable;
use linkspan_wire::vpc::{ListNetworksQuery, list_route_tables};

use super::page;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};
use crate::ops::revised;

/// A page of route tables without their routes, in the order of their ids (vpc_apiroutetab_0001).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListRouteTables",
    method: Method::GET,
    path: "/v1/{project_id}/routetables",
    document: "vpc_apiroutetab_0001",
    action: "vpc:routeTables:list",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListNetworksQuery::parse(call.query())?;
    let view = call.view();
    let project = view.project(call.scope()?);
    let used_by = query.subnet_id.as_ref().map(|id| project.subnet(id));
    let wanted = |table: &&RouteTable| {
        let of_vpc = query.vpc_id.as_ref().is_none_or(|vpc| *vpc == table.vpc);
        // A subnet that does not exist uses none.
        of_vpc && used_by.is_none_or(|subnet| subnet.is_some_and(|subnet| subnet.uses(table)))
    };
    let tables = page(project.route_tables().filter(wanted), |table| &table.id, &query);
    let body = list_route_tables(tables.map(|table| (table, project.users_of(table))));
    Ok(revised(Answer::json(200, body), &view))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn of_a_vpc_and_of_a_subnet() {
        let stage = Stage::open().await;
        stage.networks().await;
        let custom = stage.ok("CreateRouteTable", r#"{"routetable":{"vpc_id":"vpc-1","name":"custom"}}"#).await.json();
        let id = custom["routetable"]["id"].as_str().unwrap();
        let names = async |query: &str| {
            let list = stage.get("ListRouteTables", query).await.json();
            let tables = list["routetables"].as_array().unwrap().iter();
            let mut names: Vec<_> = tables.map(|it| format!("{} {}", it["name"], it["subnets"])).collect();
            names.sort();
            names.join(", ").replace('"', "")
        };
        let of_vpc = "vpc_id=vpc-1";
        assert_eq!(names(of_vpc).await, "custom [], rtb- [{id:net-1}]");
        assert_eq!(names("subnet_id=net-1").await, "rtb- [{id:net-1}]");
        let action = r#"{"routetable":{"subnets":{"associate":["net-1"]}}}"#;
        stage.on(id).ok("AssociateRouteTable", action).await;
        assert_eq!(names(of_vpc).await, "custom [{id:net-1}], rtb- []");
        assert_eq!(names("subnet_id=net-1").await, "custom [{id:net-1}]");
        assert_eq!((names("subnet_id=net-9").await, names("vpc_id=vpc-9").await), (String::new(), String::new()));
        assert_eq!(names(&format!("id={id}")).await, "custom [{id:net-1}]");
        assert_eq!(names("limit=2").await.matches('[').count(), 2, "of the three that two VPCs have");
        let list = stage.get("ListRouteTables", &format!("id={id}")).await.json();
        assert!(list["routetables"][0].get("routes").is_none(), "the list has no routes");
    }
}
