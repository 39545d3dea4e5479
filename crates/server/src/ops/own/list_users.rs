use http::Method;
use linkspan_wire::own::{self, UserInfo, UserList};

use super::{ADMIN_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Every user of every domain.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListUsers", "/linkspan/v1/admin/users"), Method::GET, ADMIN_READ, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let users = view.administration(call.admin()?).users().map(UserInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&UserList { users })), &view))
}
