use http::Method;
use linkspan_engine::Access;
use linkspan_model::ConnectionId;
use linkspan_wire::{ApiError, SHOW_HEAD};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// One connection, a deleted one too while its record is kept (dli_02_0189).
pub(super) const OPERATION: Operation = Operation {
    name: "ShowEnhancedConnection",
    method: Method::GET,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}",
    document: "dli_02_0189",
    action: "dli:edsconnection:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let text = call.param("connection_id");
    let project = view.project(call.scope()?);
    let row = ConnectionId::from_wire(text).and_then(|id| project.row(id));
    let row = row.ok_or_else(|| ApiError::unknown_connection_on_show(text))?;
    let fields = row.get(1..).unwrap_or_default();
    Ok(Answer::json(200, [SHOW_HEAD, fields].concat()))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    #[tokio::test]
    async fn a_connection_with_everything() {
        let stage = Stage::open().await;
        let id = stage.full_connection("withvpc").await;
        let shown = stage.show(&id).await;
        insta::assert_json_snapshot!(shown);
        let list = stage.get("ListEnhancedConnections", "").await.json();
        for (field, value) in list["connections"][0].as_object().unwrap() {
            assert_eq!(&shown[field], value, "{field}");
        }
    }

    #[tokio::test]
    async fn an_unknown_one_is_404() {
        let stage = Stage::open().await;
        let id = stage.connection("c").await;
        for unknown in ["2a620c33-5609-40c9-affd-2b6453071b0f", "x", "", &id.to_uppercase()] {
            let answer = stage.on(unknown).call("ShowEnhancedConnection", "").await;
            assert_eq!(answer.status, 404, "{unknown}");
            let text = format!("Connection {unknown} does not exist.");
            assert_eq!(answer.json(), serde_json::json!({"error_code": "DLI.0001", "error_msg": text}));
        }
    }

    #[tokio::test]
    async fn a_deleted_one_says_so() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        stage.settle_peers().await;
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
        let shown = stage.show(&id).await;
        assert_eq!((&shown["status"], &shown["name"]), (&"DELETED".into(), &"c".into()));
        assert_eq!(shown["available_queue_info"], serde_json::json!([]));
        assert_eq!(shown["hosts"].as_array().unwrap().len(), 2, "frozen as it was");
    }
}
