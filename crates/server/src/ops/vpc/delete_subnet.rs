use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;

use super::{submit, subnet_id, vpc_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Deletes a subnet that no peer leads to (vpc_subnet01_0005). 409 otherwise, upon which Terraform tries again.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "DeleteSubnetV1",
    method: Method::DELETE,
    path: "/v1/{project_id}/vpcs/{vpc_id}/subnets/{subnet_id}",
    document: "vpc_subnet01_0005",
    action: "vpc:subnets:delete",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let command = Command::DeleteSubnet { vpc: Some(vpc_id(&call)?), id: subnet_id(&call)? };
    submit(&call, command, ErrorCode::SubnetInvalid).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn not_while_a_peer_leads_there() {
        let stage = Stage::open().await;
        stage.networks().await;
        stage.sources().await;
        let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"net-1","queues":["q1"]}"#;
        let made = stage.ok("CreateEnhancedConnection", body).await.json();
        let (status, code, text) = stage.on("vpc-1/net-1").refused("DeleteSubnetV1", "").await;
        assert_eq!((status, code.as_str()), (409, "VPC.0104"), "{text}");
        let connection = stage.on(made["connection_id"].as_str().unwrap());
        connection.ok("DisassociateQueueFromEnhancedConnection", r#"{"queues":["q1"]}"#).await;
        assert_eq!(stage.on("vpc-2/net-1").refused("DeleteSubnetV1", "").await.1, "VPC.0202");
        assert_eq!(stage.on("vpc-1/net-1").ok("DeleteSubnetV1", "").await.status, 204);
        let (status, code, _) = stage.on("vpc-1/net-1").refused("DeleteSubnetV1", "").await;
        assert_eq!((status, code.as_str()), (404, "VPC.0202"));
    }
}
