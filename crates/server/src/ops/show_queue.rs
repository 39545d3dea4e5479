use http::Method;
use linkspan_engine::{Access, Refusal};
use linkspan_model::QueueName;
use linkspan_wire::responses::queue;

use super::preset_queue::preset_queue;
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
    let text = call.param("queue_name");
    let unknown = || Refusal::UnknownQueue(text.to_owned());
    let name: QueueName = text.parse().map_err(|_| unknown())?;
    let view = call.view();
    let scope = call.scope()?;
    let body = if name.is_default() {
        queue::show(&preset_queue(&view, scope))
    } else {
        queue::show(view.project(scope).queue(&name).ok_or_else(unknown)?)
    };
    Ok(Answer::json(200, body))
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
