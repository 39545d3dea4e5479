use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::ResourceKind;
use linkspan_wire::ErrorCode;

use super::change_tags;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Gives a subnet tags, or takes them away, as the body says (subnet_tag_0004): one path and one body, two names in the SDK.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "BatchCreateSubnetTags",
    method: Method::POST,
    path: "/v2.0/{project_id}/subnets/{subnet_id}/tags/action",
    document: "subnet_tag_0004",
    action: "vpc:subnetTags:create",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    change_tags(&call, (ResourceKind::Subnet, "subnet_id"), ErrorCode::SubnetInvalid).await
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn set_shown_and_taken_away() {
        let stage = Stage::open().await;
        stage.networks().await;
        let target = stage.on("net-1");
        let shown = async || target.ok("ShowSubnetTags", "").await.text();
        assert_eq!(shown().await, r#"{"tags":[]}"#);
        let create = r#"{"action":"create","tags":[{"key":"env","value":"test"},{"key":"k","value":""}]}"#;
        let answer = target.ok("BatchCreateSubnetTags", create).await;
        assert_eq!((answer.status, answer.text()), (204, String::new()));
        assert_eq!(shown().await, r#"{"tags":[{"key":"env","value":"test"},{"key":"k","value":""}]}"#);
        let delete = r#"{"action":"delete","tags":[{"key":"env"},{"key":"never"}]}"#;
        target.ok("BatchCreateSubnetTags", delete).await;
        assert_eq!(shown().await, r#"{"tags":[{"key":"k","value":""}]}"#);
        let bad = r#"{"action":"create","tags":[{"key":"_sys_x","value":""}]}"#;
        let invalid = "VPC.0201";
        assert_eq!(target.refused("BatchCreateSubnetTags", bad).await.1, invalid);
        let (status, code, _) = stage.on("nope").refused("BatchCreateSubnetTags", create).await;
        assert_eq!((status, code.as_str()), (404, "VPC.0202"));
        assert_eq!(stage.on("nope").refused("ShowSubnetTags", "").await.1, "VPC.0202");
    }
}
