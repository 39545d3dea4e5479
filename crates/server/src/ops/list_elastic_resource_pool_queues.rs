use http::Method;
use linkspan_engine::Access;
use linkspan_model::{PoolName, Queue};
use linkspan_wire::query::ListPoolQueuesQuery;
use linkspan_wire::responses::pool;
use linkspan_wire::{ApiError, ErrorCode};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The queues that live in a pool, in the order of their names; `count` is the total of the filter (dli_02_0330).
pub(super) const OPERATION: Operation = Operation {
    name: "ListElasticResourcePoolQueues",
    method: Method::GET,
    path: "/v3/{project_id}/elastic-resource-pools/{elastic_resource_pool_name}/queues",
    document: "dli_02_0330",
    action: "dli:elasticresourcepool:listQueues",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListPoolQueuesQuery::parse(call.query())?;
    let view = call.view();
    let project = view.project(call.scope()?);
    let text = call.param("elastic_resource_pool_name");
    let unknown = || ApiError::unknown_pool(ErrorCode::PoolNotFound, text);
    let name: PoolName = text.parse().map_err(|_| unknown())?;
    let pool = project.pool(&name).ok_or_else(unknown)?;
    let part = query.queue_name.map(|part| part.to_ascii_lowercase()).unwrap_or_default();
    let lives_here = |queue: &&Queue| queue.pool.as_ref() == Some(&pool.name) && queue.name.as_str().contains(&part);
    let found: Vec<&Queue> = project.queues().filter(lives_here).collect();
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let page: Vec<_> = found.iter().copied().skip(offset).take(query.limit.rows()).collect();
    Ok(super::revised(Answer::json(200, pool::list_queues(&page, found.len())), &view))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const LIST: &str = "ListElasticResourcePoolQueues";

    #[tokio::test]
    async fn a_row_has_every_field() {
        let stage = Stage::open().await;
        stage.sources().await;
        let answer = stage.on("Pool_1").get(LIST, "").await;
        assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
        insta::assert_json_snapshot!(answer.json());
    }

    #[tokio::test]
    async fn filters_and_pages() {
        let stage = Stage::open().await;
        stage.sources().await;
        for name in ["qa", "qb"] {
            let body = format!(r#"{{"queue_name":"{name}","cu_count":16,"elastic_resource_pool_name":"pool_1"}}"#);
            stage.ok("CreateQueue", &body).await;
        }
        let pool = stage.on("pool_1");
        let found = |query: &'static str| {
            let pool = pool.clone();
            async move {
                let list = pool.get(LIST, query).await.json();
                let names = list["queues"].as_array().unwrap().iter().map(|row| row["queue_name"].as_str().unwrap());
                (names.collect::<Vec<_>>().join(" "), list["count"].as_i64().unwrap())
            }
        };
        assert_eq!(found("").await, ("q_pooled qa qb".into(), 3));
        assert_eq!(found("limit=1&offset=1").await, ("qa".into(), 3));
        assert_eq!(found("offset=3").await, (String::new(), 3));
        assert_eq!(found("queue_name=QB").await, ("qb".into(), 1));
        assert_eq!(pool.get(LIST, "limit=x").await.status, 400);
    }

    #[tokio::test]
    async fn an_unknown_pool_is_404() {
        let stage = Stage::open().await;
        for name in ["nope", "a-b"] {
            let text = format!("There is no elastic resource pool named {name}");
            assert_eq!(stage.on(name).refused(LIST, "").await, (404, "DLI.0002".into(), text));
        }
    }
}
