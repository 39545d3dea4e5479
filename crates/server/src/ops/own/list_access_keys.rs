use http::Method;
use linkspan_wire::own::{self, KeyInfo, KeyList};

use super::{ADMIN_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Every access key, without its secret.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListAccessKeys", "/linkspan/v1/admin/keys"), Method::GET, ADMIN_READ, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let keys = view.administration(call.admin()?).keys().map(KeyInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&KeyList { keys })), &view))
}
