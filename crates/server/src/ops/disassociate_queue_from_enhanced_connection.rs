use http::Method;
use linkspan_engine::command::SourceNames;
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::{UnbindRequest, success};

use super::{connection_id, until_cut};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Unbinds queues and elastic resource pools from a connection (dli_02_0192).
pub(super) const OPERATION: Operation = Operation {
    name: "DisassociateQueueFromEnhancedConnection",
    method: Method::POST,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}/disassociate-queue",
    document: "dli_02_0192",
    action: "dli:edsconnection:unbindQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = connection_id(&call)?;
    let UnbindRequest { queues, elastic_resource_pools: pools } = UnbindRequest::from_body(&call.body)?;
    let answer = success::unbound(&queues, &pools);
    let Reply::Unbound(peers) = call.submit(Command::Unbind(id, SourceNames { queues, pools })).await? else {
        return Err(Refusal::Internal.into());
    };
    until_cut(&call, &peers).await?;
    Ok(Answer::json(200, answer))
}

#[cfg(test)]
mod tests {
    use linkspan_engine::command::PeerOutcome;
    use serde_json::json;

    use super::super::stage::Stage;

    const UNBIND: &str = "DisassociateQueueFromEnhancedConnection";

    #[tokio::test]
    async fn it_waits_for_the_plane_and_is_gone_from_show_meanwhile() {
        let stage = Stage::with(|settings| settings.unbind_wait_ms = 60_000).await;
        let id = stage.full_connection("c").await;
        stage.settle_peers().await;
        let target = stage.on(&id);
        let body = r#"{"queues":["Q1"],"elastic_resource_pools":["pool_1"]}"#;
        let call = tokio::spawn(async move { target.call(UNBIND, body).await });
        stage.until("the peers are being removed", |stage| stage.peers_are("Removing", 2)).await;
        stage.go_on().await;
        assert!(!call.is_finished());
        let shown = stage.show(&id).await;
        assert_eq!([&shown["available_queue_info"], &shown["elastic_resource_pools"]], [&json!([]), &json!([])]);
        stage.report_peers(|_| PeerOutcome::Removed).await;
        let answer = call.await.unwrap();
        let text = r#"{"is_success":true,"message":"Disassociated peer connection for queues:{Q1,pool_1}."}"#;
        assert_eq!((answer.status, answer.text().as_str()), (200, text));
    }

    #[tokio::test]
    async fn a_plane_that_takes_its_time_is_not_waited_for_for_ever() {
        let stage = Stage::with(|settings| settings.unbind_wait_ms = 10).await;
        let id = stage.full_connection("c").await;
        stage.on(&id).ok(UNBIND, r#"{"queues":["q1"]}"#).await;
        assert!(stage.peers_are("Removing", 1));
    }

    #[tokio::test]
    async fn names_that_are_not_bound() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let before = stage.revision();
        let text = r#"{"is_success":true,"message":"Disassociated peer connection for queues:{q_shared}."}"#;
        assert_eq!(stage.on(&id).ok(UNBIND, r#"{"queues":["q_shared"]}"#).await.text(), text);
        for (body, code, text) in [
            (r#"{"queues":["q1","nope"]}"#, "DLI.0002", "There is no queue named nope"),
            (r#"{"elastic_resource_pools":["nope"]}"#, "DLI.0002", "There is no elastic resource pool named nope"),
            ("{}", "DLI.0001", "at least one queue or pool"),
        ] {
            let (status, found, message) = stage.on(&id).refused(UNBIND, body).await;
            assert_eq!((status, found.as_str()), (400, code), "{body}");
            assert!(message.contains(text), "{message}");
        }
        assert_eq!(stage.revision(), before, "all or nothing");
    }

    #[tokio::test]
    async fn any_queue_of_a_pool_unbinds_the_pool() {
        let stage = Stage::with(|settings| settings.unbind_wait_ms = 0).await;
        let id = stage.full_connection("c").await;
        stage.on(&id).ok(UNBIND, r#"{"queues":["q_pooled"]}"#).await;
        assert_eq!(stage.show(&id).await["elastic_resource_pools"], json!([]));
    }
}
