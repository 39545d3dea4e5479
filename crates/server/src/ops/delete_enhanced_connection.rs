use std::time::Duration;

use http::Method;
use linkspan_engine::{Access, Command, Reply};
use linkspan_model::ConnectionId;
use linkspan_wire::{ApiError, ErrorCode, success};
use tokio::time::Instant;

use super::connection_id;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Deletes a connection; peers that are being created are called off first (dli_02_0188).
pub(super) const OPERATION: Operation = Operation {
    name: "DeleteEnhancedConnection",
    method: Method::DELETE,
    path: "/v2.0/{project_id}/datasource/enhanced-connections/{connection_id}",
    document: "dli_02_0188",
    action: "dli:edsconnection:delete",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = connection_id(&call)?;
    let deadline = Instant::now() + Duration::from_millis(call.app.settings.delete_wait_ms);
    loop {
        let Reply::Cancelling(source) = call.submit(Command::DeleteConnection(id)).await? else {
            return Ok(Answer::json(200, success::deleted()));
        };
        // Whoever goes on binding meanwhile can't hold the call for longer.
        if Instant::now() >= deadline || !settled(&call, id, deadline).await? {
            let text = format!(
                "Connection {id} can't be deleted while {source} is being bound to it: its creation is called off, try again in a moment."
            );
            return Err(ApiError::new(ErrorCode::NotSupported, text).into());
        }
    }
}

/// Waits until no peer of the connection is being created any more; false once the deadline has passed.
async fn settled(call: &Call, id: ConnectionId, deadline: Instant) -> Result<bool, Fault> {
    let (engine, scope) = (&call.app.engine, call.scope()?);
    let mut revisions = engine.revisions();
    let settled = revisions.wait_for(|_| !engine.view().project(scope).has_unsettled_peer(id));
    Ok(matches!(tokio::time::timeout_at(deadline, settled).await, Ok(Ok(_))))
}

#[cfg(test)]
mod tests {
    use linkspan_engine::command::PeerOutcome;

    use super::super::stage::Stage;

    const DELETE: &str = "DeleteEnhancedConnection";

    #[tokio::test]
    async fn the_second_delete_finds_nothing() {
        let stage = Stage::open().await;
        let id = stage.connection("c").await;
        let answer = stage.on(&id).call(DELETE, "").await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":"Deleted"}"#.into()));
        let again = stage.on(&id).refused(DELETE, "").await;
        assert_eq!(again, (400, "DLI.0001".into(), format!("Connection {id} does not exist.")));
        let malformed = stage.on("x").refused(DELETE, "").await;
        assert_eq!(malformed, (400, "DLI.0001".into(), "Connection x does not exist.".into()));
    }

    #[tokio::test]
    async fn it_waits_for_peers_that_are_being_created() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let (target, caller) = (stage.on(&id), stage.clone());
        let call = tokio::spawn(async move { target.call(DELETE, "").await });
        caller.until("the creation is called off", |stage| stage.peers_are("Cancelled", 2)).await;
        stage.go_on().await;
        assert!(!call.is_finished());
        stage.report_peers(|_| PeerOutcome::Removed).await;
        assert_eq!(call.await.unwrap().status, 200);
        assert_eq!(stage.show(&id).await["status"], "DELETED");
    }

    #[tokio::test]
    async fn at_the_deadline_it_names_the_peer() {
        let stage = Stage::with(|settings| settings.delete_wait_ms = 20).await;
        let id = stage.full_connection("c").await;
        let (status, code, text) = stage.on(&id).refused(DELETE, "").await;
        assert_eq!((status, code.as_str()), (400, "DLI.0007"));
        assert!(text.contains("queue q1"), "{text}");
        assert_eq!(stage.show(&id).await["status"], "ACTIVE");
    }
}
