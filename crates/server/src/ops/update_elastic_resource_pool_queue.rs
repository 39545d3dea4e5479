use http::Method;
use linkspan_engine::Access;
use linkspan_engine::command::PoolChange;
use linkspan_wire::{UpdateScalingPolicies, success};

use super::pool_in_path;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Replaces the scaling policies of a queue in a pool (dli_02_0332): kept and shown, since nothing is scaled here.
pub(super) const OPERATION: Operation = Operation {
    name: "UpdateElasticResourcePoolQueue",
    method: Method::PUT,
    path: "/v3/{project_id}/elastic-resource-pools/{elastic_resource_pool_name}/queues/{queue_name}",
    document: "dli_02_0332",
    action: "dli:elasticresourcepool:scale",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let UpdateScalingPolicies { queue_scaling_policies } = UpdateScalingPolicies::from_body(&call.body)?;
    let queue = call.param("queue_name").to_owned();
    pool_in_path::change(&call, PoolChange::SetPolicies(queue, queue_scaling_policies)).await?;
    Ok(Answer::json(200, success::done()))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const UPDATE: &str = "UpdateElasticResourcePoolQueue";
    const DAY: &str =
        r#"{"priority":1,"impact_start_time":"00:00","impact_stop_time":"24:00","min_cu":16,"max_cu":64}"#;
    const NIGHT: &str = r#"{"priority":9,"impact_start_time":"00:00","impact_stop_time":"09:00","min_cu":64,"max_cu":16,"inherit_elastic_resource_pool_max_cu":true}"#;

    fn body(policies: &[&str]) -> String {
        format!(r#"{{"queue_scaling_policies":[{}]}}"#, policies.join(","))
    }

    #[tokio::test]
    async fn policies_are_listed_with_the_queue() {
        let stage = Stage::open().await;
        stage.sources().await;
        let answer = stage.on("Pool_1/Q_pooled").call(UPDATE, &body(&[DAY, NIGHT])).await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":""}"#.into()));
        let list = stage.on("pool_1").get("ListElasticResourcePoolQueues", "").await.json();
        let policies = &list["queues"][0]["queue_scaling_policies"];
        assert_eq!(policies[0]["impact_stop_time"], "24:00");
        assert_eq!(
            (&policies[1]["priority"], &policies[1]["inherit_elastic_resource_pool_max_cu"]),
            (&9.into(), &true.into())
        );
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.sources().await;
        let before = stage.revision();
        let good = body(&[DAY]);
        for (target, body, status, code, text) in [
            ("nope/q_pooled", good.as_str(), 404, "DLI.0002", "There is no elastic resource pool named nope"),
            ("pool_1/nope", &good, 400, "DLI.0002", "There is no queue named nope"),
            ("pool_1/q1", &good, 400, "DLI.0007", "does not live in elastic resource pool pool_1"),
            ("pool_1/default", &good, 400, "DLI.0007", "preset"),
            ("pool_1/q_pooled", &body(&[]), 400, "DLI.0001", "exactly one policy from 00:00 to 24:00"),
            ("pool_1/q_pooled", &body(&[NIGHT]), 400, "DLI.0001", "exactly one policy"),
            ("pool_1/q_pooled", &body(&[DAY, NIGHT, NIGHT]), 400, "DLI.0001", "must not overlap"),
            ("pool_1/q_pooled", "{}", 400, "DLI.0001", "queue_scaling_policies is required"),
        ] {
            let (found_status, found, message) = stage.on(target).refused(UPDATE, body).await;
            assert_eq!((found_status, found.as_str()), (status, code), "{target} {body}");
            assert!(message.contains(text), "{target} {body}: {message}");
        }
        assert_eq!(stage.revision(), before);
    }
}
