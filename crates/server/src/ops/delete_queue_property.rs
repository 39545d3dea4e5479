use http::Method;
use linkspan_engine::command::QueueChange;
use linkspan_engine::{Access, Command};
use linkspan_wire::{RemoveQueueProperties, success};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Removes the properties that its body names; absent ones are removed already. Tested with the list.
pub(super) const OPERATION: Operation = Operation {
    name: "DeleteQueueProperty",
    method: Method::DELETE,
    path: "/v3/{project_id}/queues/{queue_name}/properties",
    document: "DeleteQueueProperty",
    action: "dli:queue:updateQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let RemoveQueueProperties { keys } = RemoveQueueProperties::from_body(&call.body)?;
    let name = call.param("queue_name").to_owned();
    call.submit(Command::ChangeQueue(name, QueueChange::RemoveProperties(keys))).await?;
    Ok(Answer::json(200, success::done()))
}
