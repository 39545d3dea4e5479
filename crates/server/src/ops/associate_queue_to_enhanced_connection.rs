use http::Method;
use linkspan_engine::command::SourceNames;
use linkspan_engine::{Access, Command};
use linkspan_wire::{BindRequest, success};

use super::connection_id;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Binds queues and elastic resource pools to a connection (dli_02_0191).
pub(super) const OPERATION: Operation = Operation {
    name: "AssociateQueueToEnhancedConnection",
    method: Method::POST,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}/associate-queue",
    document: "dli_02_0191",
    action: "dli:edsconnection:bindQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = connection_id(&call)?;
    let BindRequest { queues, elastic_resource_pools: pools } = BindRequest::from_body(&call.body)?;
    let answer = success::bound(&queues, &pools);
    call.submit(Command::Bind(id, SourceNames { queues, pools })).await?;
    Ok(Answer::json(200, answer))
}

#[cfg(test)]
mod tests {
    use linkspan_engine::command::PeerOutcome;

    use super::super::stage::Stage;

    const BIND: &str = "AssociateQueueToEnhancedConnection";

    #[tokio::test]
    async fn both_kinds_are_shown_at_once() {
        let stage = Stage::open().await;
        stage.sources().await;
        let id = stage.connection("c").await;
        let body = r#"{"queues":["Q1","q_pooled"],"elastic_resource_pools":["pool_1"]}"#;
        let answer = stage.on(&id).call(BIND, body).await;
        let text = r#"{"is_success":true,"message":"associated peer connection for queues: {Q1,q_pooled,pool_1}."}"#;
        assert_eq!((answer.status, answer.text().as_str()), (200, text));
        let shown = stage.show(&id).await;
        insta::assert_json_snapshot!([&shown["available_queue_info"], &shown["elastic_resource_pools"]]);
    }

    #[tokio::test]
    async fn again_changes_nothing_but_tries_a_failed_one_again() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        stage.report_peers(|_| PeerOutcome::Active).await;
        let before = stage.revision();
        stage.on(&id).ok(BIND, r#"{"queues":["q1"]}"#).await;
        assert_eq!(stage.revision(), before);
        stage.report_peers(|_| PeerOutcome::Failed("no way".into())).await;
        assert_eq!(stage.show(&id).await["available_queue_info"][0]["err_msg"], "no way");
        stage.on(&id).ok(BIND, r#"{"queues":["q1"]}"#).await;
        let shown = stage.show(&id).await;
        assert_eq!(shown["available_queue_info"][0]["status"], "CREATING");
        assert_eq!(shown["elastic_resource_pools"][0]["status"], "FAILED");
    }

    #[tokio::test]
    async fn refused_as_a_whole() {
        let stage = Stage::open().await;
        stage.sources().await;
        let id = stage.connection("c").await;
        let before = stage.revision();
        for (body, code, text) in [
            (r#"{"queues":["q1","nope","nada"]}"#, "DLI.0002", "There is no queue named nope"),
            (r#"{"queues":["default","nope"]}"#, "DLI.0002", "There is no queue named nope"),
            (
                r#"{"queues":["q1"],"elastic_resource_pools":["nope"]}"#,
                "DLI.0002",
                "There is no elastic resource pool named nope",
            ),
            (r#"{"queues":["default"]}"#, "DLI.0007", "The queue default is shared"),
            (r#"{"queues":["q_shared"]}"#, "DLI.0007", "resource_mode 0"),
            (r#"{"queues":[]}"#, "DLI.0001", "at least one queue or pool"),
            (r#"{"queues":[""]}"#, "DLI.0001", "queues[0] must be a non-empty name"),
        ] {
            let (status, found, message) = stage.on(&id).refused(BIND, body).await;
            assert_eq!((status, found.as_str()), (400, code), "{body}: {message}");
            assert!(message.contains(text), "{body}: {message}");
        }
        assert_eq!(stage.revision(), before);
        let unknown = "2a620c33-5609-40c9-affd-2b6453071b0f";
        let (status, code, _) = stage.on(unknown).refused(BIND, r#"{"queues":["q1"]}"#).await;
        assert_eq!((status, code.as_str()), (400, "DLI.0001"));
    }
}
