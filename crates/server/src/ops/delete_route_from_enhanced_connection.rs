use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::success;

use super::connection_id;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Takes a custom route of a connection away (dli_02_0372).
pub(super) const OPERATION: Operation = Operation {
    name: "DeleteRouteFromEnhancedConnection",
    method: Method::DELETE,
    path: "/v3/{project_id}/datasource/enhanced-connections/{connection_id}/routes/{name}",
    document: "dli_02_0372",
    action: "dli:edsconnection:deleteRoute",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

/// Shared with the deprecated operation, which differs in its path only.
pub(super) async fn run(call: Call) -> Result<Answer, Fault> {
    let id = connection_id(&call)?;
    call.submit(Command::DeleteRoute(id, call.param("name").to_owned())).await?;
    Ok(Answer::json(200, success::deleted()))
}
