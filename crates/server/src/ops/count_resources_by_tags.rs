use http::Method;
use linkspan_engine::Access;
use linkspan_wire::FilterResources;
use linkspan_wire::responses::resource_tags;

use super::tagged_resources::{admits, ask, kind_of};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// How many resources a filter lets through (dli_02_0398). It only reads, for all that it is a POST.
pub(super) const OPERATION: Operation = Operation {
    name: "CountResourcesByTags",
    method: Method::POST,
    path: "/v3/{project_id}/{resource_type}/resource-instances/count",
    document: "dli_02_0398",
    action: "dli::listResourcesByTag",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let kind = kind_of(&call)?;
    let filter = FilterResources::from_body(&call.body)?;
    let count = ask(&call, move |state, scope| {
        state.project(scope).tagged_things(kind).filter(|thing| admits(&filter, thing)).count()
    });
    let (view, total) = count.await?;
    Ok(super::revised(Answer::json(200, resource_tags::counted(total)), &view))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const COUNT: &str = "CountResourcesByTags";

    #[tokio::test]
    async fn what_exists_is_counted_and_what_is_deleted_is_not() {
        let stage = Stage::open().await;
        let id = stage.connection("c").await;
        stage.connection("d").await;
        let connections = stage.on("dli_enhanced_datasource");
        assert_eq!(connections.ok(COUNT, "").await.text(), r#"{"total_count":2}"#);
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
        assert_eq!(connections.ok(COUNT, r#"{"without_any_tag":true}"#).await.text(), r#"{"total_count":1}"#);
        assert_eq!(connections.refused(COUNT, r#"{"not_tags":[{"key":1}]}"#).await.1, "DLI.0001");
        assert_eq!(stage.on("nope").refused(COUNT, "").await.1, "DLI.0001");
    }
}
