use http::Method;
use linkspan_engine::Access;
use linkspan_wire::query::TagPageQuery;
use linkspan_wire::responses::resource_tags;

use super::tagged_resources::resource_of;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A page of the tags that a resource bears, in the order they came (dli_02_0501).
pub(super) const OPERATION: Operation = Operation {
    name: "ShowResourceTags",
    method: Method::GET,
    path: "/v3/{project_id}/{resource_type}/{resource_id}/tags",
    document: "dli_02_0501",
    action: "dli::listTagsForResource",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let resource = resource_of(&call)?;
    let (skip, most) = TagPageQuery::parse(call.query())?.window();
    let view = call.view();
    let tags = view.project(call.scope()?).tags_of(&resource)?;
    let body = resource_tags::of_resource(&tags.page(skip, most), tags.len());
    Ok(super::revised(Answer::json(200, body), &view))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const SHOW: &str = "ShowResourceTags";

    #[tokio::test]
    async fn a_page_and_how_many_there_are() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let target = stage.on(&format!("dli_enhanced_datasource/{id}"));
        let tags = r#"{"tags":[{"key":"项目","value":"测试"},{"key":"a","value":"1"}]}"#;
        target.ok("BatchCreateResourceTags", tags).await;
        let page = async |query: &str| target.get(SHOW, query).await.text();
        let all = r#"{"key":"env","value":"test"},{"key":"项目","value":"测试"},{"key":"a","value":"1"}"#;
        assert_eq!(page("").await, format!(r#"{{"tags":[{all}],"count":3}}"#));
        assert_eq!(page("limit=1&offset=2").await, r#"{"tags":[{"key":"a","value":"1"}],"count":3}"#);
        assert_eq!(page("offset=3").await, r#"{"tags":[],"count":3}"#);
        assert_eq!(target.get(SHOW, "").await.header("x-linkspan-revision"), stage.revision().to_string());
        for bad in ["limit=0", "limit=1001", "limit=x", "offset=-1"] {
            let answer = target.get(SHOW, bad).await;
            assert_eq!((answer.status, answer.json()["error_code"].as_str()), (400, Some("DLI.0001")), "{bad}");
        }
    }

    #[tokio::test]
    async fn an_unknown_one_is_400() {
        let stage = Stage::open().await;
        stage.sources().await;
        for (target, code) in [
            ("dli_enhanced_datasource/2a620c33-5609-40c9-affd-2b6453071b0f", "DLI.0001"),
            ("dli_queue/nope", "DLI.0002"),
            ("dli_elastic_resource_pool/q1", "DLI.0002"),
            ("dli_flink_job/1", "DLI.0007"),
            ("queues/q1", "DLI.0001"),
        ] {
            let (status, found, _) = stage.on(target).refused(SHOW, "").await;
            assert_eq!((status, found.as_str()), (400, code), "{target}");
        }
    }
}
