use http::Method;
use linkspan_engine::command::{NewQueue, QueueTemplate};
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::CreateQueue;
use linkspan_wire::responses::queue;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Makes a queue, alone or in an elastic resource pool (dli_02_0194).
///
/// The status is 200, which is what Terraform insists on, although the cloud's own definition says 201.
pub(super) const OPERATION: Operation = Operation {
    name: "CreateQueue",
    method: Method::POST,
    path: "/v1.0/{project_id}/queues",
    document: "dli_02_0194",
    action: "dli:queue:createQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let new = new_queue(CreateQueue::from_body(&call.body)?);
    let Reply::Queue(made) = call.submit(Command::CreateQueue(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(200, queue::created(&made.name)))
}

/// What the engine is asked for.
pub(super) fn new_queue(asked: CreateQueue) -> NewQueue {
    let template = QueueTemplate {
        name: asked.queue_name,
        description: asked.description,
        queue_type: asked.queue_type,
        cu_count: asked.cu_count,
        enterprise_project_id: asked.enterprise_project_id,
        platform: asked.platform.as_str().into(),
        labels: asked.labels,
        feature: asked.feature.as_str().into(),
        engine: asked.engine,
        properties: asked.properties,
        tags: asked.tags,
    };
    let pool = asked.elastic_resource_pool_name.map(|pool| pool.as_str().to_owned());
    NewQueue { template, pool, resource_mode: asked.resource_mode }
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const CREATE: &str = "CreateQueue";

    #[tokio::test]
    async fn names_are_folded_and_answered_with_200() {
        let stage = Stage::open().await;
        let answer = stage.call(CREATE, r#"{"queue_name":"Q1","cu_count":16}"#).await;
        let text = r#"{"is_success":true,"message":"","queue_name":"q1"}"#;
        assert_eq!((answer.status, answer.text().as_str()), (200, text));
    }

    #[tokio::test]
    async fn a_queue_in_a_pool_has_the_pools_network_and_is_dedicated() {
        let stage = Stage::open().await;
        stage.sources().await;
        let queues = stage.get("ListQueues", "queue_type=all").await.json();
        let pooled = queues["queues"].as_array().unwrap().iter().find(|row| row["queue_name"] == "q_pooled").unwrap();
        assert_eq!(pooled["elastic_resource_pool_name"], "pool_1");
        assert_eq!((&pooled["resource_mode"], &pooled["cidr_in_subnet"]), (&1.into(), &"172.16.0.0/18".into()));
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.sources().await;
        let before = stage.revision();
        for (body, code, text) in [
            (r#"{"queue_name":"q1","cu_count":16}"#, "DLI.0006", "A queue named q1 exists already"),
            (r#"{"queue_name":"Default","cu_count":16}"#, "DLI.0006", "A queue named default exists already"),
            (r#"{"queue_name":"_q","cu_count":16}"#, "DLI.0001", "queue_name: must be"),
            (r#"{"queue_name":"q"}"#, "DLI.0001", "cu_count is required"),
            (
                r#"{"queue_name":"q","cu_count":16,"elastic_resource_pool_name":"nope"}"#,
                "DLI.0002",
                "There is no elastic resource pool named nope",
            ),
        ] {
            let (status, found, message) = stage.refused(CREATE, body).await;
            assert_eq!((status, found.as_str()), (400, code), "{body}");
            assert!(message.contains(text), "{body}: {message}");
        }
        assert_eq!(stage.revision(), before);
    }
}
