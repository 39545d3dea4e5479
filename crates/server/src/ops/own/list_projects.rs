use http::Method;
use linkspan_wire::own::{self, ProjectInfo, ProjectList};

use super::{ADMIN_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Every project of every domain, disabled ones included.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListProjects", "/linkspan/v1/admin/projects"), Method::GET, ADMIN_READ, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let projects = view.administration(call.admin()?).projects().map(ProjectInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&ProjectList { projects })), &view))
}
