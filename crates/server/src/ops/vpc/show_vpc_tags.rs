use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::{ResourceKind, ResourceRef};
use linkspan_wire::vpc::show_tags;

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
    let resource = ResourceRef { kind: ResourceKind::Vpc, id: call.param("vpc_id").into() };
    let view = call.view();
    Ok(Answer::json(200, show_tags(view.project(call.scope()?).tags_of(&resource)?)))
}
