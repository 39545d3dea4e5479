use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::PoolChange;
use linkspan_wire::UpdatePool;
use linkspan_wire::responses::pool;

use super::pool_in_path;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Changes description and bounds of a pool; its network is fixed (dli_02_0329). What is absent or null stays.
pub(super) const OPERATION: Operation = Operation {
    name: "UpdateElasticResourcePool",
    method: Method::PUT,
    path: "/v3/{project_id}/elastic-resource-pools/{elastic_resource_pool_name}",
    document: "dli_02_0329",
    action: "dli:elasticresourcepool:update",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let UpdatePool { description, max_cu, min_cu } = UpdatePool::from_body(&call.body)?;
    let name = pool_in_path::change(&call, PoolChange::Update { description, max_cu, min_cu }).await?;
    Ok(Answer::json(200, pool::changed(&name)))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const UPDATE: &str = "UpdateElasticResourcePool";

    #[tokio::test]
    async fn the_list_shows_what_changed() {
        let stage = Stage::open().await;
        stage.sources().await;
        let answer = stage.on("Pool_1").call(UPDATE, r#"{"description":"d","max_cu":128,"min_cu":null}"#).await;
        let text = r#"{"is_success":true,"message":"","elastic_resource_pool_name":"pool_1"}"#;
        assert_eq!((answer.status, answer.text().as_str()), (200, text));
        let pool = &stage.get("ListElasticResourcePools", "").await.json()["elastic_resource_pools"][0];
        assert_eq!((&pool["description"], &pool["min_cu"], &pool["max_cu"]), (&"d".into(), &64.into(), &128.into()));
        let before = stage.revision();
        stage.on("pool_1").ok(UPDATE, "").await;
        assert_eq!(stage.revision(), before, "nothing was asked for");
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.sources().await;
        let before = stage.revision();
        for (pool, body, status, code, text) in [
            ("nope", "{}", 404, "DLI.0002", "There is no elastic resource pool named nope"),
            ("a-b", "{}", 404, "DLI.0002", "There is no elastic resource pool named a-b"),
            ("pool_1", r#"{"max_cu":65}"#, 400, "DLI.0001", "must be a multiple of 16, got 65 and 64"),
            ("pool_1", r#"{"max_cu":48}"#, 400, "DLI.0001", "min_cu must be at most max_cu, got 64 and 48"),
            ("pool_1", r#"{"min_cu":-16}"#, 400, "DLI.0001", "min_cu must be an integer"),
            ("pool_1", r#"{"description":1}"#, 400, "DLI.0001", "description must be a text"),
        ] {
            let (found_status, found, message) = stage.on(pool).refused(UPDATE, body).await;
            assert_eq!((found_status, found.as_str()), (status, code), "{pool} {body}");
            assert!(message.contains(text), "{pool} {body}: {message}");
        }
        assert_eq!(stage.revision(), before);
    }
}
