use http::Method;
use linkspan_engine::command::NewRoute;
use linkspan_engine::{Access, Command};
use linkspan_wire::{AddRoute, success};

use super::connection_id;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Adds a custom route to a connection (dli_02_0371).
pub(super) const OPERATION: Operation = Operation {
    name: "CreateRouteToEnhancedConnection",
    method: Method::POST,
    path: "/v3/{project_id}/datasource/enhanced-connections/{connection_id}/routes",
    document: "dli_02_0371",
    action: "dli:edsconnection:createRoute",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

/// Shared with the deprecated operation, which differs in its path only.
pub(super) async fn run(call: Call) -> Result<Answer, Fault> {
    let id = connection_id(&call)?;
    let AddRoute { name, cidr } = AddRoute::from_body(&call.body)?;
    call.submit(Command::AddRoute(id, NewRoute { name, cidr })).await?;
    Ok(Answer::json(200, success::done()))
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
