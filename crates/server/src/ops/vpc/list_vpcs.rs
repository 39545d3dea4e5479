use http::Method;
use linkspan_engine::Access;
use linkspan_model::Vpc;
use linkspan_wire::vpc::{ListNetworksQuery, list_vpcs};

use super::page;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};
use crate::ops::revised;

/// A page of VPCs, in the order of their ids (vpc_api01_0003).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListVpcsV1",
    method: Method::GET,
    path: "/v1/{project_id}/vpcs",
    document: "vpc_api01_0003",
    action: "vpc:vpcs:list",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListNetworksQuery::parse(call.query())?;
    let view = call.view();
    let all = view.project(call.scope()?).vpcs();
    let wanted = |vpc: &&Vpc| query.enterprise_project_id.as_deref().is_none_or(|id| vpc.enterprise_project() == id);
    let vpcs = page(all.filter(wanted), |vpc| &vpc.id, &query);
    Ok(revised(Answer::json(200, list_vpcs(vpcs)), &view))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn pages_by_marker_partition_the_list() {
        let stage = Stage::open().await;
        for n in 0..5 {
            stage.ok("CreateVpc", &format!(r#"{{"id":"vpc-{n}"}}"#)).await;
        }
        let mut seen = String::new();
        for marker in ["", "vpc-1", "vpc-3"] {
            let page = stage.get("ListVpcsV1", &format!("limit=2&marker={marker}")).await;
            assert_eq!(page.header("x-linkspan-revision"), stage.revision().to_string());
            page.json()["vpcs"].as_array().unwrap().iter().for_each(|it| seen += it["id"].as_str().unwrap());
        }
        assert_eq!(seen, "vpc-0vpc-1vpc-2vpc-3vpc-4");
        let ids = async |query: &str| {
            let list = stage.get("ListVpcsV1", query).await.json();
            list["vpcs"].as_array().unwrap().len()
        };
        assert_eq!((ids("").await, ids("id=vpc-2").await, ids("id=nope").await), (5, 1, 0));
        assert_eq!((ids("enterprise_project_id=0").await, ids("enterprise_project_id=1").await), (5, 0));
        assert_eq!(ids("enterprise_project_id=all_granted_eps&limit=3").await, 3);
        assert_eq!(stage.get("ListVpcsV1", "limit=x").await.json()["code"], "VPC.0101");
    }
}
