use std::collections::HashMap;

use http::Method;
use linkspan_engine::{Access, ProjectView};
use linkspan_model::{Pool, PoolName, Queue};
use linkspan_wire::query::{ListPoolsQuery, PoolStatus};
use linkspan_wire::responses::pool::{self, PoolItem};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The elastic resource pools of a project in the order of their names; `count` is the total of the filter
/// (dli_02_0327).
pub(super) const OPERATION: Operation = Operation {
    name: "ListElasticResourcePools",
    method: Method::GET,
    path: "/v3/{project_id}/elastic-resource-pools",
    document: "dli_02_0327",
    action: "dli:elasticresourcepool:list",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListPoolsQuery::parse(call.query())?;
    let view = call.view();
    let project = view.project(call.scope()?);
    let found: Vec<&Pool> = project.pools().filter(|pool| matches(pool, &query)).collect();
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let page: Vec<_> = found.iter().copied().skip(offset).take(query.limit.rows()).collect();
    let body = pool::list(&items(&project, page), found.len());
    Ok(super::revised(Answer::json(200, body), &view))
}

fn matches(pool: &Pool, query: &ListPoolsQuery) -> bool {
    // Every pool of Linkspan is available as soon as it exists.
    let stands = query.status.is_none_or(|status| status == PoolStatus::Available);
    let named = query.name.as_ref().is_none_or(|part| pool.name.as_str().contains(&part.to_ascii_lowercase()));
    stands && named && query.tags.iter().all(|(key, value)| pool.tags.has(key, value))
}

/// The pools with what their queues say about them.
fn items<'a>(project: &ProjectView<'a>, pools: Vec<&'a Pool>) -> Vec<PoolItem<'a>> {
    let mut queues: HashMap<&PoolName, Vec<&'a Queue>> = HashMap::new();
    for queue in project.queues() {
        if let Some(pool) = &queue.pool {
            queues.entry(pool).or_default().push(queue);
        }
    }
    let item = |pool: &'a Pool| {
        let own = queues.remove(&pool.name).unwrap_or_default();
        let current_cu = own.iter().fold(0u32, |sum, queue| sum.saturating_add(queue.cu_count));
        PoolItem { pool, queues: own.iter().map(|queue| queue.name.as_str()).collect(), current_cu }
    };
    pools.into_iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const LIST: &str = "ListElasticResourcePools";

    async fn names(stage: &Stage, query: &str) -> (String, i64) {
        let list = stage.get(LIST, query).await.json();
        let pools = list["elastic_resource_pools"].as_array().unwrap();
        let names: Vec<_> = pools.iter().map(|row| row["elastic_resource_pool_name"].as_str().unwrap()).collect();
        (names.join(" "), list["count"].as_i64().unwrap())
    }

    #[tokio::test]
    async fn a_row_has_every_field() {
        let stage = Stage::open().await;
        stage.sources().await;
        let answer = stage.get(LIST, "").await;
        assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
        insta::assert_json_snapshot!(answer.json());
    }

    #[tokio::test]
    async fn filters_and_pages() {
        let stage = Stage::open().await;
        for (name, tags) in [("alpha", "[]"), ("Beta", r#"[{"key":"k","value":"v"}]"#), ("gamma", "[]")] {
            let body = format!(r#"{{"elastic_resource_pool_name":"{name}","max_cu":16,"min_cu":16,"tags":{tags}}}"#);
            stage.ok("CreateElasticResourcePool", &body).await;
        }
        let named = |names: &str, count| (names.to_owned(), count);
        assert_eq!(names(&stage, "").await, named("alpha beta gamma", 3));
        assert_eq!(names(&stage, "limit=1&offset=1").await, named("beta", 3));
        assert_eq!(names(&stage, "offset=3").await, named("", 3));
        assert_eq!(names(&stage, "limit=0").await, named("alpha beta gamma", 3));
        assert_eq!(names(&stage, "name=MM").await, named("gamma", 1));
        assert_eq!(names(&stage, "tags=k%3Dv").await, named("beta", 1));
        assert_eq!(names(&stage, "status=available").await, named("alpha beta gamma", 3));
        assert_eq!(names(&stage, "status=SCALING").await, named("", 0));
        for bad in ["limit=x", "offset=-1", "status=x", "tags=x"] {
            assert_eq!(stage.get(LIST, bad).await.status, 400, "{bad}");
        }
    }
}
