use http::Method;
use linkspan_engine::command::QueueChange;
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::responses::queue_change;
use linkspan_wire::{QueueAction, QueueActionKind};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Scales or restarts a queue that lives in no pool (dli_02_0249). `cu_count` is a difference and takes effect at once;
/// `force` has nothing to overrule, since nothing runs here.
pub(super) const OPERATION: Operation = Operation {
    name: "RunQueueAction",
    method: Method::PUT,
    path: "/v1.0/{project_id}/queues/{queue_name}/action",
    document: "dli_02_0249",
    action: "dli:queue:scaleQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let asked = QueueAction::from_body(&call.body)?;
    let by = asked.cu_count.unwrap_or_default();
    let change = match asked.action {
        QueueActionKind::Restart => QueueChange::Restart,
        QueueActionKind::ScaleOut => QueueChange::ScaleOut(by),
        QueueActionKind::ScaleIn => QueueChange::ScaleIn(by),
    };
    let name = call.param("queue_name").to_owned();
    let Reply::Queue(queue) = call.submit(Command::ChangeQueue(name, change)).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(200, queue_change::acted(&queue.name)))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const ACT: &str = "RunQueueAction";

    #[tokio::test]
    async fn scaling_is_shown_at_once() {
        let stage = Stage::open().await;
        stage.sources().await;
        let queue = stage.on("Q1");
        let answer = queue.call(ACT, r#"{"action":"scale_out","cu_count":48}"#).await;
        let text = r#"{"is_success":true,"message":"","queue_name":"q1","result":true}"#;
        assert_eq!((answer.status, answer.text().as_str()), (200, text));
        assert_eq!(queue.ok("ShowQueue", "").await.json()["cuCount"], 64);
        queue.ok(ACT, r#"{"action":"scale_in","cu_count":16,"force":true}"#).await;
        assert_eq!(queue.ok("ShowQueue", "").await.json()["cuCount"], 48);
    }

    #[tokio::test]
    async fn a_restart_is_answered_and_changes_nothing() {
        let stage = Stage::open().await;
        stage.sources().await;
        let before = stage.revision();
        stage.on("q1").ok(ACT, r#"{"action":"restart","force":false}"#).await;
        assert_eq!(stage.revision(), before);
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.sources().await;
        stage.ok("CreateQueue", r#"{"queue_name":"g","cu_count":16,"queue_type":"general"}"#).await;
        let before = stage.revision();
        let out = r#"{"action":"scale_out","cu_count":16}"#;
        for (queue, body, code, text) in [
            ("nope", out, "DLI.0002", "There is no queue named nope"),
            ("default", out, "DLI.0007", "preset"),
            ("q_pooled", out, "DLI.0007", "lives in elastic resource pool pool_1"),
            ("q1", r#"{"action":"scale_out","cu_count":17}"#, "DLI.0001", "multiple of 16, got 17"),
            ("q1", r#"{"action":"scale_in","cu_count":16}"#, "DLI.0007", "has 16 CUs"),
            ("q1", r#"{"action":"scale_in"}"#, "DLI.0001", "cu_count is required"),
            ("q1", r#"{"action":"stop"}"#, "DLI.0001", "action must be one of"),
            ("g", r#"{"action":"restart"}"#, "DLI.0007", "only sql queue need to restart"),
        ] {
            let (status, found, message) = stage.on(queue).refused(ACT, body).await;
            assert_eq!((status, found.as_str()), (400, code), "{queue} {body}");
            assert!(message.contains(text), "{queue} {body}: {message}");
        }
        assert_eq!(stage.revision(), before);
    }
}
