use http::Method;
use linkspan_engine::Access;
use linkspan_wire::vpc;

use super::{shown_subnet, subnet_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A subnet (vpc_subnet01_0002). Terraform takes 404 as gone.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowSubnet",
    method: Method::GET,
    path: "/v1/{project_id}/subnets/{subnet_id}",
    document: "vpc_subnet01_0002",
    action: "vpc:subnets:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = subnet_id(&call)?;
    Ok(Answer::json(200, vpc::show_subnet(shown_subnet(&call, &call.view(), &id)?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn one_that_the_directory_knows() {
        let stage = Stage::open().await;
        stage.networks().await;
        insta::assert_json_snapshot!(stage.on("net-1").ok("ShowSubnet", "").await.json());
        let (status, code, text) = stage.on("net-9").refused("ShowSubnet", "").await;
        assert_eq!((status, code.as_str(), text.as_str()), (404, "VPC.0202", "Subnet net-9 does not exist."));
    }
}
