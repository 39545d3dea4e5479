use http::Method;
use linkspan_engine::command::AdminCommand;
use linkspan_engine::{Access, Refusal};
use linkspan_model::AccessKeyId;
use linkspan_wire::own::{self, ChangeKey, KeyInfo};

use super::{named, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Makes an access key work again, or no more.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ChangeAccessKey",
    method: Method::PATCH,
    path: "/linkspan/v1/admin/keys/{id}",
    document: "linkspan",
    action: "linkspan:admin:write",
    auth: Auth::Admin(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id: AccessKeyId = named(&call, "access key")?;
    let ChangeKey { enabled } = own::read(&call.body)?;
    submit(&call, AdminCommand::EnableKey(id.clone(), enabled)).await?;
    let view = call.view();
    let key = view.key(&id).ok_or(Refusal::Internal)?;
    Ok(Answer::json(200, own::write(&KeyInfo::from(key))))
}
