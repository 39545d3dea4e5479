use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::success;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Deletes an elastic resource pool that holds no queues (dli_02_0328). An unknown one is 400 `DLI.0002`, which
/// Terraform takes as gone.
pub(super) const OPERATION: Operation = Operation {
    name: "DeleteElasticResourcePool",
    method: Method::DELETE,
    path: "/v3/{project_id}/elastic-resource-pools/{elastic_resource_pool_name}",
    document: "dli_02_0328",
    action: "dli:elasticresourcepool:delete",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let name = call.param("elastic_resource_pool_name").to_owned();
    call.submit(Command::DeletePool(name)).await?;
    Ok(Answer::json(200, success::done()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stage::Stage;

    const DELETE: &str = "DeleteElasticResourcePool";

    #[tokio::test]
    async fn queues_first_then_the_pool_with_its_bindings() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let (status, code, text) = stage.on("pool_1").refused(DELETE, "").await;
        assert_eq!((status, code.as_str()), (400, "DLI.0007"));
        assert!(text.contains("q_pooled"), "{text}");
        stage.on("q_pooled").ok("DeleteQueue", "").await;
        assert_eq!(stage.show(&id).await["elastic_resource_pools"][0]["name"], "pool_1", "the pool is bound, not it");
        let answer = stage.on("Pool_1").call(DELETE, "").await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":""}"#.into()));
        assert_eq!(stage.show(&id).await["elastic_resource_pools"], json!([]));
    }

    #[tokio::test]
    async fn an_unknown_one_is_400() {
        let stage = Stage::open().await;
        let text = "There is no elastic resource pool named nope".into();
        assert_eq!(stage.on("nope").refused(DELETE, "").await, (400, "DLI.0002".into(), text));
    }
}
