use http::Method;
use linkspan_engine::command::RouteTableChange;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;
use linkspan_wire::vpc::AssociateRouteTable;

use super::{route_table_body, route_table_id, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Lets subnets use a route table, or no longer (vpc_apiroutetab_0005, vpc_apiroutetab_0006): one path and one body, two
/// names in the SDK.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "AssociateRouteTable",
    method: Method::POST,
    path: "/v1/{project_id}/routetables/{routetable_id}/action",
    document: "vpc_apiroutetab_0005",
    action: "vpc:routeTables:associate",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = route_table_id(&call)?;
    let AssociateRouteTable { associate, disassociate } = AssociateRouteTable::from_body(&call.body)?;
    let change = RouteTableChange { associated: associate, disassociated: disassociate, ..RouteTableChange::default() };
    submit(&call, Command::ChangeRouteTable(id.clone(), change), ErrorCode::VpcInvalid).await?;
    Ok(Answer::json(200, route_table_body(&call, &id)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn a_subnet_that_leaves_uses_the_default_one_again() {
        let stage = Stage::open().await;
        stage.networks().await;
        let made = stage.ok("CreateRouteTable", r#"{"routetable":{"vpc_id":"vpc-1"}}"#).await.json();
        let table = stage.on(made["routetable"]["id"].as_str().unwrap());
        let users = async |action: &str| {
            let body = format!(r#"{{"routetable":{{"subnets":{{"{action}":["net-1"]}}}}}}"#);
            table.ok("AssociateRouteTable", &body).await.json()["routetable"]["subnets"].to_string()
        };
        assert_eq!(users("associate").await, r#"[{"id":"net-1"}]"#);
        assert_eq!(users("disassociate").await, "[]");
        let default = stage.get("ListRouteTables", "subnet_id=net-1").await.json();
        assert_eq!(default["routetables"][0]["default"], true);
        for (subnets, code) in [(r#"{"associate":["net-9"]}"#, "VPC.0202"), (r#"{"associate":"net-1"}"#, "VPC.0101")] {
            let body = format!(r#"{{"routetable":{{"subnets":{subnets}}}}}"#);
            assert_eq!(table.refused("AssociateRouteTable", &body).await.1, code, "{subnets}");
        }
    }
}
