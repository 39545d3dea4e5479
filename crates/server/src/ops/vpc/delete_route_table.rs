use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;

use super::{route_table_id, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Deletes a custom route table that nothing uses (vpc_apiroutetab_0007).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "DeleteRouteTable",
    method: Method::DELETE,
    path: "/v1/{project_id}/routetables/{routetable_id}",
    document: "vpc_apiroutetab_0007",
    action: "vpc:routeTables:delete",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    submit(&call, Command::DeleteRouteTable(route_table_id(&call)?), ErrorCode::VpcInvalid).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn one_that_is_used_stays() {
        let stage = Stage::open().await;
        stage.networks().await;
        let made = stage.ok("CreateRouteTable", r#"{"routetable":{"vpc_id":"vpc-1"}}"#).await.json();
        let table = stage.on(made["routetable"]["id"].as_str().unwrap());
        table.ok("AssociateRouteTable", r#"{"routetable":{"subnets":{"associate":["net-1"]}}}"#).await;
        let (status, code, text) = table.refused("DeleteRouteTable", "").await;
        assert_eq!((status, code.as_str()), (409, "VPC.0104"), "{text}");
        table.ok("AssociateRouteTable", r#"{"routetable":{"subnets":{"disassociate":["net-1"]}}}"#).await;
        assert_eq!(table.ok("DeleteRouteTable", "").await.status, 204);
        assert_eq!(table.refused("DeleteRouteTable", "").await.1, "VPC.0202");
        let default = stage.get("ListRouteTables", "vpc_id=vpc-1").await.json();
        let default = stage.on(default["routetables"][0]["id"].as_str().unwrap());
        assert_eq!(default.refused("DeleteRouteTable", "").await.0, 409, "the default one goes with its VPC");
    }
}
