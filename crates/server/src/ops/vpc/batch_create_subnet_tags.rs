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
