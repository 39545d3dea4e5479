use http::Method;
use linkspan_engine::Access;

use super::create_queue_property::run;
use crate::operation::{Auth, Operation};

/// Sets properties of a queue; others stay: what `CreateQueueProperty` does too. Tested with the list.
pub(super) const OPERATION: Operation = Operation {
    name: "UpdateQueueProperty",
    method: Method::PUT,
    path: "/v3/{project_id}/queues/{queue_name}/properties",
    document: "UpdateQueueProperty",
    action: "dli:queue:updateQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};
