use http::Method;
use linkspan_engine::Access;
use linkspan_wire::ApiError;
use linkspan_wire::responses::privileges;

use super::connection_id;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The projects that a connection is granted to (dli_02_0256). A grantee finds itself there and no other.
pub(super) const OPERATION: Operation = Operation {
    name: "ShowEnhancedConnectionPrivilege",
    method: Method::GET,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}/privileges",
    document: "dli_02_0256",
    action: "dli::listAuth",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let scope = call.scope()?;
    let id = connection_id(&call)?;
    let entry = view.project(scope).connection(id).filter(|entry| entry.connection.status.is_active());
    let connection = &entry.ok_or_else(|| ApiError::unknown_connection(call.param("connection_id")))?.connection;
    let is_owner = connection.project == *scope.project();
    let seen = if is_owner { &*connection.grantees } else { std::slice::from_ref(scope.project()) };
    Ok(Answer::json(200, privileges::list(id, seen)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stage::Stage;

    const SHOW: &str = "ShowEnhancedConnectionPrivilege";

    #[tokio::test]
    async fn each_grantee_once_under_both_names_and_a_grantee_itself_only() {
        let stage = Stage::open().await;
        let id = stage.connection("c").await;
        assert_eq!(stage.on(&id).ok(SHOW, "").await.json()["privileges"], json!([]));
        let home = stage.at_strangers_home();
        stage.grant(&id, "p2").await;
        stage.grant(&id, home.project().as_str()).await;
        let entry = |project: &str| {
            json!({
                "object": format!("edsconnections.{id}"), "privileges": ["BIND_QUEUE"],
                "applicant_project_id": project, "project_id": project,
            })
        };
        let both = [entry("p2"), entry(home.project().as_str())];
        let expected = json!({"is_success": true, "message": "", "connection_id": id, "privileges": both});
        assert_eq!(stage.on(&id).ok(SHOW, "").await.json(), expected);
        let seen = home.on(&id).ok(SHOW, "").await.json();
        assert_eq!(seen["privileges"], json!([entry(home.project().as_str())]));
    }

    #[tokio::test]
    async fn unknown_deleted_and_other_ones_are_400_as_terraform_needs_it() {
        let stage = Stage::open().await;
        let id = stage.connection("c").await;
        let unknown = |id: &str| (400, "DLI.0001".to_owned(), format!("Connection {id} does not exist."));
        for other in ["2a620c33-5609-40c9-affd-2b6453071b0f", "x"] {
            assert_eq!(stage.on(other).refused(SHOW, "").await, unknown(other));
        }
        assert_eq!(stage.at_strangers_home().on(&id).refused(SHOW, "").await, unknown(&id));
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
        assert_eq!(stage.on(&id).refused(SHOW, "").await, unknown(&id));
    }
}
