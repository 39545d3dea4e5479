use http::Method;
use linkspan_engine::{Access, Command};

use super::network_id;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Takes back what a network is bound to: the peers that lead there are cut.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "UnbindNetwork",
    method: Method::DELETE,
    path: "/linkspan/v1/{project_id}/networks/bindings/{network_id}",
    document: "linkspan",
    action: "linkspan:network:write",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let network = network_id(&call, "network_id", "Network")?;
    call.submit(Command::UnbindNetwork(network)).await?;
    Ok(Answer::empty(204))
}
