use http::Method;
use linkspan_engine::command::AdminCommand;
use linkspan_engine::{Refusal, Reply};
use linkspan_wire::own::{self, CreateProject};

use super::{ADMIN_WRITE, domain_or_own, operation, project_body, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Makes a project of a domain.
pub(in crate::ops) const OPERATION: Operation =
    operation(("CreateProject", "/linkspan/v1/admin/projects"), Method::POST, ADMIN_WRITE, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateProject { domain_id, name } = own::read(&call.body)?;
    let domain = domain_or_own(&call, domain_id)?;
    let Reply::Project(id) = submit(&call, AdminCommand::CreateProject(domain, name)).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(201, project_body(&call, &id)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn a_project_is_made_listed_and_can_be_disabled() {
        let stage = Stage::open().await;
        let made = stage.ok("CreateProject", r#"{"name":"cn-north-5"}"#).await;
        assert_eq!(made.status, 201);
        insta::assert_json_snapshot!(made.json());
        let list = stage.get("ListProjects", "").await.json();
        assert!(list["projects"].as_array().unwrap().contains(&made.json()));
        let id = made.json()["id"].as_str().unwrap().to_owned();
        stage.in_project(&id).ok("ListQueues", "").await;
        let changed = stage.on(&id).ok("ChangeProject", r#"{"enabled":false}"#).await.json();
        assert_eq!((&changed["id"], &changed["enabled"]), (&made.json()["id"], &false.into()));
        assert_eq!(stage.in_project(&id).refused("ListQueues", "").await.0, 403, "nobody calls it any more");
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        for (body, status) in [
            (r#"{"name":"cn-north-4"}"#, 409),
            (r#"{"name":"p","domain_id":"nope"}"#, 404),
            (r#"{"name":""}"#, 400),
            (r#"{"name":"p","domain_id":"a-b"}"#, 400),
        ] {
            assert_eq!(stage.refused("CreateProject", body).await.0, status, "{body}");
        }
        for unknown in ["nope", "a-b"] {
            assert_eq!(stage.on(unknown).refused("ChangeProject", r#"{"enabled":true}"#).await.0, 404, "{unknown}");
        }
    }
}
