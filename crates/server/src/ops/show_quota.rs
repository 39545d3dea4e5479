use std::sync::Arc;

use http::Method;
use linkspan_engine::{Access, Refusal, Rules, Usage};
use linkspan_model::Hosts;
use linkspan_wire::responses::quota::{self, Quota};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// What a project may have and has (dli_02_0503). The cloud has no quota for connections; Linkspan tells every limit
/// that it keeps to, and -1 where it keeps to none.
pub(super) const OPERATION: Operation = Operation {
    name: "ShowQuota",
    method: Method::GET,
    path: "/v3/{project_id}/quotas",
    document: "dli_02_0503",
    action: "dli::getQuota",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

/// A project with more connections is counted off the workers that answer calls.
const COUNT_INLINE_ROWS: usize = 100_000;

async fn run(call: Call) -> Result<Answer, Fault> {
    let usage = usage(&call, COUNT_INLINE_ROWS).await?;
    Ok(Answer::json(200, quota::show(&quotas(&usage, call.app.engine.rules()))))
}

async fn usage(call: &Call, inline_rows: usize) -> Result<Usage, Fault> {
    let (view, scope) = (call.view(), call.scope()?);
    if view.project(scope).row_count() <= inline_rows {
        return Ok(view.project(scope).usage());
    }
    let (view, scope) = (Arc::clone(&view), scope.clone());
    let counted = tokio::task::spawn_blocking(move || view.project(&scope).usage());
    Ok(counted.await.map_err(|_| Refusal::Internal)?)
}

/// The quotas in a fixed order; what is counted per connection is told of the connection that has most.
fn quotas(usage: &Usage, rules: &Rules) -> [Quota<'static>; 10] {
    let fullest = &usage.fullest;
    [
        unlimited("CU", usage.cus),
        unlimited("QUEUE", usage.queues as u64),
        unlimited("ELASTIC_RESOURCE_POOL", usage.pools as u64),
        unlimited("ENHANCED_CONNECTION", usage.connections as u64),
        limited("PEERS_PER_ENHANCED_CONNECTION", rules.peers_per_connection, fullest.peers),
        limited("HOSTS_PER_ENHANCED_CONNECTION", Hosts::MOST, fullest.hosts),
        limited("ROUTES_PER_ENHANCED_CONNECTION", rules.routes_per_connection, fullest.routes),
        limited("GRANTEES_PER_ENHANCED_CONNECTION", rules.grantees_per_connection, fullest.grantees),
        limited("HOST_RECORD_BYTES", rules.host_bytes_per_project, usage.host_bytes),
        limited("CONNECTIVITY_TEST", rules.tests_per_project, usage.tests),
    ]
}

fn limited(r#type: &'static str, most: usize, used: usize) -> Quota<'static> {
    let most = signed(most as u64);
    Quota { r#type, min: 0, max: most, quota: most, used: signed(used as u64) }
}

/// Nothing limits it but memory.
fn unlimited(r#type: &'static str, used: u64) -> Quota<'static> {
    Quota { r#type, min: 0, max: -1, quota: -1, used: signed(used) }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;

    const SHOW: &str = "ShowQuota";

    /// Quota and use of each type, as `CU -1 16`.
    async fn quotas(stage: &Stage) -> Vec<String> {
        let shown = stage.get(SHOW, "").await.json();
        let rows = shown["quotas"]["resources"].as_array().unwrap();
        rows.iter().map(|row| format!("{} {} {}", row["type"].as_str().unwrap(), row["quota"], row["used"])).collect()
    }

    #[tokio::test]
    async fn every_limit_is_told_with_what_is_used_of_it() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        stage.connection("other").await;
        stage.on("q1").ok("CreateConnectivityTask", r#"{"address":"10.0.0.1:80"}"#).await;
        stage.on(&id).ok("CreateRouteToEnhancedConnection", r#"{"name":"r","cidr":"10.9.0.0/16"}"#).await;
        let told = quotas(&stage).await;
        for expected in [
            "CU -1 96",
            "QUEUE -1 3",
            "ELASTIC_RESOURCE_POOL -1 1",
            "ENHANCED_CONNECTION -1 2",
            "PEERS_PER_ENHANCED_CONNECTION 200 2",
            "HOSTS_PER_ENHANCED_CONNECTION 20000 2",
            "ROUTES_PER_ENHANCED_CONNECTION 200 1",
            "GRANTEES_PER_ENHANCED_CONNECTION 20 0",
            "CONNECTIVITY_TEST 100 1",
        ] {
            assert!(told.contains(&expected.to_owned()), "{expected} is not in {told:#?}");
        }
        let bytes = told.iter().find(|row| row.starts_with("HOST_RECORD_BYTES 67108864 ")).unwrap();
        assert!(!bytes.ends_with(" 0"), "{bytes}");
    }

    #[tokio::test]
    async fn what_is_deleted_or_anothers_does_not_count() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        stage.settle_peers().await;
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
        let told = quotas(&stage).await;
        for expected in ["ENHANCED_CONNECTION -1 0", "PEERS_PER_ENHANCED_CONNECTION 200 0"] {
            assert!(told.contains(&expected.to_owned()), "{expected} is not in {told:#?}");
        }
        assert!(quotas(&stage.at_strangers_home()).await.iter().all(|row| row.ends_with(" 0")));
    }

    #[tokio::test]
    async fn the_envelope() {
        let stage = Stage::open().await;
        insta::assert_snapshot!(stage.get(SHOW, "").await.text());
    }
}
