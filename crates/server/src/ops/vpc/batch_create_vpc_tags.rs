use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::ResourceKind;
use linkspan_wire::ErrorCode;

use super::change_tags;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Gives a VPC tags, or takes them away, as the body says (vpc_tag_0004): one path and one body, two names in the SDK.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "BatchCreateVpcTags",
    method: Method::POST,
    path: "/v2.0/{project_id}/vpcs/{vpc_id}/tags/action",
    document: "vpc_tag_0004",
    action: "vpc:vpcTags:create",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    change_tags(&call, (ResourceKind::Vpc, "vpc_id"), ErrorCode::VpcInvalid).await
}
