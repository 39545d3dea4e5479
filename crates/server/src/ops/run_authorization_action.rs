use http::Method;
use linkspan_engine::command::{Authorization, GrantAction};
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::{Authorize, AuthorizeAction, ObjectPrivileges, success};

use super::until_cut;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Grants connections to a project, or takes them back with everything bound by it (dli_02_0318).
pub(super) const OPERATION: Operation = Operation {
    name: "RunAuthorizationAction",
    method: Method::PUT,
    path: "/v1.0/{project_id}/authorization",
    document: "dli_02_0318",
    action: "dli::runAuthorizationAction",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let Authorize { project_id, user_name, action, privileges } = Authorize::from_body(&call.body)?;
    let asked = Authorization {
        action: match action {
            AuthorizeAction::Grant => GrantAction::Grant,
            AuthorizeAction::Revoke => GrantAction::Revoke,
            AuthorizeAction::Update => GrantAction::Update,
        },
        project: project_id,
        user: user_name,
        objects: privileges.into_iter().map(|ObjectPrivileges { object, privileges }| (object, privileges)).collect(),
    };
    let Reply::Unbound(lost) = call.submit(Command::Authorize(asked)).await? else {
        return Err(Refusal::Internal.into());
    };
    until_cut(&call, &lost).await?;
    Ok(Answer::json(200, success::done()))
}

#[cfg(test)]
#[path = "run_authorization_action_tests.rs"]
mod tests;
