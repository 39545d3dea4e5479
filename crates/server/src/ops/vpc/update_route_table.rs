use http::Method;
use linkspan_engine::command::RouteTableChange;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;
use linkspan_wire::vpc::UpdateRouteTable;

use super::{route_table_body, route_table_id, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Changes the name, description or routes of a route table (vpc_apiroutetab_0004).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "UpdateRouteTable",
    method: Method::PUT,
    path: "/v1/{project_id}/routetables/{routetable_id}",
    document: "vpc_apiroutetab_0004",
    action: "vpc:routeTables:update",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = route_table_id(&call)?;
    let UpdateRouteTable { name, description, added, replaced, removed } = UpdateRouteTable::from_body(&call.body)?;
    let change = RouteTableChange { name, description, added, replaced, removed, ..RouteTableChange::default() };
    submit(&call, Command::ChangeRouteTable(id.clone(), change), ErrorCode::VpcInvalid).await?;
    Ok(Answer::json(200, route_table_body(&call, &id)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn routes_are_added_changed_and_deleted() {
        let stage = Stage::open().await;
        stage.networks().await;
        let made = stage.ok("CreateRouteTable", r#"{"routetable":{"vpc_id":"vpc-1"}}"#).await.json();
        let table = stage.on(made["routetable"]["id"].as_str().unwrap());
        let routes = async |change: &str| {
            let changed =
                table.ok("UpdateRouteTable", &format!(r#"{{"routetable":{{"routes":{change}}}}}"#)).await.json();
            let routes = changed["routetable"]["routes"].as_array().unwrap().clone();
            let text = |it: &serde_json::Value| format!("{}>{}", it["destination"], it["nexthop"]).replace('"', "");
            routes.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        let route = |to: &str, hop: &str| format!(r#"{{"type":"ecs","destination":"{to}","nexthop":"{hop}"}}"#);
        let (one, two) = (route("10.1.0.0/16", "a"), route("10.2.0.0/16", "b"));
        assert_eq!(routes(&format!(r#"{{"add":[{one},{two}]}}"#)).await, "10.1.0.0/16>a 10.2.0.0/16>b");
        let other = route("10.1.0.0/16", "c");
        assert_eq!(routes(&format!(r#"{{"mod":[{other}]}}"#)).await, "10.1.0.0/16>c 10.2.0.0/16>b");
        assert_eq!(routes(&format!(r#"{{"del":[{two}]}}"#)).await, "10.1.0.0/16>c");
        assert_eq!(routes(&format!(r#"{{"del":[{two}]}}"#)).await, "10.1.0.0/16>c", "a retry finds it done");
        for bad in [format!(r#"{{"add":[{one}]}}"#), format!(r#"{{"mod":[{two}]}}"#), r#"{"add":[{}]}"#.into()] {
            let body = format!(r#"{{"routetable":{{"routes":{bad}}}}}"#);
            let (status, code, text) = table.refused("UpdateRouteTable", &body).await;
            assert_eq!((status, code.as_str()), (400, "VPC.0101"), "{bad} {text}");
        }
        assert_eq!(stage.on("table-9").refused("UpdateRouteTable", r#"{"routetable":{}}"#).await.1, "VPC.0202");
    }
}
