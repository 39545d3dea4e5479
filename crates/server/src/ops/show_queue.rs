use http::Method;
use linkspan_engine::Access;
use linkspan_wire::responses::queue;

use super::preset_queue::queue_named;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// One queue, in the mixed letter cases of its document (dli_02_0016).
pub(super) const OPERATION: Operation = Operation {
    name: "ShowQueue",
    method: Method::GET,
    path: "/v1.0/{project_id}/queues/{queue_name}",
    document: "dli_02_0016",
    action: "dli:queue:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let shown = queue_named(&view, call.scope()?, call.param("queue_name"))?;
    Ok(Answer::json(200, queue::show(&shown)))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    #[tokio::test]
    async fn both_letter_cases() {
        let stage = Stage::open().await;
        stage.sources().await;
        insta::assert_json_snapshot!(stage.on("Q1").ok("ShowQueue", "").await.json());
    }

    #[tokio::test]
    async fn the_preset_queue_is_there() {
        let stage = Stage::open().await;
        insta::assert_json_snapshot!(stage.on("default").ok("ShowQueue", "").await.json());
    }

    #[tokio::test]
    async fn unknown_ones() {
        let stage = Stage::open().await;
        for name in ["nope", "a-b", ""] {
            let text = format!("There is no queue named {name}");
            assert_eq!(stage.on(name).refused("ShowQueue", "").await, (400, "DLI.0002".into(), text));
        }
    }
}
