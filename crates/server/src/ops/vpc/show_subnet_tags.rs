use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::ResourceKind;

use super::show_tags_of;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The tags of a subnet, in the order they came (subnet_tag_0002).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowSubnetTags",
    method: Method::GET,
    path: "/v2.0/{project_id}/subnets/{subnet_id}/tags",
    document: "subnet_tag_0002",
    action: "vpc:subnetTags:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    show_tags_of(&call, (ResourceKind::Subnet, "subnet_id"))
}
