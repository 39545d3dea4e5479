use http::Method;
use linkspan_engine::Access;
use linkspan_wire::query::PageQuery;
use linkspan_wire::responses::queue_change;

use super::preset_queue::queue_named;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The properties of a queue in the order of their keys, all values as texts; `limit` and `offset` page them.
pub(super) const OPERATION: Operation = Operation {
    name: "ListQueueProperties",
    method: Method::GET,
    path: "/v3/{project_id}/queues/{queue_name}/properties",
    document: "ListQueueProperties",
    action: "dli:queue:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = PageQuery::parse(call.query())?;
    let view = call.view();
    let queue = queue_named(&view, call.scope()?, call.param("queue_name"))?;
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let body = queue_change::properties(&queue, offset, query.limit.rows());
    Ok(super::revised(Answer::json(200, body), &view))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const LIST: &str = "ListQueueProperties";

    async fn listed(stage: &Stage, query: &str) -> String {
        let list = stage.get(LIST, query).await.json();
        let text =
            |row: &serde_json::Value| format!("{}={}", row["key"].as_str().unwrap(), row["value"].as_str().unwrap());
        list["properties"].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[tokio::test]
    async fn what_was_set_is_listed_as_texts_until_it_is_removed() {
        let stage = Stage::open().await;
        stage.sources().await;
        let queue = stage.on("Q1");
        assert_eq!(listed(&queue, "").await, "");
        let done = (200, r#"{"is_success":true,"message":""}"#.to_owned());
        let answer = queue.call("CreateQueueProperty", r#"{"properties":{"b":2,"c":true,"a":"x"}}"#).await;
        assert_eq!((answer.status, answer.text()), done);
        let answer = queue.call("UpdateQueueProperty", r#"{"properties":{"b":3}}"#).await;
        assert_eq!((answer.status, answer.text()), done);
        assert_eq!(listed(&queue, "").await, "a=x b=3 c=true");
        assert_eq!(listed(&queue, "limit=1&offset=1").await, "b=3");
        assert_eq!(listed(&queue, "offset=3").await, "");
        let answer = queue.call("DeleteQueueProperty", r#"{"keys":["a","c","lost"]}"#).await;
        assert_eq!((answer.status, answer.text()), done);
        assert_eq!(listed(&queue, "").await, "b=3");
    }

    #[tokio::test]
    async fn the_preset_queue_has_none_and_gets_none() {
        let stage = Stage::open().await;
        let preset = stage.on("default");
        assert_eq!(listed(&preset, "").await, "");
        let set = r#"{"properties":{"a":1}}"#;
        for (name, body) in
            [("CreateQueueProperty", set), ("UpdateQueueProperty", set), ("DeleteQueueProperty", r#"{"keys":["a"]}"#)]
        {
            assert_eq!(preset.refused(name, body).await.1, "DLI.0007", "{name}");
            assert_eq!(stage.on("nope").refused(name, body).await.1, "DLI.0002", "{name}");
            assert_eq!(preset.refused(name, "{}").await.1, "DLI.0001", "{name}");
        }
    }

    #[tokio::test]
    async fn bad_input_is_named() {
        let stage = Stage::open().await;
        stage.sources().await;
        let queue = stage.on("q1");
        let long = "x".repeat(1100);
        for (body, text) in [
            (r#"{"properties":{"a":[1]}}"#.to_owned(), "properties.a must be a text"),
            (r#"{"properties":{"":1}}"#.to_owned(), "a key of 1 to 128 characters"),
            (format!(r#"{{"properties":{{"a":"{long}"}}}}"#), "at most 1024 bytes"),
            (format!(r#"{{"properties":{{"{long}":1}}}}"#), "a key of 1 to 128 characters"),
        ] {
            let (status, code, message) = queue.refused("UpdateQueueProperty", &body).await;
            assert_eq!((status, code.as_str()), (400, "DLI.0001"));
            assert!(message.contains(text) && message.len() < 300, "{message}");
        }
        assert_eq!(queue.get(LIST, "limit=x").await.status, 400);
        assert_eq!(stage.on("nope").refused(LIST, "").await.1, "DLI.0002");
    }
}
