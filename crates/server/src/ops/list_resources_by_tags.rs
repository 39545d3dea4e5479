use http::Method;
use linkspan_engine::command::ResourceKind;
use linkspan_engine::{Access, ProjectView};
use linkspan_wire::FilterResources;
use linkspan_wire::query::TagPageQuery;
use linkspan_wire::responses::resource_tags::{self, TaggedResource};

use super::tagged_resources::{admits, ask, kind_of};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A page of the resources that a filter lets through: connections newest first, queues and pools by name
/// (dli_02_0399). It only reads, for all that it is a POST.
pub(super) const OPERATION: Operation = Operation {
    name: "ListResourcesByTags",
    method: Method::POST,
    path: "/v3/{project_id}/{resource_type}/resource-instances/filter",
    document: "dli_02_0399",
    action: "dli::listResourcesByTag",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let kind = kind_of(&call)?;
    let query = TagPageQuery::parse(call.query())?;
    let filter = FilterResources::from_body(&call.body)?;
    let (view, body) = ask(&call, move |state, scope| page(&state.project(scope), kind, (&filter, query))).await?;
    Ok(super::revised(Answer::json(200, body), &view))
}

fn page(project: &ProjectView<'_>, kind: ResourceKind, (filter, query): (&FilterResources, TagPageQuery)) -> Vec<u8> {
    let ((skip, most), mut total, mut page) = (query.window(), 0usize, Vec::new());
    for thing in project.tagged_things(kind).filter(|thing| admits(filter, thing)) {
        if total >= skip && page.len() < most {
            page.push(TaggedResource { resource_id: thing.id, resource_name: thing.name, tags: thing.tags });
        }
        total += 1;
    }
    resource_tags::filtered(&page, total)
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const FILTER: &str = "ListResourcesByTags";

    async fn names(stage: &Stage, body: &str) -> (Vec<String>, i64) {
        let found = stage.ok(FILTER, body).await.json();
        let rows = found["resources"].as_array().unwrap().iter();
        let names = rows.map(|row| row["resource_name"].as_str().unwrap().to_owned()).collect();
        (names, found["total_count"].as_i64().unwrap())
    }

    async fn stage() -> Stage {
        let stage = Stage::open().await;
        for name in ["plain", "orders", "other"] {
            let id = stage.connection(name).await;
            if name != "plain" {
                let body = format!(r#"{{"tags":[{{"key":"of","value":"{name}"}}]}}"#);
                stage.on(&format!("dli_enhanced_datasource/{id}")).ok("BatchCreateResourceTags", &body).await;
            }
        }
        stage
    }

    #[tokio::test]
    async fn a_row_has_every_field() {
        let stage = stage().await;
        let answer = stage.on("dli_enhanced_datasource").ok(FILTER, r#"{"tags":[{"key":"of"}]}"#).await;
        assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
        insta::assert_json_snapshot!(answer.json());
        stage.sources().await;
        assert_eq!(names(&stage.on("dli_queue"), "").await.0, ["q1", "q_pooled", "q_shared"]);
        assert_eq!(names(&stage.on("dli_elastic_resource_pool"), "").await.0, ["pool_1"]);
    }

    #[tokio::test]
    async fn it_agrees_with_the_count_and_with_the_list_of_connections() {
        let stage = stage().await.on("dli_enhanced_datasource");
        for (body, expected) in [
            ("", vec!["other", "orders", "plain"]),
            (r#"{"without_any_tag":true}"#, vec!["plain"]),
            (r#"{"tags":[{"key":"of","values":["orders","plain"]}]}"#, vec!["orders"]),
            (r#"{"matches":[{"key":"resource_name","value":"o"}]}"#, vec!["other", "orders"]),
        ] {
            let (found, total) = names(&stage, body).await;
            assert_eq!((&found, total), (&expected.iter().map(|it| (*it).to_owned()).collect(), expected.len() as i64));
            let counted = stage.ok("CountResourcesByTags", body).await.json();
            assert_eq!(counted, serde_json::json!({"total_count": expected.len()}), "{body}");
        }
        let listed = stage.get("ListEnhancedConnections", "tags=of%3Dorders").await.json();
        assert_eq!(listed["connections"][0]["name"], "orders");
    }

    #[tokio::test]
    async fn pages_and_faults() {
        let stage = stage().await.on("dli_enhanced_datasource");
        let page = async |query: &str| stage.get(FILTER, query).await.json();
        let first = page("limit=2").await;
        assert_eq!((first["resources"].as_array().unwrap().len(), &first["total_count"]), (2, &3.into()));
        assert_eq!(page("limit=2&offset=2").await["resources"][0]["resource_name"], "plain");
        assert_eq!(page("offset=3").await, serde_json::json!({"total_count": 3, "resources": []}));
        for bad in ["limit=0", "limit=1001", "offset=x"] {
            assert_eq!(stage.get(FILTER, bad).await.status, 400, "{bad}");
        }
        for bad in [r#"{"tags":[{}]}"#, r#"{"tags":1}"#, r#"{"matches":[{"key":"owner","value":"x"}]}"#, "["] {
            assert_eq!(stage.refused(FILTER, bad).await.1, "DLI.0001", "{bad}");
        }
        assert_eq!(stage.on("dli_flink_job").refused(FILTER, "").await.1, "DLI.0007");
    }
}
