use http::Method;
use linkspan_engine::command::QueueChange;
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::UpdateQueueCidr;
use linkspan_wire::responses::queue;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Gives a queue another network, all of it, unless it is bound or lives in a pool (dli_02_0222).
pub(super) const OPERATION: Operation = Operation {
    name: "UpdateQueueCidr",
    method: Method::PUT,
    path: "/v1.0/{project_id}/queues/{queue_name}",
    document: "dli_02_0222",
    action: "dli:queue:updateQueue",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let UpdateQueueCidr { cidr_in_vpc } = UpdateQueueCidr::from_body(&call.body)?;
    let name = call.param("queue_name").to_owned();
    let change = Command::ChangeQueue(name, QueueChange::Cidr(cidr_in_vpc));
    let Reply::Queue(changed) = call.submit(change).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(200, queue::created(&changed.name)))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const UPDATE: &str = "UpdateQueueCidr";

    #[tokio::test]
    async fn the_list_shows_the_new_network() {
        let stage = Stage::open().await;
        stage.sources().await;
        let answer = stage.on("Q1").call(UPDATE, r#"{"cidr_in_vpc":"10.9.0.5/16"}"#).await;
        assert_eq!(
            (answer.status, answer.text()),
            (200, r#"{"is_success":true,"message":"","queue_name":"q1"}"#.into())
        );
        let queues = stage.get("ListQueues", "").await.json();
        let queue = queues["queues"].as_array().unwrap().iter().find(|row| row["queue_name"] == "q1").unwrap();
        let cidrs = [&queue["cidr_in_vpc"], &queue["cidr_in_subnet"]];
        assert_eq!(cidrs, ["10.9.0.0/16"; 2], "it has all of it");
    }

    #[tokio::test]
    async fn a_bound_queue_keeps_its_network() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let body = r#"{"cidr_in_vpc":"10.9.0.0/16"}"#;
        let (status, code, text) = stage.on("q1").refused(UPDATE, body).await;
        assert_eq!((status, code.as_str()), (400, "DLI.0007"));
        assert!(text.contains("bound to connection c"), "{text}");
        stage.on(&id).ok("DisassociateQueueFromEnhancedConnection", r#"{"queues":["q1"]}"#).await;
        stage.on("q1").ok(UPDATE, body).await;
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.sources().await;
        let before = stage.revision();
        for (queue, cidr, code, text) in [
            ("nope", "10.0.0.0/16", "DLI.0002", "There is no queue named nope"),
            ("default", "10.0.0.0/16", "DLI.0007", "preset"),
            ("q_pooled", "10.0.0.0/16", "DLI.0007", "the pool's network, which is fixed"),
            ("q1", "10.0.0.0/4", "DLI.0001", "a prefix of /8 to /28"),
            ("q1", "10.0.0.0/33", "DLI.0001", "cidr_in_vpc: must be a CIDR"),
            ("q1", "2001:db8::/32", "DLI.0001", "must be an IPv4 CIDR"),
        ] {
            let (status, found, message) =
                stage.on(queue).refused(UPDATE, &format!(r#"{{"cidr_in_vpc":"{cidr}"}}"#)).await;
            assert_eq!((status, found.as_str()), (400, code), "{queue} {cidr}");
            assert!(message.contains(text), "{queue} {cidr}: {message}");
        }
        assert_eq!(stage.on("q1").refused(UPDATE, "{}").await.1, "DLI.0001");
        assert_eq!(stage.revision(), before);
    }
}
