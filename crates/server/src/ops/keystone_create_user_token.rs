use http::Method;
use http::header::HeaderName;
use linkspan_engine::{Refusal, State, Via};
use linkspan_model::{Project, ProjectId, UnixMillis, User};
use linkspan_wire::{ApiError, CreateToken, ErrorCode, NameOrId, Secret, TokenIdentity, TokenScope, UserRef};
use secrecy::ExposeSecret;

use super::token_answer::Told;
use crate::answer::{Answer, Fault};
use crate::auth::{Login, PasswordError, TokenError, TokenGrant, TokenMethod, only};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A token for a password or for another token.
pub(super) const OPERATION: Operation = Operation {
    name: "KeystoneCreateUserTokenByPassword",
    method: Method::POST,
    path: "/v3/auth/tokens",
    document: "iam_30_0001",
    action: "none",
    auth: Auth::Nobody,
    handler: |call| Box::pin(run(call)),
};

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Who asks, once that is proved, and what a token of theirs can't exceed.
struct Asker<'s> {
    user: &'s User,
    method: TokenMethod,
    /// A token that is good for one project only makes none that is good for more.
    only: Option<ProjectId>,
    ends_by: Option<UnixMillis>,
}

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateToken { identity, scope } = CreateToken::from_body(&call.body)?;
    // One view throughout: a user who is changed meanwhile has another generation, with which this token is no good.
    let view = call.view();
    let asker = match identity {
        TokenIdentity::Password { user, password } => by_password(&call, &view, &user, &password).await?,
        TokenIdentity::Token { id } => by_token(&call, &view, id)?,
    };
    let project = project_of(&view, &asker, &scope)?;
    let grant = TokenGrant {
        user: asker.user,
        project: project.map(|project| project.id.clone()).or_else(|| asker.only.clone()),
        ends_by: asker.ends_by,
        method: asker.method,
    };
    let token = call.app.auth.issue_token(&view, grant, call.app.clock.now()).map_err(|why| refused(&why))?;
    let told = Told {
        user: asker.user,
        project,
        method: asker.method,
        issued_at: token.issued_at,
        expires_at: token.expires_at,
        text: token.text.expose_secret(),
    };
    told.answer(201, &call, &view)
}

async fn by_password<'s>(call: &Call, view: &'s State, named: &UserRef, password: &Secret) -> Result<Asker<'s>, Fault> {
    let user = find_user(view, named);
    let who = user.map_or_else(|| typed(view, named), |user| user.id.to_string());
    let hash = user.filter(|user| user.enabled).and_then(|user| user.password_hash.as_deref());
    let login = Login { who: &who, from: call.remote, hash };
    let checked = call.app.auth.check_password(&login, &password.expose().into()).await;
    checked.map_err(|why| match why {
        PasswordError::Wrong | PasswordError::Length => wrong_password(),
        PasswordError::Busy => ApiError::unavailable("too many passwords are being checked"),
        PasswordError::Failed => ApiError::internal(),
    })?;
    let user = user.ok_or_else(wrong_password)?;
    Ok(Asker { user, method: TokenMethod::Password, only: None, ends_by: None })
}

fn by_token<'s>(call: &Call, view: &'s State, sent: Option<Secret>) -> Result<Asker<'s>, Fault> {
    let in_header = only(&call.parts.headers, &AUTH_TOKEN, "X-Auth-Token")?;
    let in_header = in_header.and_then(|value| value.to_str().ok()).map(Secret::new);
    let text = sent.or(in_header).ok_or_else(|| ApiError::unauthenticated("x-auth-token not found"))?;
    let now = call.app.clock.now();
    let good = call.app.auth.verify_token(view, text.expose(), now).map_err(|why| refused(&why))?;
    let only = match good.principal.via() {
        Via::Token { project, .. } => project.clone(),
        Via::Key(_) => None,
    };
    let user = view.user(good.principal.user()).ok_or(Refusal::Internal)?;
    Ok(Asker { user, method: TokenMethod::Token, only, ends_by: Some(good.expires_at) })
}

fn wrong_password() -> ApiError {
    ApiError::new(ErrorCode::Unauthenticated, "The username or password is wrong.")
}

fn refused(why: &TokenError) -> ApiError {
    match why {
        TokenError::Bad | TokenError::Expired(_) => ApiError::unauthenticated(&why.to_string()),
        TokenError::NoKey => ApiError::internal(),
    }
}

fn find_user<'s>(view: &'s State, named: &UserRef) -> Option<&'s User> {
    match named {
        UserRef::Id(id) => view.user(&id.parse().ok()?),
        UserRef::Name { name, domain: NameOrId::Id(id) } => view.user_named(&id.parse().ok()?, name),
        UserRef::Name { name, domain: NameOrId::Name(domain) } => view.user_named(&view.domain_named(domain)?.id, name),
    }
}

/// What was typed for a user who does not exist: what the waiting time of wrong passwords counts by. A domain counts as
/// one under its name and its id, as it does for users who exist: else waiting times would tell who does.
fn typed(view: &State, named: &UserRef) -> String {
    match named {
        UserRef::Id(id) => id.clone(),
        UserRef::Name { name, domain: NameOrId::Id(id) } => format!("{id}/{name}"),
        UserRef::Name { name, domain: NameOrId::Name(domain) } => match view.domain_named(domain) {
            Some(known) => format!("{}/{name}", known.id),
            None => format!("\n{domain}/{name}"),
        },
    }
}

/// The project that the token is asked for; none = the asker's domain.
fn project_of<'s>(view: &'s State, asker: &Asker<'_>, scope: &TokenScope) -> Result<Option<&'s Project>, Fault> {
    let own_domain = view.domain(&asker.user.domain).ok_or(Refusal::Internal)?;
    let is_own = |named: &NameOrId| match named {
        NameOrId::Id(id) => own_domain.id.as_str() == id,
        NameOrId::Name(name) => *own_domain.name == **name,
    };
    let forbidden =
        |what: &str| ApiError::new(ErrorCode::Forbidden, format!("You have no permission for this {what}."));
    match scope {
        TokenScope::Unscoped => Ok(None),
        TokenScope::Domain(domain) if is_own(domain) => Ok(None),
        TokenScope::Domain(_) => Err(forbidden("domain").into()),
        TokenScope::Project { project: named, domain } => {
            let caller = view.principal_of_token(&asker.user.id, asker.user.generation, None);
            let caller = caller.ok_or_else(wrong_password)?;
            let found = view.projects_of(&caller).find(|project| match named {
                NameOrId::Id(id) => project.id.as_str() == id,
                NameOrId::Name(name) => *project.name == **name,
            });
            let allowed = |project: &&Project| asker.only.as_ref().is_none_or(|only| *only == project.id);
            let in_domain = domain.as_ref().is_none_or(is_own);
            found.filter(allowed).filter(|_| in_domain).map(Some).ok_or_else(|| forbidden("project").into())
        }
    }
}

#[cfg(test)]
#[path = "keystone_create_user_token_tests.rs"]
mod tests;
