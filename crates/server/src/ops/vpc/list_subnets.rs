use http::Method;
use linkspan_engine::Access;
use linkspan_model::Subnet;
use linkspan_wire::vpc::{ListNetworksQuery, list_subnets};

use super::page;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};
use crate::ops::revised;

/// A page of subnets, in the order of their ids (vpc_subnet01_0003).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListSubnetsV1",
    method: Method::GET,
    path: "/v1/{project_id}/subnets",
    document: "vpc_subnet01_0003",
    action: "vpc:subnets:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListNetworksQuery::parse(call.query())?;
    let view = call.view();
    let all = view.project(call.scope()?).subnets();
    let wanted = |subnet: &&Subnet| query.vpc_id.as_ref().is_none_or(|vpc| *vpc == subnet.vpc);
    let subnets = page(all.filter(wanted), |subnet| &subnet.id, &query);
    Ok(revised(Answer::json(200, list_subnets(subnets)), &view))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn of_one_vpc_or_all() {
        let stage = Stage::open().await;
        stage.networks().await;
        stage.ok("CreateSubnet", r#"{"id":"net-2","vpc_id":"vpc-2","cidr":"10.0.0.0/24"}"#).await;
        let ids = async |query: &str| {
            let list = stage.get("ListSubnetsV1", query).await.json();
            let ids = list["subnets"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids("").await, "net-1 net-2");
        assert_eq!((ids("vpc_id=vpc-2").await, ids("vpc_id=vpc-9").await), ("net-2".into(), String::new()));
        assert_eq!((ids("limit=1").await, ids("marker=net-1").await), ("net-1".into(), "net-2".into()));
    }
}
