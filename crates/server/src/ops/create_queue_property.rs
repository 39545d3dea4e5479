use http::Method;
use linkspan_engine::command::QueueChange;
use linkspan_engine::{Access, Command};
use linkspan_wire::{SetQueueProperties, success};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Sets properties of a queue, new ones and known ones alike: a call that is repeated succeeds. Tested with the list.
pub(super) const OPERATION: Operation = Operation {
    name: "CreateQueueProperty",
    method: Method::POST,
    path: "/v3/{project_id}/queues/{queue_name}/properties",
    document: "CreateQueueProperty",
    action: "dli:queue:updateQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

/// Both calls that set properties.
pub(super) async fn run(call: Call) -> Result<Answer, Fault> {
    let SetQueueProperties { properties } = SetQueueProperties::from_body(&call.body)?;
    let name = call.param("queue_name").to_owned();
    call.submit(Command::ChangeQueue(name, QueueChange::SetProperties(properties))).await?;
    Ok(Answer::json(200, success::done()))
}
