use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::success;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Deletes a queue; where it is bound, it is unbound in the same commit (dli_02_0195).
pub(super) const OPERATION: Operation = Operation {
    name: "DeleteQueue",
    method: Method::DELETE,
    path: "/v1.0/{project_id}/queues/{queue_name}",
    document: "dli_02_0195",
    action: "dli:queue:dropQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let name = call.param("queue_name").to_owned();
    call.submit(Command::DeleteQueue(name)).await?;
    Ok(Answer::json(200, success::done()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stage::Stage;

    const DELETE: &str = "DeleteQueue";

    #[tokio::test]
    async fn its_bindings_go_with_it() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let answer = stage.on("Q1").call(DELETE, "").await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":""}"#.into()));
        let shown = stage.show(&id).await;
        assert_eq!(shown["available_queue_info"], json!([]));
        assert_eq!(shown["elastic_resource_pools"][0]["name"], "pool_1");
        assert_eq!(stage.on("q1").refused("ShowQueue", "").await.1, "DLI.0002");
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        let unknown = stage.on("nope").refused(DELETE, "").await;
        assert_eq!(unknown, (400, "DLI.0002".into(), "There is no queue named nope".into()));
        let (status, code, _) = stage.on("DEFAULT").refused(DELETE, "").await;
        assert_eq!((status, code.as_str()), (400, "DLI.0007"));
        assert_eq!(stage.on("a b").refused(DELETE, "").await.1, "DLI.0002");
    }
}
