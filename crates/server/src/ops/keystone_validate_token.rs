use http::Method;
use linkspan_engine::{Access, Need, Refusal, Via};
use linkspan_wire::{ApiError, ErrorCode};

use super::token_answer::{SUBJECT_TOKEN, Told};
use crate::answer::{Answer, Fault};
use crate::auth::TokenError;
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Whether a token is good, and what for: the caller's own, or for an administrator anyone's.
pub(super) const OPERATION: Operation = Operation {
    name: "KeystoneValidateToken",
    method: Method::GET,
    path: "/v3/auth/tokens",
    document: "iam_30_0004",
    action: "none",
    auth: Auth::Principal,
    handler: |call| Box::pin(async move { run(&call) }),
};

/// The same without a body.
pub(super) const CHECK: Operation = Operation {
    name: "KeystoneCheckToken",
    method: Method::HEAD,
    document: "en-us_topic_0057845586",
    handler: |call| Box::pin(async move { run(&call).map(|_| Answer::empty(200)) }),
    ..OPERATION
};

fn run(call: &Call) -> Result<Answer, Fault> {
    let mut sent = call.parts.headers.get_all(SUBJECT_TOKEN).iter();
    let text = match (sent.next().map(|value| value.to_str()), sent.next()) {
        (Some(Ok(text)), None) => text,
        (None, _) => return Err(ApiError::invalid("the header X-Subject-Token is missing").into()),
        _ => return Err(ApiError::invalid("the header X-Subject-Token must hold one token").into()),
    };
    let (view, caller) = (call.view(), call.principal()?);
    let good = call.app.auth.verify_token(&view, text, call.app.clock.now()).map_err(|why| match why {
        TokenError::NoKey => ApiError::internal(),
        TokenError::Bad | TokenError::Expired(_) => {
            ApiError::new(ErrorCode::TokenNotFound, "Could not find the token.")
        }
    })?;
    let is_own = good.principal.user() == caller.user();
    if !is_own && view.admin_scope(caller, Need::new(Access::Read, "linkspan:admin:read")).is_err() {
        let text = "You have no permission to verify the token of another user.";
        return Err(ApiError::new(ErrorCode::Forbidden, text).into());
    }
    let project = match good.principal.via() {
        Via::Token { project: Some(only), .. } => view.projects_of(&good.principal).find(|project| project.id == *only),
        _ => None,
    };
    let told = Told {
        user: view.user(good.principal.user()).ok_or(Refusal::Internal)?,
        project,
        method: good.method,
        issued_at: good.issued_at,
        expires_at: good.expires_at,
        text,
    };
    told.answer(200, call, &view)
}

#[cfg(test)]
mod tests {
    use super::super::stage::{OWN, Stage};

    const CREATE: &str = "KeystoneCreateUserTokenByPassword";
    const SHOW: &str = "KeystoneValidateToken";
    const LOGIN: &str = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":
        {"name":"bob","domain":{"name":"domain"},"password":"correct horse"}}},"scope":{"project":{"name":"cn-north-4"}}}}"#;

    async fn stage() -> (Stage, String, serde_json::Value) {
        let stage = Stage::open().await;
        stage.ok("CreateUser", r#"{"name":"bob","password":"correct horse"}"#).await;
        let made = stage.ok(CREATE, LOGIN).await;
        let token = made.header("x-subject-token");
        (stage, token, made.json())
    }

    #[tokio::test]
    async fn it_says_what_was_said_when_it_was_made() {
        let (stage, token, made) = stage().await;
        let shown = stage.get_with(SHOW, "", &[("X-Subject-Token", &token)]).await;
        assert_eq!((shown.status, shown.header("x-subject-token")), (200, token.clone()));
        assert_eq!(shown.json(), made);
        assert_eq!(made["token"]["project"]["id"], OWN);
        let short = stage.get_with(SHOW, "nocatalog=1", &[("X-Subject-Token", &token)]).await.json();
        assert_eq!(short["token"]["catalog"], serde_json::json!([]));
        let checked = stage.get_with("KeystoneCheckToken", "", &[("X-Subject-Token", &token)]).await;
        assert_eq!((checked.status, checked.text()), (200, String::new()));
    }

    #[tokio::test]
    async fn what_is_no_good_token_is_not_found_and_a_strangers_is_nobodys_business() {
        let (stage, token, _) = stage().await;
        let answer = async |stage: &Stage, headers: &[(&str, &str)]| {
            let answer = stage.get_with(SHOW, "", headers).await;
            (answer.status, answer.json()["error_code"].as_str().unwrap_or_default().to_owned())
        };
        let code = |status: u16, code: &str| (status, code.to_owned());
        assert_eq!(answer(&stage, &[]).await, code(400, "DLI.0001"));
        assert_eq!(answer(&stage, &[("X-Subject-Token", "ls1.x.y")]).await, code(404, "IAM.0004"));
        let twice = [("X-Subject-Token", token.as_str()), ("X-Subject-Token", token.as_str())];
        assert_eq!(answer(&stage, &twice).await, code(400, "DLI.0001"));
        let own = [("X-Subject-Token", token.as_str())];
        assert_eq!(answer(&stage.by_stranger(), &own).await, code(403, "DLI.0003"));
        let users = stage.get("KeystoneListUsers", "name=bob").await.json();
        stage.on(users["users"][0]["id"].as_str().unwrap()).ok("DeleteUser", "").await;
        assert_eq!(answer(&stage, &own).await, code(404, "IAM.0004"));
    }
}
