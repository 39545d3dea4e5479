use http::Method;
use linkspan_engine::Refusal;
use linkspan_engine::command::AdminCommand;
use linkspan_model::AccessKeyId;
use linkspan_wire::own::{self, ChangeKey, KeyInfo};

use super::{ADMIN_WRITE, named, operation, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Makes an access key work again, or no more.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ChangeAccessKey", "/linkspan/v1/admin/keys/{id}"), Method::PATCH, ADMIN_WRITE, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let id: AccessKeyId = named(&call, "access key")?;
    let ChangeKey { enabled } = own::read(&call.body)?;
    submit(&call, AdminCommand::EnableKey(id.clone(), enabled)).await?;
    let view = call.view();
    let key = view.key(&id).ok_or(Refusal::Internal)?;
    Ok(Answer::json(200, own::write(&KeyInfo::from(key))))
}
