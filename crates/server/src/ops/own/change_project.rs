use http::Method;
use linkspan_engine::command::AdminCommand;
use linkspan_model::ProjectId;
use linkspan_wire::own::{self, ChangeProject};

use super::{ADMIN_WRITE, named, operation, project_body, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Answers calls to a project again, or no more.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ChangeProject", "/linkspan/v1/admin/projects/{id}"), Method::PATCH, ADMIN_WRITE, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let id: ProjectId = named(&call, "project")?;
    let ChangeProject { enabled } = own::read(&call.body)?;
    submit(&call, AdminCommand::EnableProject(id.clone(), enabled)).await?;
    Ok(Answer::json(200, project_body(&call, &id)?))
}
