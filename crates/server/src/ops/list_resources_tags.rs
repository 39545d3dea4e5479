use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use linkspan_engine::command::ResourceKind;
use linkspan_engine::{Access, ProjectView};
use linkspan_wire::query::TagPageQuery;
use linkspan_wire::responses::resource_tags::{self, TagValues};

use super::tagged_resources::{ask, kind_of};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A page of the tag keys of a kind of resource with the values each has, both in the order of their texts
/// (dli_02_0513).
pub(super) const OPERATION: Operation = Operation {
    name: "ListResourcesTags",
    method: Method::GET,
    path: "/v3/{project_id}/{resource_type}/tags",
    document: "dli_02_0513",
    action: "dli::listTags",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let kind = kind_of(&call)?;
    let query = TagPageQuery::parse(call.query())?;
    let (view, body) = ask(&call, move |state, scope| page(&state.project(scope), kind, query)).await?;
    Ok(super::revised(Answer::json(200, body), &view))
}

fn page(project: &ProjectView<'_>, kind: ResourceKind, query: TagPageQuery) -> Vec<u8> {
    let mut keys: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for thing in project.tagged_things(kind) {
        for tag in thing.tags.as_slice() {
            keys.entry(tag.key.as_str()).or_default().insert(tag.value.as_str());
        }
    }
    let (total, (skip, most)) = (keys.len(), query.window());
    let page = keys.into_iter().skip(skip).take(most);
    let page: Vec<_> = page.map(|(key, values)| TagValues { key, values: values.into_iter().collect() }).collect();
    resource_tags::of_project(&page, total)
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const LIST: &str = "ListResourcesTags";

    #[tokio::test]
    async fn keys_with_their_values_each_once() {
        let stage = Stage::open().await;
        for (name, tags) in [
            ("a", r#"{"key":"env","value":"test"},{"key":"team","value":""}"#),
            ("b", r#"{"key":"env","value":"prod"},{"key":"app","value":"x"}"#),
            ("c", r#"{"key":"env","value":"test"}"#),
        ] {
            let id = stage.connection(name).await;
            let target = stage.on(&format!("dli_enhanced_datasource/{id}"));
            target.ok("BatchCreateResourceTags", &format!(r#"{{"tags":[{tags}]}}"#)).await;
        }
        let connections = stage.on("dli_enhanced_datasource");
        let page = async |query: &str| connections.get(LIST, query).await.text();
        let (app, env) = (r#"{"key":"app","values":["x"]}"#, r#"{"key":"env","values":["prod","test"]}"#);
        let team = r#"{"key":"team","values":[""]}"#;
        assert_eq!(page("").await, format!(r#"{{"tags":[{app},{env},{team}],"count":3}}"#));
        assert_eq!(page("limit=1&offset=1").await, format!(r#"{{"tags":[{env}],"count":3}}"#));
        assert_eq!(page("offset=9").await, r#"{"tags":[],"count":3}"#);
        assert_eq!(stage.on("dli_queue").get(LIST, "").await.text(), r#"{"tags":[],"count":0}"#);
        assert_eq!(connections.get(LIST, "limit=0").await.status, 400);
        assert_eq!(stage.on("nope").refused(LIST, "").await.1, "DLI.0001");
    }
}
