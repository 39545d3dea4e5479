use http::Method;
use linkspan_wire::own::{self, FaultRules};

use super::{ADMIN_WRITE, chosen_faults, operation};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::faults;
use crate::operation::Operation;

/// Replaces the faults of the simulated plane, all or nothing. They are not kept: a restart begins without any.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ReplaceFaults", "/linkspan/v1/admin/plane/faults"), Method::PUT, ADMIN_WRITE, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    call.admin()?;
    let rules: FaultRules = own::read(&call.body)?;
    // A wrong rule is refused here, whoever acts for the plane.
    faults::read(rules.clone())?;
    Ok(Answer::json(200, own::write(&chosen_faults(&call, Some(rules)).await?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    const RULES: &str = r#"{"rules":[
        {"matches":{"destination":"n"},"effect":{"latency_ms":5}},
        {"matches":"any","effect":{"fail":{"on":"both","error":"conflict","why":"a route is in the way"}}},
        {"matches":{"queue":{"project_id":"p","name":"q"}},"effect":{"unreachable":"destination_host_down"}},
        {"matches":{"pool":{"project_id":"p","name":"q"}},"effect":{"drift_after":{"after_ms":1,"drift":"link_down"}}},
        {"matches":{"peer":"d2ae6628-fa37-4e04-806d-c59c497492d1"},"effect":"stuck_creating"}]}"#;

    #[tokio::test]
    async fn what_is_set_is_listed_and_replaced_whole() {
        let (stage, _work) = Stage::with_plane().await;
        let set = stage.ok("ReplaceFaults", RULES).await.json();
        assert_eq!(stage.get("ListFaults", "").await.json(), set);
        let mut sent: serde_json::Value = serde_json::from_str(RULES).unwrap();
        sent["rules"][1]["effect"]["fail"]["times"] = u32::MAX.into();
        assert_eq!(set, sent);
        for bad in ["", "{}", r#"{"rules":[{"matches":"any","effect":{"unreachable":"nowhere"}}]}"#] {
            assert_eq!(stage.refused("ReplaceFaults", bad).await.0, 400, "{bad}");
        }
        assert_eq!(stage.get("ListFaults", "").await.json(), set, "all or nothing");
        stage.ok("ReplaceFaults", r#"{"rules":[]}"#).await;
        assert_eq!(stage.get("ListFaults", "").await.text(), r#"{"rules":[]}"#);
    }

    #[tokio::test]
    async fn other_planes_have_none() {
        let stage = Stage::open().await;
        assert_eq!(stage.refused("ReplaceFaults", RULES).await.0, 404);
        assert_eq!(stage.refused("ListFaults", "").await.0, 404);
    }
}
