use http::Method;
use linkspan_engine::command::{AdminCommand, UserChange};
use linkspan_model::{ProjectAccess, UserId};
use linkspan_wire::own::{self, ChangeUser};
use linkspan_wire::{Problem, ProblemKind};

use super::{ADMIN_WRITE, named, operation, password_hash, submit, user_body};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Changes a user; what is absent stays.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ChangeUser", "/linkspan/v1/admin/users/{id}"), Method::PATCH, ADMIN_WRITE, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let id: UserId = named(&call, "user")?;
    let ChangeUser { password, enabled, admin, all_projects, projects } = own::read(&call.body)?;
    let access = match (all_projects, projects) {
        (true, Some(_)) => {
            let text = "all_projects and projects contradict each other: send one of them";
            return Err(Problem::new(ProblemKind::InvalidInput, text).into());
        }
        (true, None) => Some(ProjectAccess::Domain),
        (false, projects) => projects.map(|projects| ProjectAccess::Projects(projects.into())),
    };
    let change = UserChange { password_hash: password_hash(&call, password).await?, enabled, admin, access };
    submit(&call, AdminCommand::ChangeUser(id.clone(), change)).await?;
    Ok(Answer::json(200, user_body(&call, &id)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::stage::{OWN, Stage};

    #[tokio::test]
    async fn what_is_absent_stays() {
        let stage = Stage::open().await;
        let made = stage.ok("CreateUser", r#"{"name":"bob","admin":true}"#).await.json();
        let bob = stage.on(made["id"].as_str().unwrap());
        let changed = |body: String| {
            let bob = bob.clone();
            async move { bob.ok("ChangeUser", &body).await.json() }
        };
        assert_eq!(changed("{}".into()).await, made);
        let restricted = changed(format!(r#"{{"projects":["{OWN}"],"password":"pass word"}}"#)).await;
        assert_eq!((&restricted["all_projects"], &restricted["projects"]), (&json!(false), &json!([OWN])));
        assert_eq!((&restricted["has_password"], &restricted["admin"]), (&json!(true), &json!(true)));
        let freed = changed(r#"{"all_projects":true,"admin":false,"enabled":false}"#.into()).await;
        assert_eq!((&freed["all_projects"], &freed["projects"]), (&json!(true), &json!([])));
        assert_eq!((&freed["enabled"], &freed["admin"]), (&json!(false), &json!(false)));
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        let alice = stage.on("u0");
        assert_eq!(alice.refused("ChangeUser", r#"{"admin":false}"#).await.0, 409, "the last administrator");
        assert_eq!(alice.refused("ChangeUser", r#"{"all_projects":true,"projects":[]}"#).await.0, 400);
        assert_eq!(alice.refused("ChangeUser", r#"{"projects":["nope"]}"#).await.0, 404);
        assert_eq!(stage.on("nope").refused("ChangeUser", "{}").await.0, 404);
    }
}
