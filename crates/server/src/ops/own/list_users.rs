use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own::{self, UserInfo, UserList};

use super::revised;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Every user of every domain.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListUsers",
    method: Method::GET,
    path: "/linkspan/v1/admin/users",
    document: "linkspan",
    action: "linkspan:admin:read",
    auth: Auth::Admin(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let users = view.administration(call.admin()?).users().map(UserInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&UserList { users })), &view))
}
