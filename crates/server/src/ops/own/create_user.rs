use http::Method;
use linkspan_engine::command::{AdminCommand, NewUser};
use linkspan_engine::{Refusal, Reply};
use linkspan_model::ProjectAccess;
use linkspan_wire::own::{self, CreateUser};

use super::{ADMIN_WRITE, domain_or_own, operation, password_hash, submit, user_body};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Makes a user.
pub(in crate::ops) const OPERATION: Operation =
    operation(("CreateUser", "/linkspan/v1/admin/users"), Method::POST, ADMIN_WRITE, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateUser { domain_id, name, password, admin, projects } = own::read(&call.body)?;
    let new = NewUser {
        domain: domain_or_own(&call, domain_id)?,
        name,
        password_hash: password_hash(&call, password).await?,
        admin,
        access: projects.map_or(ProjectAccess::Domain, |projects| ProjectAccess::Projects(projects.into())),
    };
    let Reply::User(id) = submit(&call, AdminCommand::CreateUser(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(201, user_body(&call, &id)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn a_user_is_made_and_listed_without_its_password() {
        let stage = Stage::open().await;
        let body = r#"{"name":"bob","password":"correct horse","admin":true}"#;
        let made = stage.ok("CreateUser", body).await;
        assert_eq!(made.status, 201);
        insta::assert_json_snapshot!(made.json());
        let list = stage.get("ListUsers", "").await;
        assert!(list.json()["users"].as_array().unwrap().contains(&made.json()));
        assert!(!list.text().contains("argon2"), "no hash leaves the server");
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        let before = stage.revision();
        let long = format!(r#"{{"name":"bob","password":"{}"}}"#, "x".repeat(1025));
        for (body, status) in [
            (r#"{"name":"alice"}"#, 409),
            (r#"{"name":"bob","domain_id":"nope"}"#, 404),
            (r#"{"name":"bob","projects":["nope"]}"#, 404),
            (r#"{"name":"bob","password":""}"#, 400),
            (long.as_str(), 400),
            (r#"{"name":"a\nb"}"#, 400),
        ] {
            assert_eq!(stage.refused("CreateUser", body).await.0, status, "{body}");
        }
        assert_eq!(stage.revision(), before);
    }
}
