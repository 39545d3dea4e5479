use http::Method;
use linkspan_engine::command::NewTest;
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_model::TestTarget;
use linkspan_wire::CreateConnectivityTest;
use linkspan_wire::responses::connectivity_test;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Begins to try whether a queue reaches an address (dli_02_0284); `is_success` says that it was begun.
pub(super) const OPERATION: Operation = Operation {
    name: "CreateConnectivityTask",
    method: Method::POST,
    path: "/v1.0/{project_id}/queues/{queue_name}/connection-test",
    document: "dli_02_0284",
    action: "dli:queue:checkConnection",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateConnectivityTest { address } = CreateConnectivityTest::from_body(&call.body)?;
    let target = TestTarget { host: address.host.to_string().into(), port: address.port };
    let new = NewTest { queue: call.param("queue_name").to_owned(), target };
    let Reply::Test(test) = call.submit(Command::TestConnectivity(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    let task_id = u64::try_from(test.number()).map_err(|_| Refusal::Internal)?;
    Ok(Answer::json(200, connectivity_test::created(&address, task_id)))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const CREATE: &str = "CreateConnectivityTask";

    #[tokio::test]
    async fn the_task_is_a_number_that_a_float_can_hold() {
        let stage = Stage::open().await;
        stage.sources().await;
        let answer = stage.on("Q1").call(CREATE, r#"{"address":"iam.example.com:443"}"#).await;
        assert_eq!(answer.status, 200);
        let json = answer.json();
        assert!((1..1 << 53).contains(&json["task_id"].as_i64().unwrap()), "{json}");
        let text = "check connectivity to address:iam.example.com with port: 443 successfully";
        assert_eq!((json["is_success"].as_bool(), json["message"].as_str()), (Some(true), Some(text)));
        let other = stage.on("default").ok(CREATE, r#"{"address":"[2001:db8::1]:443"}"#).await.json();
        assert_ne!(other["task_id"], json["task_id"]);
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.sources().await;
        let before = stage.revision();
        for (queue, body, code, text) in [
            ("nope", r#"{"address":"10.0.0.1:80"}"#, "DLI.0002", "There is no queue named nope"),
            ("q1", r#"{"address":"10.0.0.1"}"#, "DLI.0001", "address must be host:port"),
            ("q1", r#"{"address":"10.0.0.1:99999"}"#, "DLI.0001", "address must be host:port"),
            ("q1", r#"{"address":"http://h:80"}"#, "DLI.0001", "address must be host:port"),
            ("q1", r#"{"address":80}"#, "DLI.0001", "address must be a text"),
            ("q1", "", "DLI.0001", "address is required"),
        ] {
            let (status, found, message) = stage.on(queue).refused(CREATE, body).await;
            assert_eq!((status, found.as_str()), (400, code), "{queue} {body}");
            assert!(message.contains(text), "{queue} {body}: {message}");
        }
        assert_eq!(stage.revision(), before);
    }
}
