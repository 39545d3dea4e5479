use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own::{self, VpcInfo, VpcList};

use super::revised;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The VPCs of a project's directory of networks.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListVpcs",
    method: Method::GET,
    path: "/linkspan/v1/{project_id}/networks/vpcs",
    document: "linkspan",
    action: "linkspan:network:read",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let vpcs = view.project(call.scope()?).vpcs().map(VpcInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&VpcList { vpcs })), &view))
}
