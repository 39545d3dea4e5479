use std::time::Duration;

use http::Method;
use linkspan_engine::{Access, Refusal};
use linkspan_model::{ConnectivityTest, QueueName};
use linkspan_wire::responses::connectivity_test::{self, Reachability};

use super::preset_queue::queue_named;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// What a connectivity test has found (dli_02_0285). Clients take the first answer as the result, so it waits for one,
/// a while; only then it says `TESTING`.
pub(super) const OPERATION: Operation = Operation {
    name: "ShowConnectivityTask",
    method: Method::GET,
    path: "/v1.0/{project_id}/queues/{queue_name}/connection-test/{task_id}",
    document: "dli_02_0285",
    action: "dli:queue:getConnection",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let queue = queue_named(&view, call.scope()?, call.param("queue_name"))?.name.clone();
    drop(view);
    let task_id = task_number(call.param("task_id"));
    let unknown = || unknown(&queue, task_id);
    let task_id = task_id.ok_or_else(unknown)?;
    // What is asked about must be there before it is waited for.
    found(&call, &queue, task_id)?.ok_or_else(unknown)?;
    ended(&call, task_id).await?;
    let test = found(&call, &queue, task_id)?.ok_or_else(unknown)?;
    let (reachability, reason) = match &test.result {
        None => (Reachability::Testing, ""),
        Some(result) if result.reachable => (Reachability::Reachable, ""),
        Some(result) => (Reachability::Unreachable, &*result.reason),
    };
    let number = u64::try_from(task_id).map_err(|_| Refusal::Internal)?;
    Ok(Answer::json(200, connectivity_test::show(number, reachability, reason)))
}

/// The test as it is now, if it is one of this queue.
fn found(call: &Call, queue: &QueueName, task_id: i64) -> Result<Option<ConnectivityTest>, Fault> {
    let view = call.view();
    let test = view.project(call.scope()?).connectivity_test(task_id).filter(|test| test.queue == *queue);
    Ok(test.cloned())
}

/// Waits, a while, for the test to have a result or to be gone.
async fn ended(call: &Call, task_id: i64) -> Result<(), Fault> {
    let (engine, scope) = (&call.app.engine, call.scope()?);
    let mut revisions = engine.revisions();
    let ended = revisions.wait_for(|_| {
        let view = engine.view();
        view.project(scope).connectivity_test(task_id).is_none_or(|test| test.result.is_some())
    });
    let _late = tokio::time::timeout(Duration::from_millis(call.app.settings.test_wait_ms), ended).await;
    Ok(())
}

/// The number of a task: digits and nothing else.
fn task_number(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn unknown(queue: &QueueName, task_id: Option<i64>) -> Refusal {
    Refusal::Unknown(match task_id {
        Some(task_id) => {
            format!("There is no connectivity test {task_id} of queue {queue}; tests are kept for 24 hours.")
        }
        None => format!("There is no such connectivity test of queue {queue}: task_id is a number."),
    })
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const SHOW: &str = "ShowConnectivityTask";

    async fn task(stage: &Stage, queue: &str) -> String {
        let answer = stage.on(queue).ok("CreateConnectivityTask", r#"{"address":"10.0.0.1:80"}"#).await;
        answer.json()["task_id"].to_string()
    }

    #[tokio::test]
    async fn without_a_plane_it_goes_on_testing() {
        let stage = Stage::open().await;
        stage.sources().await;
        let task = task(&stage, "q1").await;
        let shown = stage.on(&format!("Q1/{task}")).ok(SHOW, "").await.json();
        assert_eq!((&shown["connectivity"], &shown["reason"]), (&"TESTING".into(), &"".into()));
        assert_eq!(shown["message"], format!("Get node connectivity status successfully for addressId:{task}"));
    }

    #[tokio::test]
    async fn a_task_is_known_under_its_own_queue_in_its_own_project() {
        let stage = Stage::open().await;
        stage.sources().await;
        let task = task(&stage, "q1").await;
        for (target, text) in [
            (format!("q_shared/{task}"), format!("no connectivity test {task} of queue q_shared")),
            ("q1/1".to_owned(), "no connectivity test 1 of queue q1".to_owned()),
            ("q1/x".to_owned(), "task_id is a number".to_owned()),
            ("q1/+1".to_owned(), "task_id is a number".to_owned()),
            (format!("q1/{}", "9".repeat(40)), "task_id is a number".to_owned()),
            (format!("nope/{task}"), "There is no queue named nope".to_owned()),
        ] {
            let (status, code, message) = stage.on(&target).refused(SHOW, "").await;
            assert_eq!((status, code.as_str()), (400, "DLI.0002"), "{target}");
            assert!(message.contains(&text), "{target}: {message}");
        }
        let home = stage.at_strangers_home();
        home.ok("CreateQueue", r#"{"queue_name":"q1","cu_count":16}"#).await;
        assert_eq!(home.on(&format!("q1/{task}")).refused(SHOW, "").await.1, "DLI.0002");
    }
}
