use http::Method;
use linkspan_wire::own::{self, NetworkBindingInfo, NetworkBindingList};

use super::{NETWORK_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// What the networks of a project are bound to.
pub(in crate::ops) const OPERATION: Operation = operation(
    ("ListNetworkBindings", "/linkspan/v1/{project_id}/networks/bindings"),
    Method::GET,
    NETWORK_READ,
    |call| Box::pin(run(call)),
);

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let bindings = view.project(call.scope()?).network_bindings().map(NetworkBindingInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&NetworkBindingList { bindings })), &view))
}
