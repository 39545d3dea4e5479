use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::ResourceKind;

use super::show_tags_of;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The tags of a VPC, in the order they came (vpc_tag_0002).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowVpcTags",
    method: Method::GET,
    path: "/v2.0/{project_id}/vpcs/{vpc_id}/tags",
    document: "vpc_tag_0002",
    action: "vpc:vpcTags:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    show_tags_of(&call, (ResourceKind::Vpc, "vpc_id"))
}
