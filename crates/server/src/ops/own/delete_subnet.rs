use http::Method;
use linkspan_engine::Command;

use super::{NETWORK_WRITE, network_id, operation};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Takes a subnet out of the directory: 409 while a peer leads there.
pub(in crate::ops) const OPERATION: Operation = operation(
    ("DeleteSubnet", "/linkspan/v1/{project_id}/networks/subnets/{subnet_id}"),
    Method::DELETE,
    NETWORK_WRITE,
    |call| Box::pin(run(call)),
);

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = network_id(&call, "subnet_id", "Subnet")?;
    call.submit(Command::DeleteSubnet { vpc: None, id }).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn a_bare_connection_holds_nothing_and_a_peer_does() {
        let stage = Stage::open().await;
        stage.networks().await;
        stage.sources().await;
        let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"net-1"}"#;
        let made = stage.ok("CreateEnhancedConnection", body).await.json();
        let connection = stage.on(made["connection_id"].as_str().unwrap());
        connection.ok("AssociateQueueToEnhancedConnection", r#"{"queues":["q1"]}"#).await;
        assert_eq!(stage.on("net-1").refused("DeleteSubnet", "").await.0, 409);
        connection.ok("DisassociateQueueFromEnhancedConnection", r#"{"queues":["q1"]}"#).await;
        assert_eq!(stage.on("net-1").ok("DeleteSubnet", "").await.status, 204);
        assert_eq!(stage.on("net-1").refused("DeleteSubnet", "").await.0, 404);
    }
}
