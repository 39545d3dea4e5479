use http::Method;
use linkspan_engine::Command;

use super::{NETWORK_WRITE, network_id, operation};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Takes back what a network is bound to: the peers that lead there are cut.
pub(in crate::ops) const OPERATION: Operation = operation(
    ("UnbindNetwork", "/linkspan/v1/{project_id}/networks/bindings/{network_id}"),
    Method::DELETE,
    NETWORK_WRITE,
    |call| Box::pin(run(call)),
);

async fn run(call: Call) -> Result<Answer, Fault> {
    let network = network_id(&call, "network_id", "Network")?;
    call.submit(Command::UnbindNetwork(network)).await?;
    Ok(Answer::empty(204))
}
