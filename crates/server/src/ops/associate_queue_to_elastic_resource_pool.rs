use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::PoolChange;
use linkspan_wire::{AddQueueToPool, success};

use super::pool_in_path;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Moves a queue that is not bound into a pool, whose network it has from then on (dli_02_0331).
pub(super) const OPERATION: Operation = Operation {
    name: "AssociateQueueToElasticResourcePool",
    method: Method::POST,
    path: "/v3/{project_id}/elastic-resource-pools/{elastic_resource_pool_name}/queues",
    document: "dli_02_0331",
    action: "dli:elasticresourcepool:resourceManagement",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let AddQueueToPool { queue_name } = AddQueueToPool::from_body(&call.body)?;
    pool_in_path::change(&call, PoolChange::AddQueue(queue_name.as_str().to_owned())).await?;
    Ok(Answer::json(200, success::done()))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const ADD: &str = "AssociateQueueToElasticResourcePool";

    #[tokio::test]
    async fn the_queue_lives_in_the_pool_and_binds_it() {
        let stage = Stage::open().await;
        stage.sources().await;
        let answer = stage.on("Pool_1").call(ADD, r#"{"queue_name":"Q1"}"#).await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":""}"#.into()));
        let list = stage.on("pool_1").get("ListElasticResourcePoolQueues", "queue_name=q1").await.json();
        assert_eq!(list["queues"][0]["queue_name"], "q1");
        let id = stage.connection("c").await;
        stage.on(&id).ok("AssociateQueueToEnhancedConnection", r#"{"queues":["q1"]}"#).await;
        assert_eq!(stage.show(&id).await["elastic_resource_pools"][0]["name"], "pool_1");
        let before = stage.revision();
        stage.on("pool_1").ok(ADD, r#"{"queue_name":"q1"}"#).await;
        assert_eq!(stage.revision(), before, "it is there already");
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.full_connection("c").await;
        let before = stage.revision();
        for (pool, queue, status, code, text) in [
            ("nope", "q1", 404, "DLI.0002", "There is no elastic resource pool named nope"),
            ("pool_1", "nope", 400, "DLI.0002", "There is no queue named nope"),
            ("pool_1", "default", 400, "DLI.0007", "can't be moved into a pool"),
            ("pool_1", "q1", 400, "DLI.0007", "unbind it first"),
            ("pool_1", "a-b", 400, "DLI.0001", "queue_name: must be"),
        ] {
            let body = format!(r#"{{"queue_name":"{queue}"}}"#);
            let (found_status, found, message) = stage.on(pool).refused(ADD, &body).await;
            assert_eq!((found_status, found.as_str()), (status, code), "{pool} {queue}");
            assert!(message.contains(text), "{pool} {queue}: {message}");
        }
        assert_eq!(stage.on("pool_1").refused(ADD, "{}").await.1, "DLI.0001");
        assert_eq!(stage.revision(), before);
    }
}
