use http::Method;
use linkspan_engine::Command;

use super::{NETWORK_WRITE, network_id, operation};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Takes a VPC out of the directory: 409 while it has subnets or a peer leads there.
pub(in crate::ops) const OPERATION: Operation = operation(
    ("DeleteVpc", "/linkspan/v1/{project_id}/networks/vpcs/{vpc_id}"),
    Method::DELETE,
    NETWORK_WRITE,
    |call| Box::pin(run(call)),
);

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = network_id(&call, "vpc_id", "VPC")?;
    call.submit(Command::DeleteVpc(id)).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn only_when_nothing_is_in_it() {
        let stage = Stage::open().await;
        stage.networks().await;
        let (status, code, text) = stage.on("vpc-1").refused("DeleteVpc", "").await;
        assert_eq!((status, code.as_str()), (409, "conflict"));
        assert!(text.contains("net-1"), "{text}");
        stage.on("net-1").ok("DeleteSubnet", "").await;
        assert_eq!(stage.on("vpc-1").ok("DeleteVpc", "").await.status, 204);
        assert_eq!(stage.on("vpc-1").refused("DeleteVpc", "").await.0, 404);
        assert_eq!(stage.on("").refused("DeleteVpc", "").await.0, 404);
    }
}
