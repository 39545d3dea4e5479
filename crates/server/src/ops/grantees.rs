//! Who may do what on a connection that is granted to another project: one table over all operations that are about a
//! connection. A new one without a row fails the test.

use super::OPERATIONS;
use super::stage::{Answered, Stage, operation};
use crate::operation::Auth;

/// What a grantee is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// What the owner would be.
    Allowed,
    /// 403: only the owner may do it.
    OwnersOnly,
}

struct Row {
    operation: &'static str,
    /// What the path names behind the connection.
    behind: &'static str,
    /// `ID` stands for the connection.
    body: &'static str,
    verdict: Verdict,
}

const fn row(operation: &'static str, behind: &'static str, body: &'static str, verdict: Verdict) -> Row {
    Row { operation, behind, body, verdict }
}

const ROWS: &[Row] = &[
    row("ShowEnhancedConnection", "", "", Verdict::Allowed),
    row("ShowConnection", "", "", Verdict::Allowed),
    row("UpdateEnhancedConnection", "", r#"{"hosts":[{"name":"h","ip":"10.0.0.1"}]}"#, Verdict::Allowed),
    row("AssociateQueueToEnhancedConnection", "", r#"{"elastic_resource_pools":["pool_1"]}"#, Verdict::Allowed),
    row("DisassociateQueueFromEnhancedConnection", "", r#"{"queues":["q1"]}"#, Verdict::Allowed),
    row("CreateRouteToEnhancedConnection", "", r#"{"name":"new","cidr":"10.9.0.0/16"}"#, Verdict::Allowed),
    row("DeleteRouteFromEnhancedConnection", "/r", "", Verdict::Allowed),
    row("CreateEnhancedConnectionRoutes", "", r#"{"name":"new","cidr":"10.9.0.0/16"}"#, Verdict::Allowed),
    row("DeleteEnhancedConnectionRoutes", "/r", "", Verdict::Allowed),
    row("ShowEnhancedConnectionPrivilege", "", "", Verdict::Allowed),
    row("DeleteEnhancedConnection", "", "", Verdict::OwnersOnly),
    row("BatchCreateResourceTags", "", r#"{"tags":[{"key":"k"}]}"#, Verdict::OwnersOnly),
    row("BatchDeleteResourceTags", "", r#"{"tags":[{"key":"env"}]}"#, Verdict::OwnersOnly),
    row("ShowResourceTags", "", "", Verdict::OwnersOnly),
    row(
        "RunAuthorizationAction",
        "",
        r#"{"projectId":"p2","action":"grant","privileges":[{"object":"edsconnections.ID","privileges":["BIND_QUEUE"]}]}"#,
        Verdict::OwnersOnly,
    ),
];

impl Row {
    async fn call(&self, stage: &Stage, id: &str) -> Answered {
        // The tag API names the kind of resource in front.
        let is_typed = operation(self.operation).path.contains("{resource_type}");
        let kind = if is_typed { "dli_enhanced_datasource/" } else { "" };
        stage.on(&format!("{kind}{id}{}", self.behind)).call(self.operation, &self.body.replace("ID", id)).await
    }
}

/// Whether an operation acts on one connection, whichever way that is named.
fn is_about_a_connection(operation: &crate::operation::Operation) -> bool {
    ["{connection_id}", "{resource_id}"].iter().any(|name| operation.path.contains(name))
        || operation.name == "RunAuthorizationAction"
}

/// A connection with a route, with the owner's queue bound and with the grantee's of the same name.
async fn granted() -> (Stage, Stage, String) {
    let stage = Stage::open().await;
    let id = stage.full_connection("c").await;
    stage.on(&id).ok("CreateRouteToEnhancedConnection", r#"{"name":"r","cidr":"10.8.0.0/16"}"#).await;
    let home = stage.at_strangers_home();
    home.sources().await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok("AssociateQueueToEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    stage.settle_peers().await;
    (stage, home, id)
}

#[test]
fn every_operation_about_a_connection_has_a_row() {
    for operation in OPERATIONS {
        let rows = ROWS.iter().filter(|row| row.operation == operation.name).count();
        assert_eq!(rows, usize::from(is_about_a_connection(operation)), "rows of {}", operation.name);
    }
}

#[tokio::test]
async fn a_grantee_may_do_what_the_table_says() {
    for row in ROWS {
        let (stage, home, id) = granted().await;
        let before = stage.revision();
        let answer = row.call(&home, &id).await;
        let name = row.operation;
        match row.verdict {
            Verdict::Allowed => assert_eq!(answer.status, 200, "{name} {}", answer.text()),
            Verdict::OwnersOnly => {
                assert_eq!(answer.status, 403, "{name} {}", answer.text());
                assert_eq!(answer.json()["error_code"], "DLI.0003", "{name}");
                assert_eq!(stage.revision(), before, "{name}");
            }
        }
        let (stage, _, id) = granted().await;
        let status = row.call(&stage, &id).await.status;
        assert!((200..300).contains(&status), "{name} is refused to the owner itself: {status}");
    }
}

/// Neither the owner's peers nor the names of its queues nor other grantees come out, whatever a grantee calls.
#[tokio::test]
async fn a_grantee_learns_nothing_about_others() {
    for row in ROWS {
        let (stage, home, id) = granted().await;
        stage.grant(&id, "othergrantee").await;
        let owns: Vec<String> = peers(&stage.show(&id).await);
        let text = row.call(&home, &id).await.text();
        assert_eq!(owns.len(), 2);
        for secret in owns.iter().map(String::as_str).chain(["othergrantee", "alice"]) {
            assert!(!text.contains(secret), "{} tells {secret}: {text}", row.operation);
        }
        let seen = home.get("ListEnhancedConnections", "").await.text() + &home.get("ListAudit", "").await.text();
        assert!(owns.iter().all(|peer| !seen.contains(peer)), "{seen}");
    }
}

fn peers(shown: &serde_json::Value) -> Vec<String> {
    let all = ["available_queue_info", "elastic_resource_pools"].map(|field| shown[field].as_array().unwrap().clone());
    all.concat().iter().map(|peer| peer["peer_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn once_it_is_revoked_the_connection_is_as_unknown_as_one_that_never_was() {
    let never = "2a620c33-5609-40c9-affd-2b6453071b0f";
    let (stage, home, id) = granted().await;
    stage.revoke(&id, home.project().as_str()).await;
    let before = stage.revision();
    for row in ROWS {
        let (known, unknown) = (row.call(&home, &id).await, row.call(&home, never).await);
        assert!(known.status >= 400, "{}", row.operation);
        assert_eq!((known.status, known.text().replace(&id, never)), (unknown.status, unknown.text()));
    }
    assert_eq!(stage.revision(), before);
    assert!(stage.peers_are("Removing", 1), "the grantee's peer goes");
    assert!(stage.peers_are("Active", 2), "the owner's peers stay");
}

#[tokio::test]
async fn a_grantees_key_that_only_reads_only_reads() {
    use linkspan_engine::Access;
    let (stage, home, id) = granted().await;
    let reader = home.by_strangers_reader().await;
    let before = stage.revision();
    for row in ROWS {
        let answer = row.call(&reader, &id).await;
        let reads = matches!(operation(row.operation).auth, Auth::Project(Access::Read));
        let reads = reads && row.verdict == Verdict::Allowed;
        assert_eq!(answer.status, if reads { 200 } else { 403 }, "{} {}", row.operation, answer.text());
    }
    assert_eq!(stage.revision(), before);
}
