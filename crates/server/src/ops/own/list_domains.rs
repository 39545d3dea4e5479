use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own::{self, DomainInfo, DomainList};

use super::revised;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Every domain.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListDomains",
    method: Method::GET,
    path: "/linkspan/v1/admin/domains",
    document: "linkspan",
    action: "linkspan:admin:read",
    auth: Auth::Admin(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let domains = view.administration(call.admin()?).domains().map(DomainInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&DomainList { domains })), &view))
}
