use http::Method;
use linkspan_wire::own;

use super::{ADMIN_READ, chosen_faults, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// The faults of the simulated plane that are in force, oldest first.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListFaults", "/linkspan/v1/admin/plane/faults"), Method::GET, ADMIN_READ, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    call.admin()?;
    let rules = chosen_faults(&call, None).await?;
    Ok(revised(Answer::json(200, own::write(&rules)), &call.view()))
}
