use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::AdminCommand;

use super::{named, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Removes an access key.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "DeleteAccessKey",
    method: Method::DELETE,
    path: "/linkspan/v1/admin/keys/{id}",
    document: "linkspan",
    action: "linkspan:admin:write",
    auth: Auth::Admin(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = named(&call, "access key")?;
    submit(&call, AdminCommand::DeleteKey(id)).await?;
    Ok(Answer::empty(204))
}
