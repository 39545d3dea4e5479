use http::Method;
use linkspan_engine::command::AdminCommand;

use super::{ADMIN_WRITE, named, operation, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Removes a user with its keys.
pub(in crate::ops) const OPERATION: Operation =
    operation(("DeleteUser", "/linkspan/v1/admin/users/{id}"), Method::DELETE, ADMIN_WRITE, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = named(&call, "user")?;
    submit(&call, AdminCommand::DeleteUser(id)).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn its_keys_go_with_it() {
        let stage = Stage::open().await;
        let made = stage.ok("CreateUser", r#"{"name":"bob"}"#).await.json();
        let id = made["id"].as_str().unwrap();
        let key = stage.ok("CreateAccessKey", &format!(r#"{{"user_id":"{id}"}}"#)).await.json();
        assert_eq!(stage.on(id).ok("DeleteUser", "").await.status, 204);
        for list in ["ListUsers", "ListAccessKeys"] {
            let text = stage.get(list, "").await.text();
            assert!(!text.contains(id) && !text.contains(key["id"].as_str().unwrap()), "{text}");
        }
        assert_eq!(stage.on(id).refused("DeleteUser", "").await.0, 404);
        assert_eq!(stage.on("u0").refused("DeleteUser", "").await.0, 409, "the last administrator");
    }
}
