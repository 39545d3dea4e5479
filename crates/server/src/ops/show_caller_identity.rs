use http::Method;
use linkspan_wire::responses::identity;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Whose the credential is: where an SDK looks for its domain id last.
pub(super) const OPERATION: Operation = Operation {
    name: "ShowCallerIdentity",
    method: Method::GET,
    path: "/v5/caller-identity",
    document: "GetCallerIdentity",
    action: "sts::getCallerIdentity",
    auth: Auth::Principal,
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let caller = call.principal()?;
    Ok(Answer::json(200, identity::caller_identity(caller.domain(), caller.user(), caller.user_name())))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    #[tokio::test]
    async fn it_names_domain_and_user() {
        let stage = Stage::open().await;
        let text = r#"{"account_id":"d0","principal_urn":"iam::d0:user:alice","principal_id":"u0"}"#;
        assert_eq!(stage.get("ShowCallerIdentity", "").await.text(), text);
    }
}
