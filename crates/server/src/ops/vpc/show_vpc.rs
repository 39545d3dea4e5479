use http::Method;
use linkspan_engine::Access;
use linkspan_wire::vpc;

use super::{shown_vpc, vpc_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A VPC (vpc_api01_0002). Terraform takes 404 as gone.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowVpcV1",
    method: Method::GET,
    path: "/v1/{project_id}/vpcs/{vpc_id}",
    document: "vpc_api01_0002",
    action: "vpc:vpcs:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = vpc_id(&call)?;
    Ok(Answer::json(200, vpc::show_vpc(shown_vpc(&call, &call.view(), &id)?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn in_both_versions() {
        let stage = Stage::open().await;
        stage.networks().await;
        let one = stage.on("vpc-1").ok("ShowVpcV1", "").await.json();
        assert_eq!((&one["vpc"]["status"], &one["vpc"]["cidr"]), (&"OK".into(), &"192.168.0.0/16".into()));
        insta::assert_json_snapshot!(stage.on("vpc-1").ok("ShowVpc", "").await.json());
        for operation in ["ShowVpcV1", "ShowVpc"] {
            for target in ["vpc-9", "60ea1197-603a-4aa9-9e55-e2914e2ce465", ""] {
                let (status, code, text) = stage.on(target).refused(operation, "").await;
                assert_eq!((status, code.as_str()), (404, "VPC.0003"));
                assert_eq!(text, format!("VPC {target} does not exist."));
            }
        }
    }
}
