use http::Method;
use linkspan_engine::Access;

use super::delete_route_from_enhanced_connection::run;
use crate::operation::{Auth, Operation};

/// Takes a custom route of a connection away, on the deprecated path that Terraform and Airflow use (dli_02_0345).
pub(super) const OPERATION: Operation = Operation {
    name: "DeleteEnhancedConnectionRoutes",
    method: Method::DELETE,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}/routes/{name}",
    document: "dli_02_0345",
    action: "dli:edsconnection:deleteRoute",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};
