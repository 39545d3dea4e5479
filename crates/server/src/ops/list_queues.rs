use std::cmp::Reverse;

use http::Method;
use linkspan_engine::{Access, ProjectView};
use linkspan_model::Queue;
use linkspan_wire::query::{ListQueuesQuery, QueueOrder};
use linkspan_wire::responses::queue;

use super::preset_queue::preset_queue;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The queues of a project, the preset one among them (dli_02_0196). `with-priv` and `with-charge-info` are
/// accepted: who may use a queue is the project's affair, and how it is charged is always shown.
pub(super) const OPERATION: Operation = Operation {
    name: "ListQueues",
    method: Method::GET,
    path: "/v1.0/{project_id}/queues",
    document: "dli_02_0196",
    action: "dli:queue:list",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListQueuesQuery::parse(call.query())?;
    let view = call.view();
    let scope = call.scope()?;
    let preset = preset_queue(&view, scope);
    let queues = page(&view.project(scope), &preset, &query);
    Ok(super::revised(Answer::json(200, queue::list(queues)), &view))
}

fn page<'a>(project: &ProjectView<'a>, preset: &'a Queue, query: &ListQueuesQuery) -> Vec<&'a Queue> {
    let all = project.queues().chain([preset]);
    let of_type = all.filter(|queue| query.queue_type.is_none_or(|wanted| queue.queue_type == wanted));
    let mut queues: Vec<_> =
        of_type.filter(|queue| query.tags.iter().all(|(key, value)| queue.tags.has(key, value))).collect();
    match query.order {
        QueueOrder::NameAsc => queues.sort_by_key(|queue| &queue.name),
        QueueOrder::NameDesc => queues.sort_by_key(|queue| Reverse(&queue.name)),
        QueueOrder::CuAsc => queues.sort_by_key(|queue| (queue.cu_count, &queue.name)),
        QueueOrder::CuDesc => queues.sort_by_key(|queue| (Reverse(queue.cu_count), &queue.name)),
    }
    let (skip, most) = query.page();
    queues.into_iter().skip(skip).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const LIST: &str = "ListQueues";

    async fn names(stage: &Stage, query: &str) -> String {
        let list = stage.get(LIST, query).await.json();
        let names: Vec<_> =
            list["queues"].as_array().unwrap().iter().map(|row| row["queue_name"].as_str().unwrap()).collect();
        names.join(" ")
    }

    async fn stage() -> Stage {
        let stage = Stage::open().await;
        stage.sources().await;
        let body = r#"{"queue_name":"Big","cu_count":64,"queue_type":"general","tags":[{"key":"k","value":"v"}]}"#;
        stage.ok("CreateQueue", body).await;
        stage
    }

    #[tokio::test]
    async fn a_row_has_every_field() {
        let stage = stage().await;
        let answer = stage.get(LIST, "queue_type=general").await;
        assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
        insta::assert_json_snapshot!(answer.json());
    }

    #[tokio::test]
    async fn types_tags_orders_and_pages() {
        let stage = stage().await;
        assert_eq!(names(&stage, "").await, "default q1 q_pooled q_shared", "sql is the default");
        assert_eq!(names(&stage, "queue_type=all").await, "big default q1 q_pooled q_shared");
        assert_eq!(names(&stage, "queue_type=general&with-priv=true&with-charge-info=false").await, "big");
        assert_eq!(names(&stage, "queue_type=all&tags=k%3Dv").await, "big");
        assert_eq!(names(&stage, "queue_type=all&tags=k%3Dw").await, "");
        assert_eq!(names(&stage, "queue_type=all&order=queue_name_desc").await, "q_shared q_pooled q1 default big");
        assert_eq!(names(&stage, "queue_type=all&order=cu_desc&page-size=1").await, "big");
        assert_eq!(names(&stage, "queue_type=all&page-size=2&current-page=2").await, "q1 q_pooled");
        assert_eq!(names(&stage, "queue_type=all&page-size=2&current-page=4").await, "");
    }

    #[tokio::test]
    async fn bad_parameters() {
        let stage = Stage::open().await;
        for query in ["queue_type=spark", "page-size=0", "current-page=x", "order=x", "tags=x", "with-priv=1"] {
            let answer = stage.get(LIST, query).await;
            assert_eq!((answer.status, answer.json()["error_code"].as_str()), (400, Some("DLI.0001")), "{query}");
        }
    }
}
