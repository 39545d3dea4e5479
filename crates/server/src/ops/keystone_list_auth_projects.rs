use http::Method;
use linkspan_wire::responses::identity;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The projects that the caller may call, all of them.
pub(super) const OPERATION: Operation = Operation {
    name: "KeystoneListAuthProjects",
    method: Method::GET,
    path: "/v3/auth/projects",
    document: "iam_06_0003",
    action: "none",
    auth: Auth::Principal,
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    Ok(Answer::json(200, identity::projects(view.projects_of(call.principal()?))))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    #[tokio::test]
    async fn it_is_the_list_without_filters() {
        let stage = Stage::open().await;
        stage.ok("CreateProject", r#"{"name":"second"}"#).await;
        let all = stage.get("KeystoneListProjects", "").await.json();
        let mine = stage.get("KeystoneListAuthProjects", "name=nope&page=9&per_page=1").await.json();
        assert_eq!((mine["projects"].as_array().unwrap().len(), mine), (2, all));
        let strangers = stage.by_stranger().get("KeystoneListAuthProjects", "").await.json();
        assert_eq!(strangers["projects"].as_array().unwrap().len(), 1);
    }
}
