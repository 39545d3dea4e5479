use http::Method;
use linkspan_engine::command::NewRouteTable;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;
use linkspan_wire::vpc::CreateRouteTable;

use super::{made, route_table_body, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Makes a custom route table of a VPC (vpc_apiroutetab_0003).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "CreateRouteTable",
    method: Method::POST,
    path: "/v1/{project_id}/routetables",
    document: "vpc_apiroutetab_0003",
    action: "vpc:routeTables:create",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateRouteTable { vpc_id, name, description, routes } = CreateRouteTable::from_body(&call.body)?;
    let new = NewRouteTable { id: None, vpc: vpc_id, name, description, routes };
    let id = made(submit(&call, Command::CreateRouteTable(new), ErrorCode::VpcInvalid).await?)?;
    Ok(Answer::json(200, route_table_body(&call, &id)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn with_routes_and_without() {
        let stage = Stage::open().await;
        stage.networks().await;
        let body = r#"{"routetable":{"vpc_id":"vpc-1","name":"custom","description":"d",
            "routes":[{"type":"ecs","destination":"10.1.0.0/16","nexthop":"e","description":"there"}]}}"#;
        let made = stage.ok("CreateRouteTable", body).await;
        insta::assert_json_snapshot!(made.json());
        let id = made.json()["routetable"]["id"].as_str().unwrap().to_owned();
        assert_eq!(stage.on(&id).ok("ShowRouteTable", "").await.json(), made.json());
        let route = r#"{"type":"ecs","destination":"10.1.0.0/16","nexthop":"e"}"#;
        for (table, status, code) in [
            (r#""vpc_id":"vpc-9""#.to_owned(), 404, "VPC.0003"),
            (r#""name":"n""#.into(), 400, "VPC.0101"),
            (format!(r#""vpc_id":"vpc-1","routes":[{route},{route}]"#), 400, "VPC.0101"),
        ] {
            let body = format!(r#"{{"routetable":{{{table}}}}}"#);
            let (found, why, text) = stage.refused("CreateRouteTable", &body).await;
            assert_eq!((found, why.as_str()), (status, code), "{table} {text}");
        }
    }
}
