use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own::{self, KeyInfo, KeyList};

use super::revised;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Every access key, without its secret.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListAccessKeys",
    method: Method::GET,
    path: "/linkspan/v1/admin/keys",
    document: "linkspan",
    action: "linkspan:admin:read",
    auth: Auth::Admin(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let keys = view.administration(call.admin()?).keys().map(KeyInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&KeyList { keys })), &view))
}
