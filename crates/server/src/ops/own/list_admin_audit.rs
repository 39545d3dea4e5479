use http::Method;
use linkspan_wire::own::{self, AuditQuery};

use super::audit_page::{before, page, unread};
use super::{ADMIN_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// What administrators changed, newest first.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListAdminAudit", "/linkspan/v1/admin/audit"), Method::GET, ADMIN_READ, |call| Box::pin(run(call)));

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = AuditQuery::parse(call.query())?;
    let view = call.view();
    let rows = call.app.engine.admin_audit(call.admin()?, before(&query), query.limit).await.map_err(unread)?;
    Ok(revised(Answer::json(200, own::write(&page(&rows, query.limit))), &view))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn secrets_are_no_part_of_it() {
        let stage = Stage::open().await;
        let key = stage.ok("CreateAccessKey", "{}").await.json();
        stage.ok("CreateUser", r#"{"name":"bob","password":"pass word"}"#).await;
        let page = stage.get("ListAdminAudit", "limit=2").await;
        let text = page.text();
        assert!(text.contains("createAccessKey") && text.contains("createUser"), "{text}");
        assert!(!text.contains("pass word") && !text.contains(key["secret"].as_str().unwrap()), "{text}");
        assert_eq!(page.json()["events"][0]["user_name"], "alice");
    }
}
