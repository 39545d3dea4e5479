use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::{UpdateHosts, success};

use super::connection_id;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Replaces all host records of a connection (dli_02_0200).
pub(super) const OPERATION: Operation = Operation {
    name: "UpdateEnhancedConnection",
    method: Method::PUT,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}",
    document: "dli_02_0200",
    action: "dli:edsconnection:update",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = connection_id(&call)?;
    let UpdateHosts { hosts } = UpdateHosts::from_body(&call.body)?;
    call.submit(Command::SetHosts(id, hosts)).await?;
    Ok(Answer::json(200, success::done()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stage::Stage;

    const UPDATE: &str = "UpdateEnhancedConnection";

    #[tokio::test]
    async fn hosts_are_replaced_whole_and_cleared_by_their_absence() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let body = r#"{"hosts":[{"name":"B","ip":"10.0.0.2"},{"name":"a","ip":"10.0.0.1"}]}"#;
        let answer = stage.on(&id).call(UPDATE, body).await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":""}"#.into()));
        assert_eq!(
            stage.show(&id).await["hosts"],
            json!([{"name": "B", "ip": "10.0.0.2"}, {"name": "a", "ip": "10.0.0.1"}])
        );
        for clearing in ["{}\n", r#"{"hosts":null}"#, r#"{"hosts":[]}"#, ""] {
            stage.on(&id).ok(UPDATE, body).await;
            stage.on(&id).ok(UPDATE, clearing).await;
            assert_eq!(stage.show(&id).await["hosts"], json!([]), "{clearing}");
        }
    }

    #[tokio::test]
    async fn faults_change_nothing() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let before = stage.show(&id).await;
        for (body, text) in [
            (r#"{"hosts":[{"name":"1","ip":"10.0.0.2"}]}"#, "hosts[0].name"),
            (r#"{"hosts":[{"name":"a","ip":"10.0.0.1"},{"name":"A","ip":"10.0.0.2"}]}"#, "hosts[1].name"),
            (r#"{"hosts":{}}"#, "hosts must be an array"),
            ("[]", "must be a JSON object, got an array"),
        ] {
            let (status, code, found) = stage.on(&id).refused(UPDATE, body).await;
            assert_eq!((status, code.as_str()), (400, "DLI.0001"), "{body}");
            assert!(found.contains(text), "{body}: {found}");
        }
        assert_eq!(stage.show(&id).await, before);
        let unknown = "2a620c33-5609-40c9-affd-2b6453071b0f";
        let (status, code, _) = stage.on(unknown).refused(UPDATE, "{}").await;
        assert_eq!((status, code.as_str()), (400, "DLI.0001"));
    }
}
