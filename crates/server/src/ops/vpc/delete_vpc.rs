use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;

use super::{submit, vpc_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Deletes a VPC that holds nothing and that no peer leads to (vpc_api01_0005). 409 otherwise, upon which Terraform tries
/// again.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "DeleteVpcV1",
    method: Method::DELETE,
    path: "/v1/{project_id}/vpcs/{vpc_id}",
    document: "vpc_api01_0005",
    action: "vpc:vpcs:delete",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    submit(&call, Command::DeleteVpc(vpc_id(&call)?), ErrorCode::VpcInvalid).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn only_when_nothing_is_in_it() {
        let stage = Stage::open().await;
        stage.networks().await;
        let (status, code, text) = stage.on("vpc-1").refused("DeleteVpcV1", "").await;
        assert_eq!((status, code.as_str()), (409, "VPC.0104"));
        assert!(text.contains("net-1"), "{text}");
        stage.on("vpc-1/net-1").ok("DeleteSubnetV1", "").await;
        let answer = stage.on("vpc-1").ok("DeleteVpcV1", "").await;
        assert_eq!((answer.status, answer.text()), (204, String::new()));
        assert_eq!(stage.on("vpc-1").refused("DeleteVpcV1", "").await.1, "VPC.0003");
        assert_eq!(stage.get("ListRouteTables", "vpc_id=vpc-1").await.text(), r#"{"routetables":[]}"#);
    }

    #[tokio::test]
    async fn not_while_a_peer_leads_there() {
        let stage = Stage::open().await;
        stage.sources().await;
        stage.ok("CreateVpc", r#"{"id":"vpc-1"}"#).await;
        let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"elsewhere","queues":["q1"]}"#;
        let id = stage.ok("CreateEnhancedConnection", body).await.json()["connection_id"].as_str().unwrap().to_owned();
        assert_eq!(stage.on("vpc-1").refused("DeleteVpcV1", "").await.0, 409);
        stage.on(&id).ok("DisassociateQueueFromEnhancedConnection", r#"{"queues":["q1"]}"#).await;
        stage.on("vpc-1").ok("DeleteVpcV1", "").await;
    }
}
