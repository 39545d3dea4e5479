use http::Method;
use linkspan_engine::{Access, Need};
use linkspan_wire::query::ListIdentitiesQuery;
use linkspan_wire::responses::identity;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The users of the caller's domain, for an administrator; the caller alone, for others. Terraform looks its own user
/// up by name.
pub(super) const OPERATION: Operation = Operation {
    name: "KeystoneListUsers",
    method: Method::GET,
    path: "/v3/users",
    document: "iam_08_0001",
    action: "iam:users:listUsers",
    auth: Auth::Principal,
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListIdentitiesQuery::parse(call.query())?;
    let caller = call.principal()?;
    let view = call.view();
    let admin = view
        .admin_scope(caller, Need::new(Access::Read, OPERATION.action))
        .ok()
        .map(|scope| view.administration(&scope));
    let colleagues = admin.iter().flat_map(|admin| admin.users());
    let own = view.user(caller.user()).filter(|_| admin.is_none());
    let users = colleagues.chain(own).filter(|user| user.domain == *caller.domain());
    let wanted = |filter: &Option<String>, value: &str| filter.as_ref().is_none_or(|filter| filter == value);
    let users = users.filter(|user| {
        wanted(&query.name, &user.name)
            && wanted(&query.domain_id, user.domain.as_str())
            && query.enabled.is_none_or(|enabled| enabled == user.enabled)
    });
    Ok(Answer::json(200, identity::users(query.paged(users))))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    async fn names(stage: &Stage, query: &str) -> Vec<String> {
        let list = stage.get("KeystoneListUsers", query).await.json();
        let users = list["users"].as_array().unwrap();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn an_administrator_sees_its_domain_and_others_themselves() {
        let stage = Stage::open().await;
        stage.ok("CreateUser", r#"{"name":"bob"}"#).await;
        assert_eq!(names(&stage, "name=bob").await, ["bob"]);
        assert_eq!(names(&stage, "").await.len(), 2);
        assert_eq!(names(&stage, "domain_id=d0&enabled=true&page=2&per_page=1").await.len(), 1);
        for nothing in ["domain_id=d9", "enabled=false", "page=3&per_page=1"] {
            assert_eq!(names(&stage, nothing).await, [""; 0], "{nothing}");
        }
        let domain = stage.by_stranger().get("KeystoneListAuthDomains", "").await.json();
        let domain = domain["domains"][0]["id"].as_str().unwrap();
        stage.ok("CreateUser", &format!(r#"{{"name":"trudy","domain_id":"{domain}"}}"#)).await;
        assert_eq!(names(&stage.by_stranger(), "").await, ["mallory"]);
        assert_eq!(names(&stage.by_stranger(), "name=trudy").await, [""; 0]);
    }
}
