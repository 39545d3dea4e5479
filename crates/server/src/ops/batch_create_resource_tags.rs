use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::AddTags;

use super::tagged_resources::resource_of;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Gives a resource tags, or other values to those it bears (dli_02_0396). 204, which Terraform demands.
pub(super) const OPERATION: Operation = Operation {
    name: "BatchCreateResourceTags",
    method: Method::POST,
    path: "/v3/{project_id}/{resource_type}/{resource_id}/tags/create",
    document: "dli_02_0396",
    action: "dli::tagResource",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let resource = resource_of(&call)?;
    let AddTags { tags } = AddTags::from_body(&call.body)?;
    call.submit(Command::AddTags(resource, tags)).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const SET: &str = "BatchCreateResourceTags";

    async fn tags(stage: &Stage, target: &str) -> serde_json::Value {
        stage.on(target).ok("ShowResourceTags", "").await.json()["tags"].clone()
    }

    #[tokio::test]
    async fn the_list_of_connections_finds_a_new_tag_at_once_and_an_old_value_no_more() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        stage.connection("bare").await;
        let found = async |query: &str| stage.get("ListEnhancedConnections", query).await.json()["count"].clone();
        let before = stage.get("ListEnhancedConnections", "").await.header("etag");
        let target = format!("dli_enhanced_datasource/{id}");
        let answer = stage.on(&target).ok(SET, r#"{"tags":[{"key":"env","value":"prod"},{"key":" k "}]}"#).await;
        assert_eq!((answer.status, answer.text()), (204, String::new()));
        assert_eq!(found("tags=env%3Dprod,k%3D").await, 1);
        assert_eq!(found("tags=env%3Dtest").await, 0);
        assert_ne!(stage.get("ListEnhancedConnections", "").await.header("etag"), before);
        let expected = serde_json::json!([{"key": "env", "value": "prod"}, {"key": "k", "value": ""}]);
        assert_eq!(tags(&stage, &target).await, expected);
        let detail = stage.on(&id).ok("ShowConnection", "").await.json();
        assert_eq!(detail["tags"], expected);
    }

    #[tokio::test]
    async fn queues_and_pools_too() {
        let stage = Stage::open().await;
        stage.sources().await;
        let body = r#"{"tags":[{"key":"k","value":"v"}]}"#;
        stage.on("dli_queue/q1").ok(SET, body).await;
        stage.on("dli_elastic_resource_pool/pool_1").ok(SET, body).await;
        let queues = stage.get("ListQueues", "queue_type=all&tags=k%3Dv").await.json();
        assert_eq!(queues["queues"][0]["queue_name"], "q1");
        let number = queues["queues"][0]["queue_id"].as_i64().unwrap();
        let pools = stage.get("ListElasticResourcePools", "tags=k%3Dv").await.json();
        let resource = pools["elastic_resource_pools"][0]["resource_id"].as_str().unwrap().to_owned();
        for target in [format!("dli_queue/{number}"), format!("dli_elastic_resource_pool/{resource}")] {
            assert_eq!(tags(&stage, &target).await, serde_json::json!([{"key": "k", "value": "v"}]), "{target}");
        }
    }

    #[tokio::test]
    async fn refusals_change_nothing() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let own = format!("dli_enhanced_datasource/{id}");
        let many: Vec<_> = (0..21).map(|n| format!(r#"{{"key":"k{n}"}}"#)).collect();
        let (over, full) = (many.join(","), many[..20].join(","));
        let before = stage.revision();
        for (target, tags, code, text) in [
            (own.as_str(), &*over, "DLI.0001", "21 tags, at most 20"),
            (own.as_str(), &*full, "DLI.0001", "would bear 21 tags"),
            (own.as_str(), r#"{"key":"_sys_x"}"#, "DLI.0001", "_sys_"),
            (own.as_str(), r#"{"key":"a"},{"key":"a "}"#, "DLI.0001", "comes twice"),
            (own.as_str(), r#"{"value":"a"}"#, "DLI.0001", "tags[0].key is required"),
            ("dli_enhanced_datasource/nope", "", "DLI.0001", "Connection nope does not exist."),
            ("dli_queue/nope", "", "DLI.0002", "There is no queue named nope"),
            ("dli_queue/default", "", "DLI.0002", "default"),
            ("dli_elastic_resource_pool/nope", "", "DLI.0002", "There is no elastic resource pool named nope"),
            ("dli_database/1", "", "DLI.0007", "dli_database"),
            ("nope/1", "", "DLI.0001", "resource_type must be one of dli_enhanced_datasource"),
        ] {
            let (status, found, why) = stage.on(target).refused(SET, &format!(r#"{{"tags":[{tags}]}}"#)).await;
            assert_eq!((status, found.as_str()), (400, code), "{target} {why}");
            assert!(why.contains(text), "{why}");
        }
        assert_eq!(stage.on(&own).refused(SET, "{}").await.2, "tags is required");
        assert_eq!(stage.revision(), before);
        stage.settle_peers().await;
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
        assert_eq!(stage.on(&own).refused(SET, r#"{"tags":[]}"#).await.1, "DLI.0001", "a deleted one is unknown");
    }
}
