use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own;

use super::{faults, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The faults of the simulated plane that are in force, oldest first.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListFaults",
    method: Method::GET,
    path: "/linkspan/v1/admin/plane/faults",
    document: "linkspan",
    action: "linkspan:admin:read",
    auth: Auth::Admin(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    call.admin()?;
    let rules = faults::shown(&faults::of(&call)?);
    Ok(revised(Answer::json(200, own::write(&rules)), &call.view()))
}
