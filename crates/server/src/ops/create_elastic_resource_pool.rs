use http::Method;
use linkspan_engine::command::NewPool;
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::CreatePool;
use linkspan_wire::responses::pool;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Makes an elastic resource pool (dli_02_0326).
pub(super) const OPERATION: Operation = Operation {
    name: "CreateElasticResourcePool",
    method: Method::POST,
    path: "/v3/{project_id}/elastic-resource-pools",
    document: "dli_02_0326",
    action: "dli:elasticresourcepool:create",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let new = new_pool(CreatePool::from_body(&call.body)?);
    let Reply::Pool(made) = call.submit(Command::CreatePool(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(200, pool::created(&made.name)))
}

/// What the engine is asked for.
pub(super) fn new_pool(asked: CreatePool) -> NewPool {
    NewPool {
        name: asked.elastic_resource_pool_name,
        description: asked.description,
        max_cu: asked.max_cu,
        min_cu: asked.min_cu,
        cidr: asked.cidr_in_vpc,
        enterprise_project_id: asked.enterprise_project_id,
        ipv6: asked.ipv6_enable,
        labels: asked.label,
        tags: asked.tags,
    }
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const CREATE: &str = "CreateElasticResourcePool";

    #[tokio::test]
    async fn names_are_folded_and_answered_with_200() {
        let stage = Stage::open().await;
        let body = r#"{"elastic_resource_pool_name":"Pool_A","max_cu":64,"min_cu":16}"#;
        let answer = stage.call(CREATE, body).await;
        let text = r#"{"is_success":true,"message":"","elastic_resource_pool_name":"pool_a"}"#;
        assert_eq!((answer.status, answer.text().as_str()), (200, text));
    }

    #[tokio::test]
    async fn two_without_a_network_of_their_own_never_share_one() {
        let stage = Stage::open().await;
        for name in ["a", "b"] {
            let body = format!(r#"{{"elastic_resource_pool_name":"{name}","max_cu":64,"min_cu":64}}"#);
            stage.ok(CREATE, &body).await;
        }
        let list = stage.get("ListElasticResourcePools", "").await.json();
        let cidrs = |field: &str| {
            let pools = list["elastic_resource_pools"].as_array().unwrap();
            pools.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(cidrs("cidr_in_vpc"), ["172.16.0.0/12", "172.16.0.0/12"]);
        assert_eq!(cidrs("cidr_in_subnet"), ["172.16.0.0/18", "172.16.64.0/18"]);
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.sources().await;
        let before = stage.revision();
        let with = |members: &str| format!(r#"{{"elastic_resource_pool_name":"p",{members}}}"#);
        for (body, code, text) in [
            (
                r#"{"elastic_resource_pool_name":"POOL_1","max_cu":64,"min_cu":64}"#.to_owned(),
                "DLI.0006",
                "named pool_1 exists already",
            ),
            (with(r#""min_cu":64"#), "DLI.0001", "max_cu is required"),
            (with(r#""max_cu":64,"min_cu":17"#), "DLI.0001", "must be a multiple of 16"),
            (with(r#""max_cu":16,"min_cu":64"#), "DLI.0001", "min_cu must be at most max_cu"),
            (with(r#""max_cu":64,"min_cu":64,"cidr_in_vpc":"x""#), "DLI.0001", "cidr_in_vpc: must be a CIDR"),
        ] {
            let (status, found, message) = stage.refused(CREATE, &body).await;
            assert_eq!((status, found.as_str()), (400, code), "{body}");
            assert!(message.contains(text), "{body}: {message}");
        }
        assert_eq!(stage.revision(), before);
    }
}
