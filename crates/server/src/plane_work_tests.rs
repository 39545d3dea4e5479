use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::RandomIds;
use linkspan_plane::SimulatedPlane;
use serde_json::json;

use super::{NoTurn, Part, PlaneWork};
use crate::ops::stage::{Answered, Stage};

const BIND: &str = "AssociateQueueToEnhancedConnection";
const UNBIND: &str = "DisassociateQueueFromEnhancedConnection";
const DELETE: &str = "DeleteEnhancedConnection";
const FAULTS: &str = "ReplaceFaults";

fn statuses(shown: &serde_json::Value) -> Vec<String> {
    let peers =
        ["available_queue_info", "elastic_resource_pools"].map(|field| shown[field].as_array().unwrap().clone());
    peers.concat().iter().map(|peer| peer["status"].as_str().unwrap().to_owned()).collect()
}

/// Waits until all peers of a connection have this status.
async fn until_peers(stage: &Stage, id: &str, status: &str) {
    let mut revisions = stage.app.engine.revisions();
    let wait = async {
        loop {
            revisions.borrow_and_update();
            if statuses(&stage.show(id).await).iter().all(|found| found == status) {
                return;
            }
            revisions.changed().await.unwrap();
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok(),
        "not {status}: {}",
        stage.show(id).await
    );
}

#[tokio::test]
async fn peers_become_active_and_are_cut_before_unbind_answers() {
    let (stage, work) = Stage::with_plane().await;
    let plane = stage.app.plane.simulated().unwrap();
    let id = stage.full_connection("c").await;
    until_peers(&stage, &id, "ACTIVE").await;
    assert_eq!(plane.peer_count(), 2);
    stage.on(&id).ok(UNBIND, r#"{"queues":["q1"]}"#).await;
    assert_eq!(plane.peer_count(), 1, "cut when the answer was sent");
    assert!(stage.peers_are("Removing", 0));
    stage.on(&id).ok(BIND, r#"{"queues":["q1"]}"#).await;
    until_peers(&stage, &id, "ACTIVE").await;
    stage.on(&id).ok(DELETE, "").await;
    stage.until("nothing is left", |stage| stage.peers_are("Removing", 0)).await;
    assert_eq!(plane.peer_count(), 0);
    work.stop().await;
}

#[tokio::test]
async fn a_delete_calls_off_what_would_never_be_ready() {
    let (stage, work) = Stage::with_plane().await;
    stage.ok(FAULTS, r#"{"rules":[{"matches":"any","effect":"stuck_creating"}]}"#).await;
    let id = stage.full_connection("c").await;
    let answer: Answered = stage.on(&id).call(DELETE, "").await;
    assert_eq!((answer.status, answer.text()), (200, r#"{"is_success":true,"message":"Deleted"}"#.into()));
    assert_eq!(stage.show(&id).await["status"], "DELETED");
    work.stop().await;
}

#[tokio::test]
async fn a_conflict_is_told_and_mended_by_the_next_try() {
    let (stage, work) = Stage::with_plane().await;
    let rule =
        r#"{"rules":[{"matches":"any","effect":{"fail":{"on":"ensure","error":"denied","why":"no permission"}}}]}"#;
    stage.ok(FAULTS, rule).await;
    let id = stage.full_connection("c").await;
    until_peers(&stage, &id, "FAILED").await;
    assert_eq!(stage.show(&id).await["available_queue_info"][0]["err_msg"], "no permission");
    let detail = stage.on(&id).ok("ShowConnection", "").await.json();
    assert_eq!(detail["peers"][0]["progress"]["why"], "no permission");
    stage.ok(FAULTS, r#"{"rules":[]}"#).await;
    until_peers(&stage, &id, "ACTIVE").await;
    work.stop().await;
}

#[tokio::test]
async fn what_is_being_created_says_what_it_waits_for() {
    let (stage, work) = Stage::with_plane().await;
    let rule =
        r#"{"rules":[{"matches":"any","effect":{"fail":{"on":"ensure","error":"retry","why":"the router is busy"}}}]}"#;
    stage.ok(FAULTS, rule).await;
    let id = stage.full_connection("c").await;
    let reconciler = stage.app.plane.acting().unwrap().reconciler.clone();
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while reconciler.stats().in_trouble < 2 {
            tokio::task::yield_now().await;
        }
    });
    waited.await.unwrap();
    let detail = stage.on(&id).ok("ShowConnection", "").await.json();
    assert_eq!(detail["peers"][0]["status"], "CREATING");
    assert_eq!(detail["peers"][0]["progress"]["why"], "the router is busy");
    assert_eq!(stage.show(&id).await["available_queue_info"][0]["err_msg"], "", "only Linkspan's own API tells it");
    work.stop().await;
}

#[tokio::test]
async fn overlapping_networks_fail_with_both_cidrs() {
    let (stage, work) = Stage::with_plane().await;
    stage.sources().await;
    stage.ok("CreateVpc", r#"{"id":"vpc-1"}"#).await;
    stage.ok("CreateSubnet", r#"{"id":"net-1","vpc_id":"vpc-1","cidr":"172.31.255.0/25"}"#).await;
    let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"net-1","queues":["q1"]}"#;
    let made = stage.ok("CreateEnhancedConnection", body).await.json();
    let id = made["connection_id"].as_str().unwrap();
    until_peers(&stage, id, "FAILED").await;
    let text = stage.show(id).await["available_queue_info"][0]["err_msg"].as_str().unwrap().to_owned();
    assert!(text.contains("172.31.255.0/24") && text.contains("172.31.255.0/25"), "{text}");
    work.stop().await;
}

/// Stops the work on a plane with two peers and begins it anew: nothing is changed, on the plane or in the store.
async fn restart_changes_nothing(stage: &Stage, work: PlaneWork) {
    work.stop().await;
    let before = stage.revision();
    let again =
        super::PlaneWork::alone(&stage.app.engine, (linkspan_plane::Settings::default(), Part::Simulated)).await;
    let reconciler = again.side().acting().unwrap().reconciler.clone();
    let passed = tokio::time::timeout(Duration::from_secs(20), async {
        while reconciler.stats().passes == 0 {
            tokio::task::yield_now().await;
        }
    });
    passed.await.unwrap();
    assert_eq!(again.side().simulated().unwrap().peer_count(), 2);
    assert_eq!((reconciler.stats().changes, stage.revision()), (0, before));
    again.stop().await;
}

#[tokio::test]
async fn a_restart_changes_nothing_on_the_plane() {
    let (stage, work) = Stage::with_plane().await;
    let id = stage.full_connection("c").await;
    until_peers(&stage, &id, "ACTIVE").await;
    restart_changes_nothing(&stage, work).await;
    assert_eq!(stage.show(&id).await["available_queue_info"][0]["status"], json!("ACTIVE"));
}

async fn reaches(stage: &Stage, project: &str, queue: &str, target: &str) -> linkspan_plane::Verdict {
    use linkspan_plane::Plane;
    let name = linkspan_model::SourceName::Queue(queue.parse().unwrap());
    let source = linkspan_plane::SourceRef { project: project.parse().unwrap(), name };
    let limit = Duration::from_secs(1);
    let probe = linkspan_plane::ProbeSpec { source, target: target.into(), port: Some(5432), limit };
    stage.app.plane.simulated().unwrap().probe(&probe).await.unwrap().verdict
}

/// Waits until a probe gives this verdict.
async fn until_verdict(stage: &Stage, (project, target): (&str, &str), verdict: linkspan_plane::Verdict) {
    let wait = async {
        while reaches(stage, project, "q1", target).await != verdict {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok(), "{target} never was {verdict}");
}

/// The connection leads to a known subnet, so that nothing but a route covers what is beyond.
async fn to_known_subnet(stage: &Stage) -> String {
    stage.sources().await;
    stage.networks().await;
    let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"net-1","queues":["q1"]}"#;
    let id = stage.ok("CreateEnhancedConnection", body).await.json()["connection_id"].as_str().unwrap().to_owned();
    until_peers(stage, &id, "ACTIVE").await;
    id
}

#[tokio::test]
async fn a_route_is_installed_on_peers_that_stay_active_and_cut_again() {
    use linkspan_plane::Verdict::{NoRouteInQueue, Reachable};
    let (stage, work) = Stage::with_plane().await;
    let id = to_known_subnet(&stage).await;
    let own = stage.project().to_string();
    assert_eq!(reaches(&stage, &own, "q1", "192.168.1.9").await, Reachable);
    assert_eq!(reaches(&stage, &own, "q1", "10.9.0.1").await, NoRouteInQueue);
    let before = stage.show(&id).await["available_queue_info"].clone();
    stage.on(&id).ok("CreateRouteToEnhancedConnection", r#"{"name":"r","cidr":"10.9.3.3/16"}"#).await;
    stage.on(&id).ok("CreateRouteToEnhancedConnection", r#"{"name":"six","cidr":"2001:db8::/32"}"#).await;
    until_verdict(&stage, (&own, "10.9.0.1"), Reachable).await;
    until_verdict(&stage, (&own, "2001:db8::1"), Reachable).await;
    assert_eq!(stage.show(&id).await["available_queue_info"], before);
    stage.on(&format!("{id}/r")).ok("DeleteRouteFromEnhancedConnection", "").await;
    until_verdict(&stage, (&own, "10.9.0.1"), NoRouteInQueue).await;
    assert_eq!(reaches(&stage, &own, "q1", "192.168.1.9").await, Reachable);
    assert_eq!(stage.show(&id).await["available_queue_info"], before);
    work.stop().await;
}

#[tokio::test]
async fn a_restart_finds_routes_and_grantees_peers_in_place() {
    let (stage, work) = Stage::with_plane().await;
    let id = to_known_subnet(&stage).await;
    stage.on(&id).ok("CreateRouteToEnhancedConnection", r#"{"name":"r","cidr":"10.9.0.0/16"}"#).await;
    let home = stage.at_strangers_home();
    home.ok("CreateElasticResourcePool", r#"{"elastic_resource_pool_name":"far","max_cu":16,"min_cu":16}"#).await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok(BIND, r#"{"elastic_resource_pools":["far"]}"#).await;
    until_peers(&home, &id, "ACTIVE").await;
    until_verdict(&stage, (stage.project().as_str(), "10.9.0.1"), linkspan_plane::Verdict::Reachable).await;
    restart_changes_nothing(&stage, work).await;
}

#[tokio::test]
async fn a_revoke_while_peers_are_created_and_a_delete_cut_what_a_grantee_bound() {
    let (stage, work) = Stage::with_plane().await;
    let plane = stage.app.plane.simulated().unwrap();
    let id = to_known_subnet(&stage).await;
    let home = stage.at_strangers_home();
    home.ok("CreateElasticResourcePool", r#"{"elastic_resource_pool_name":"far","max_cu":16,"min_cu":16}"#).await;
    stage.ok(FAULTS, r#"{"rules":[{"matches":"any","effect":"stuck_creating"}]}"#).await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok(BIND, r#"{"elastic_resource_pools":["far"]}"#).await;
    stage.revoke(&id, home.project().as_str()).await;
    assert_eq!(plane.peer_count(), 1, "what was half made is cut when the answer is sent");
    assert!(stage.peers_are("Removing", 0) && stage.peers_are("Active", 1));
    stage.ok(FAULTS, r#"{"rules":[]}"#).await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok(BIND, r#"{"elastic_resource_pools":["far"]}"#).await;
    until_peers(&home, &id, "ACTIVE").await;
    assert_eq!(plane.peer_count(), 2);
    stage.on(&id).ok(DELETE, "").await;
    stage.until("nothing is left", |stage| stage.peers_are("Removing", 0)).await;
    assert_eq!(plane.peer_count(), 0);
    work.stop().await;
}

/// What the simulated plane's reconciler does under a lease of this generation, until it ends by itself.
async fn acts_until_it_is_told(stage: &Stage, generation: u64) {
    let fence = fence(generation);
    let settings = linkspan_plane::Settings::default();
    let (mut term, _acting) = super::Term::begin(&stage.app.engine, (settings, &Part::Simulated), Some(fence)).await;
    tokio::time::timeout(Duration::from_secs(20), term.ended()).await.expect("it goes on acting");
    term.abort();
}

fn fence(generation: u64) -> linkspan_engine::command::Fence {
    linkspan_engine::command::Fence { scope: linkspan_engine::PlaneScope::Simulated, generation }
}

#[tokio::test]
async fn a_reconciler_that_was_succeeded_is_refused_and_ends() {
    use linkspan_engine::command::SystemCommand;
    let stage = Stage::open().await;
    for generation in [1, 2] {
        let succession = SystemCommand::TakeOver(fence(generation), "node".into());
        let request = linkspan_engine::Request::System(succession);
        stage.app.engine.submit(request, linkspan_engine::Origin::default()).await.unwrap();
    }
    let id = stage.full_connection("c").await;
    acts_until_it_is_told(&stage, 1).await;
    assert!(statuses(&stage.show(&id).await).iter().all(|status| status == "CREATING"), "it reported all the same");
    let settings = linkspan_plane::Settings::default();
    let (term, _acting) = super::Term::begin(&stage.app.engine, (settings, &Part::Simulated), Some(fence(2))).await;
    until_peers(&stage, &id, "ACTIVE").await;
    term.stop().await;
}

/// A node that acts for a part of the plane.
async fn turn(stage: &Stage, part: Part, name: &str) -> Result<PlaneWork, NoTurn> {
    let settings = linkspan_plane::Settings::default();
    let work = PlaneWork::in_turns(&stage.app.engine, (settings, part), (&RandomIds, name)).await?;
    let acts = async {
        while !work.side().acts() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), acts).await.expect("it does not act");
    Ok(work)
}

#[tokio::test]
async fn planes_of_two_kinds_do_not_work_on_one_store() {
    let stage = Stage::open().await;
    let host = || Part::Host(Arc::new(SimulatedPlane::new()), "host-1".parse().unwrap());
    let simulated = turn(&stage, Part::Simulated, "node-1:8780").await.unwrap();
    let refused = turn(&stage, host(), "host-1:8780").await.err().unwrap().to_string();
    assert!(refused.contains("node-1:8780") && refused.contains("(linux)"), "{refused}");
    simulated.stop().await;
    let real = turn(&stage, host(), "host-1:8780").await.unwrap();
    let refused = turn(&stage, Part::Simulated, "node-1:8780").await.err().unwrap().to_string();
    assert!(refused.contains("host-1:8780") && refused.contains("(simulated)"), "{refused}");
    let another = Part::Host(Arc::new(SimulatedPlane::new()), "host-2".parse().unwrap());
    let beside = turn(&stage, another, "host-2:8780").await.unwrap();
    real.stop().await;
    assert!(turn(&stage, Part::Simulated, "node-1:8780").await.is_err(), "one of them is still at work");
    beside.stop().await;
    let simulated = turn(&stage, Part::Simulated, "node-1:8780").await.unwrap();
    simulated.stop().await;
}
