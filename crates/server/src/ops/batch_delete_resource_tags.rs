use http::Method;
use linkspan_engine::{Access, Command};
use linkspan_wire::RemoveTags;

use super::tagged_resources::resource_of;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Takes tags away, whether they are there or not; the key alone decides (dli_02_0397). 204, which Terraform demands.
pub(super) const OPERATION: Operation = Operation {
    name: "BatchDeleteResourceTags",
    method: Method::POST,
    path: "/v3/{project_id}/{resource_type}/{resource_id}/tags/delete",
    document: "dli_02_0397",
    action: "dli::untagResource",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let resource = resource_of(&call)?;
    let keys = RemoveTags::from_body(&call.body)?.tags.into_iter().map(|tag| tag.key).collect();
    call.submit(Command::RemoveTags(resource, keys)).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const DELETE: &str = "BatchDeleteResourceTags";

    #[tokio::test]
    async fn whether_there_or_not_and_whatever_the_value() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let target = stage.on(&format!("dli_enhanced_datasource/{id}"));
        for body in [r#"{"tags":[{"key":"env","value":"other"},{"key":"_sys_a,b"}]}"#, r#"{"tags":[{"key":"env"}]}"#] {
            let answer = target.ok(DELETE, body).await;
            assert_eq!((answer.status, answer.text()), (204, String::new()));
            assert_eq!(target.ok("ShowResourceTags", "").await.text(), r#"{"tags":[],"count":0}"#);
        }
        let found = stage.get("ListEnhancedConnections", "tags=env%3Dtest").await.json();
        assert_eq!(found["count"], 0);
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let own = format!("dli_enhanced_datasource/{id}");
        for (target, body, code) in [
            (own.as_str(), "{}", "DLI.0001"),
            (own.as_str(), r#"{"tags":[{"key":" "}]}"#, "DLI.0001"),
            (own.as_str(), r#"{"tags":{}}"#, "DLI.0001"),
            ("dli_enhanced_datasource/2a620c33-5609-40c9-affd-2b6453071b0f", r#"{"tags":[]}"#, "DLI.0001"),
            ("dli_queue/nope", r#"{"tags":[]}"#, "DLI.0002"),
            ("dli_package_resource/1", r#"{"tags":[]}"#, "DLI.0007"),
        ] {
            let (status, found, why) = stage.on(target).refused(DELETE, body).await;
            assert_eq!((status, found.as_str()), (400, code), "{target} {body} {why}");
        }
    }
}
