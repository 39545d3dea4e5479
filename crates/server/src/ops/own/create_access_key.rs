use http::Method;
use linkspan_engine::Refusal;
use linkspan_engine::command::{AdminCommand, NewKey};
use linkspan_wire::Secret;
use linkspan_wire::own::{self, CreateKey, CreatedKey, KeyInfo};
use secrecy::ExposeSecret;

use super::{ADMIN_WRITE, operation, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Makes an access key. Its secret is in this answer and nowhere else.
pub(in crate::ops) const OPERATION: Operation =
    operation(("CreateAccessKey", "/linkspan/v1/admin/keys"), Method::POST, ADMIN_WRITE, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let new: CreateKey = own::read(&call.body)?;
    let role = new.key_role()?;
    let CreateKey { user_id, description, .. } = new;
    let (id, secret) = call.app.auth.new_access_key().map_err(|_| Refusal::Internal)?;
    let sealed = call.app.auth.seal(secret.expose_secret()).map_err(|_| Refusal::Internal)?;
    let user = match user_id {
        Some(id) => id,
        None => call.principal()?.user().clone(),
    };
    let new = NewKey { id: id.clone(), user, secret: sealed, role, description: description.into_inner() };
    submit(&call, AdminCommand::CreateKey(new)).await?;
    let view = call.view();
    let key = KeyInfo::from(view.key(&id).ok_or(Refusal::Internal)?);
    let created = CreatedKey { key, secret: Secret::new(secret.expose_secret()) };
    Ok(Answer::json(201, own::write(&created)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn the_secret_is_shown_once_and_is_the_one_that_is_kept() {
        let stage = Stage::open().await;
        let made = stage.ok("CreateAccessKey", r#"{"role":"read_only","description":"for CI"}"#).await;
        assert_eq!(made.status, 201);
        let mut made = made.json();
        let (id, secret) = (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned());
        let sealed = stage.app.engine.view().key(&id.parse().unwrap()).unwrap().secret.clone();
        assert_eq!(stage.app.auth.unseal(&sealed).unwrap().expose_secret(), secret);
        let list = stage.get("ListAccessKeys", "").await;
        assert!(list.text().contains(&id) && !list.text().contains(&secret));
        made["id"] = "(random)".into();
        made["secret"] = "(random)".into();
        insta::assert_json_snapshot!(made);
    }

    #[tokio::test]
    async fn a_key_of_certain_actions_is_told_which_it_lacks() {
        let stage = Stage::open().await;
        let made = stage.ok("CreateAccessKey", r#"{"actions":["dli:*:list","dli:edsconnection:create"]}"#).await.json();
        assert_eq!((&made["role"], &made["actions"][0]), (&"actions".into(), &"dli:*:list".into()));
        let limited = stage.with_key(made["id"].as_str().unwrap());
        let id = limited.connection("c").await;
        limited.ok("ListEnhancedConnections", "").await;
        let lacks = |code: &str, action: &str| {
            let key = made["id"].as_str().unwrap();
            (403, code.to_owned(), format!("The access key {key} is limited to certain actions; it lacks {action}."))
        };
        let refused = limited.on(&id).refused("DeleteEnhancedConnection", "").await;
        assert_eq!(refused, lacks("DLI.0003", "dli:edsconnection:delete"));
        let refused = limited.refused("ListAccessKeys", "").await;
        assert_eq!(refused, lacks("forbidden", "linkspan:admin:read"));
        let users = limited.get("KeystoneListUsers", "").await.json();
        assert_eq!(users["users"].as_array().unwrap().len(), 1, "itself alone, though its user administers");
        let refused = stage.refused("CreateAccessKey", r#"{"role":"read_only","actions":["dli:*:list"]}"#).await;
        assert_eq!(refused.0, 400);
    }

    #[tokio::test]
    async fn the_last_key_that_administers_stays() {
        let stage = Stage::open().await;
        let own = stage.get("ListAccessKeys", "").await.json();
        let own = own["keys"].as_array().unwrap().iter().find(|key| key["user_id"] == "u0").unwrap().clone();
        let own = stage.on(own["id"].as_str().unwrap());
        for (operation, body) in [("DeleteAccessKey", ""), ("ChangeAccessKey", r#"{"enabled":false}"#)] {
            let (status, code, text) = own.refused(operation, body).await;
            assert_eq!((status, code.as_str()), (409, "conflict"));
            assert!(text.contains("create another for an administrator first"), "{text}");
        }
        stage.ok("CreateAccessKey", "{}").await;
        own.ok("DeleteAccessKey", "").await;
    }

    #[tokio::test]
    async fn a_key_can_be_stopped_and_removed() {
        let stage = Stage::open().await;
        let made = stage.ok("CreateAccessKey", "{}").await.json();
        let key = stage.on(made["id"].as_str().unwrap());
        let id = made["id"].as_str().unwrap().parse().unwrap();
        let works = || stage.app.engine.view().principal_of_key(&id).is_some();
        assert!(works());
        assert_eq!(key.ok("ChangeAccessKey", r#"{"enabled":false}"#).await.json()["enabled"], false);
        assert!(!works());
        key.ok("ChangeAccessKey", r#"{"enabled":true}"#).await;
        assert!(works());
        assert_eq!(key.ok("DeleteAccessKey", "").await.status, 204);
        assert!(!works());
        assert_eq!(key.refused("DeleteAccessKey", "").await.0, 404);
        assert_eq!(key.refused("ChangeAccessKey", r#"{"enabled":true}"#).await.0, 404);
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        let before = stage.revision();
        for (body, status) in
            [(r#"{"user_id":"nope"}"#, 404), (r#"{"role":"root"}"#, 400), (r#"{"description":"a\nb"}"#, 400)]
        {
            assert_eq!(stage.refused("CreateAccessKey", body).await.0, status, "{body}");
        }
        assert_eq!(stage.revision(), before);
    }
}
