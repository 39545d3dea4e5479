use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own::{self, ProjectInfo, ProjectList};

use super::revised;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Every project of every domain, disabled ones included.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListProjects",
    method: Method::GET,
    path: "/linkspan/v1/admin/projects",
    document: "linkspan",
    action: "linkspan:admin:read",
    auth: Auth::Admin(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let projects = view.administration(call.admin()?).projects().map(ProjectInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&ProjectList { projects })), &view))
}
