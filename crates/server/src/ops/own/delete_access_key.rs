use http::Method;
use linkspan_engine::command::AdminCommand;

use super::{ADMIN_WRITE, named, operation, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Removes an access key.
pub(in crate::ops) const OPERATION: Operation =
    operation(("DeleteAccessKey", "/linkspan/v1/admin/keys/{id}"), Method::DELETE, ADMIN_WRITE, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = named(&call, "access key")?;
    submit(&call, AdminCommand::DeleteKey(id)).await?;
    Ok(Answer::empty(204))
}
