use http::Method;
use linkspan_engine::Access;
use linkspan_wire::own::{self, AuditQuery};

use super::audit_page::{before, page, unread};
use super::revised;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// What users changed in a project, newest first.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ListAudit",
    method: Method::GET,
    path: "/linkspan/v1/{project_id}/audit",
    document: "linkspan",
    action: "linkspan:audit:read",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = AuditQuery::parse(call.query())?;
    let view = call.view();
    let rows = call.app.engine.audit(call.scope()?, before(&query), query.limit).await.map_err(unread)?;
    Ok(revised(Answer::json(200, own::write(&page(&rows, query.limit))), &view))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    fn actions(page: &serde_json::Value) -> String {
        let events = page["events"].as_array().unwrap();
        events.iter().map(|event| event["action"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[tokio::test]
    async fn newest_first_and_page_by_page() {
        let stage = Stage::open().await;
        let id = stage.connection("c").await;
        stage.on(&id).ok("UpdateEnhancedConnection", r#"{"hosts":[{"name":"h","ip":"10.0.0.1"}]}"#).await;
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
        let whole = stage.get("ListAudit", "").await;
        assert_eq!(whole.header("x-linkspan-revision"), stage.revision().to_string());
        assert_eq!(actions(&whole.json()), "deleteConnection updateHostInfo createConnection");
        insta::assert_json_snapshot!(whole.json());
        let first = stage.get("ListAudit", "limit=2").await.json();
        assert_eq!(actions(&first), "deleteConnection updateHostInfo");
        let rest = stage.get("ListAudit", &format!("limit=2&before={}", first["next"].as_str().unwrap())).await.json();
        assert_eq!((actions(&rest).as_str(), &rest["next"]), ("createConnection", &serde_json::Value::Null));
    }

    #[tokio::test]
    async fn refusals_and_other_projects_leave_no_trace() {
        let stage = Stage::open().await;
        stage.refused("CreateEnhancedConnection", "{}").await;
        stage.at_strangers_home().ok("CreateQueue", r#"{"queue_name":"q","cu_count":16}"#).await;
        assert_eq!(actions(&stage.get("ListAudit", "").await.json()), "");
        assert_eq!(stage.get("ListAudit", "limit=0").await.status, 400);
    }
}
