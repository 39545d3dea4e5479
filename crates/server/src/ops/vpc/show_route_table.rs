use http::Method;
use linkspan_engine::Access;

use super::{route_table_body, route_table_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A route table (vpc_apiroutetab_0002).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowRouteTable",
    method: Method::GET,
    path: "/v1/{project_id}/routetables/{routetable_id}",
    document: "vpc_apiroutetab_0002",
    action: "vpc:routeTables:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    Ok(Answer::json(200, route_table_body(&call, &route_table_id(&call)?)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn the_default_one_has_every_subnet_that_uses_no_other() {
        let stage = Stage::open().await;
        stage.networks().await;
        let list = stage.get("ListRouteTables", "vpc_id=vpc-1").await.json();
        let id = list["routetables"][0]["id"].as_str().unwrap();
        insta::assert_json_snapshot!(stage.on(id).ok("ShowRouteTable", "").await.json());
        let (status, code, text) = stage.on("table-9").refused("ShowRouteTable", "").await;
        assert_eq!((status, code.as_str(), text.as_str()), (404, "VPC.0202", "Route table table-9 does not exist."));
    }
}
