use http::Method;
use linkspan_engine::command::AdminCommand;
use linkspan_engine::{Refusal, Reply};
use linkspan_wire::own::{self, CreateDomain, DomainInfo};

use super::{ADMIN_WRITE, operation, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Makes a domain.
pub(in crate::ops) const OPERATION: Operation =
    operation(("CreateDomain", "/linkspan/v1/admin/domains"), Method::POST, ADMIN_WRITE, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateDomain { name } = own::read(&call.body)?;
    let Reply::Domain(id) = submit(&call, AdminCommand::CreateDomain(name)).await? else {
        return Err(Refusal::Internal.into());
    };
    let view = call.view();
    let made = view.domain(&id).ok_or(Refusal::Internal)?;
    Ok(Answer::json(201, own::write(&DomainInfo::from(made))))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn a_domain_is_made_once_and_listed() {
        let stage = Stage::open().await;
        let made = stage.call("CreateDomain", r#"{"name":"team 一"}"#).await;
        assert_eq!(made.status, 201);
        insta::assert_json_snapshot!(made.json());
        let list = stage.get("ListDomains", "").await;
        assert_eq!(list.header("x-linkspan-revision"), stage.revision().to_string());
        assert!(list.json()["domains"].as_array().unwrap().contains(&made.json()));
        let before = stage.revision();
        for (body, status, code) in [
            (r#"{"name":"team 一"}"#, 409, "conflict"),
            (r#"{"name":" x"}"#, 400, "invalid_input"),
            (r#"{"nmae":"x"}"#, 400, "invalid_input"),
            ("", 400, "invalid_input"),
        ] {
            let refused = stage.refused("CreateDomain", body).await;
            assert_eq!((refused.0, refused.1.as_str()), (status, code), "{body}");
        }
        assert_eq!(stage.revision(), before);
    }
}
