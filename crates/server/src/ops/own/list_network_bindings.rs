use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own::{self, NetworkBindingInfo, NetworkBindingList};

use super::revised;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// What the networks of a project are bound to.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListNetworkBindings",
    method: Method::GET,
    path: "/linkspan/v1/{project_id}/networks/bindings",
    document: "linkspan",
    action: "linkspan:network:read",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let bindings = view.project(call.scope()?).network_bindings().map(NetworkBindingInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&NetworkBindingList { bindings })), &view))
}
