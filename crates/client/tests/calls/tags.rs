//! The tag API, call by call.

use linkspan_model::Tags;
use linkspan_wire::query::TagPageQuery;
use linkspan_wire::{AddTags, FilterResources, RemoveTags, ResourceType, TagHandle};

use crate::client;
use crate::fake::Fake;

#[tokio::test]
async fn tags_are_read_and_changed() {
    let shown = r#"{"tags":[{"key":"k","value":"v"}],"count":1}"#;
    let keys = r#"{"tags":[{"key":"k","values":["v","w"]}],"count":1}"#;
    let found = r#"{"total_count":7,"resources":[{"resource_id":"17","resource_name":"q","tags":null}]}"#;
    let (no_content, ok) = ("204 No Content", "200 OK");
    let script = [(ok, shown), (no_content, ""), (no_content, ""), (ok, keys), (ok, found), (ok, found)];
    let fake = Fake::start(&script).await;
    let project = client(&fake).project("p1");
    assert_eq!(project.tags(ResourceType::Connection, "c1").await.unwrap()[0].value, "v");
    let set = AddTags { tags: Tags::parse(&[("k", "v")]).unwrap() };
    project.set_tags(ResourceType::Queue, "17", &set).await.unwrap();
    let unset = RemoveTags { tags: vec![TagHandle { key: "k".into() }] };
    project.remove_tags(ResourceType::Pool, "r", &unset).await.unwrap();
    assert_eq!(project.tag_keys(ResourceType::Queue).await.unwrap().items[0].values, ["v", "w"]);
    let filter = FilterResources { without_any_tag: true, ..FilterResources::default() };
    let page = TagPageQuery { limit: 1, offset: 2 };
    let page = project.filter_resources(ResourceType::Queue, &filter, page).await.unwrap();
    assert_eq!((page.items[0].resource_name.as_str(), page.total), ("q", Some(7)));
    assert_eq!(project.count_resources(ResourceType::Queue, &filter).await.unwrap(), 7);
    let seen = fake.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line().replace("/v3/p1/", "")).collect();
    let expected = [
        "GET dli_enhanced_datasource/c1/tags",
        "POST dli_queue/17/tags/create",
        "POST dli_elastic_resource_pool/r/tags/delete",
        "GET dli_queue/tags",
        "POST dli_queue/resource-instances/filter?limit=1&offset=2",
        "POST dli_queue/resource-instances/count",
    ];
    assert_eq!(lines, expected);
    assert_eq!(seen[1].json(), serde_json::json!({"tags": [{"key": "k", "value": "v"}]}));
    assert_eq!(seen[2].json(), serde_json::json!({"tags": [{"key": "k"}]}));
    assert_eq!(seen[5].json(), serde_json::json!({"without_any_tag": true}));
}
