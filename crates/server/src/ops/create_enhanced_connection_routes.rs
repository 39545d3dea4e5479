use http::Method;
use linkspan_engine::Access;

use super::create_route_to_enhanced_connection::run;
use crate::operation::{Auth, Operation};

/// Adds a custom route to a connection, on the deprecated path that Terraform and Airflow use (dli_02_0344).
pub(super) const OPERATION: Operation = Operation {
    name: "CreateEnhancedConnectionRoutes",
    method: Method::POST,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}/routes",
    document: "dli_02_0344",
    action: "dli:edsconnection:createRoute",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};
