use http::Method;
use linkspan_wire::responses::identity;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The domain of the caller, as a list: how an SDK finds its domain id.
pub(super) const OPERATION: Operation = Operation {
    name: "KeystoneListAuthDomains",
    method: Method::GET,
    path: "/v3/auth/domains",
    document: "iam_07_0001",
    action: "iam:domains:list",
    auth: Auth::Principal,
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let own = view.domain(call.principal()?.domain());
    Ok(Answer::json(200, identity::domains(own)))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    #[tokio::test]
    async fn each_caller_has_its_own() {
        let stage = Stage::open().await;
        insta::assert_json_snapshot!(stage.get("KeystoneListAuthDomains", "").await.json());
        let strangers = stage.by_stranger().get("KeystoneListAuthDomains", "").await.json();
        assert_eq!(strangers["domains"][0]["name"], "elsewhere");
        assert_eq!(strangers["domains"].as_array().unwrap().len(), 1);
    }
}
