use http::Method;
use linkspan_wire::own::{self, DomainInfo, DomainList};

use super::{ADMIN_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Every domain.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListDomains", "/linkspan/v1/admin/domains"), Method::GET, ADMIN_READ, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let domains = view.administration(call.admin()?).domains().map(DomainInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&DomainList { domains })), &view))
}
