use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use linkspan_model::SourceName;
use linkspan_plane::{
    Applied, Capabilities, Change, Doing, DriftHint, FOREIGN_RULES, Finding, Handle, Observed, Plane, PlaneError,
    ProbeReport, ProbeSpec, ProbeTarget, Ready, Reconciler, Settings, Settled, SimulatedPlane, SourceRef, Token,
    Verdict,
};

use super::{Question, Turns, Undiagnosed};
use crate::ops::stage::{OWN, Stage};
use crate::plane_records::EngineRecords;

fn question(stage: &Stage, target: &str) -> (Question, Arc<linkspan_engine::State>) {
    let source = SourceRef { project: OWN.parse().unwrap(), name: SourceName::Queue("q1".parse().unwrap()) };
    let target = ProbeTarget::from(target);
    let question = Question::of(ProbeSpec { source, target, port: Some(1), limit: Duration::from_secs(1) });
    (question, Arc::clone(&stage.app.engine.view()))
}

/// A reconciler that does not run, so that whoever waits for host records waits for ever.
fn stuck(stage: &Stage) -> (Reconciler, Handle) {
    let records = EngineRecords::new(stage.app.engine.clone(), None);
    Reconciler::new(Arc::new(SimulatedPlane::new()), records, Settings::default())
}

#[tokio::test]
async fn a_plane_that_does_not_answer_is_not_waited_for() {
    let stage = Stage::open().await;
    let (_kept, plane) = stuck(&stage);
    let (question, state) = question(&stage, "kafka");
    tokio::time::pause();
    let late = question.answer(state, &plane, &Turns::default()).await.unwrap_err();
    assert!(matches!(late, Undiagnosed::Late(most) if most == Duration::from_secs(6)), "{late}");
}

/// Whoever waits for a host record of a reconciler that does not run keeps the turn until the deadline.
#[tokio::test]
async fn a_project_is_refused_while_its_turns_are_taken() {
    let stage = Stage::open().await;
    let (_kept, plane) = stuck(&stage);
    let turns = Turns::default();
    tokio::time::pause();
    let asked = |target| {
        let (question, state) = question(&stage, target);
        question.answer(state, &plane, &turns)
    };
    let (first, second, third, fourth, fifth) =
        tokio::join!(asked("a"), asked("b"), asked("c"), asked("d"), asked("e"));
    for late in [first, second, third, fourth] {
        assert!(matches!(late, Err(Undiagnosed::Late(_))), "{late:?}");
    }
    let busy = fifth.unwrap_err().to_string();
    assert!(busy.starts_with("This project is making 4 diagnoses already"), "{busy}");
    tokio::time::resume();
    assert!(asked("10.0.0.1").await.is_ok());
}

/// A plane whose router has rules of somebody else.
struct Shared(SimulatedPlane);

impl Plane for Shared {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn check(&self) -> Doing<'_, Ready> {
        self.0.check()
    }

    fn apply_batch<'a>(&'a self, changes: &'a [Change]) -> BoxFuture<'a, Vec<Result<Applied, PlaneError>>> {
        self.0.apply_batch(changes)
    }

    fn settled(&self, token: Token, limit: Duration) -> Doing<'_, Settled> {
        self.0.settled(token, limit)
    }

    fn list(&self) -> Doing<'_, Vec<Observed>> {
        self.0.list()
    }

    fn watch(&self) -> BoxStream<'static, DriftHint> {
        self.0.watch()
    }

    fn probe<'a>(&'a self, probe: &'a ProbeSpec) -> Doing<'a, ProbeReport> {
        let finding = Finding { verdict: Verdict::ForeignRuleAtRouter, peer: None, in_place: 1 };
        let mut report = ProbeReport::of(probe, &finding, Some(("192.168.1.7".parse().unwrap(), None)));
        report.saw(linkspan_plane::Stage::Router, (FOREIGN_RULES, "inet theirs"));
        Box::pin(std::future::ready(Ok(report)))
    }
}

#[tokio::test]
async fn whose_rules_stand_at_the_router_is_told_to_the_owner_only() {
    let stage = Stage::open().await;
    stage.sources().await;
    stage.networks().await;
    let body = r#"{"name":"orders","dest_vpc_id":"vpc-1","dest_network_id":"net-1","queues":["q1"]}"#;
    let id = stage.ok("CreateEnhancedConnection", body).await.json()["connection_id"].as_str().unwrap().to_owned();
    let home = stage.at_strangers_home();
    home.sources().await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok("AssociateQueueToEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    stage.settle_peers().await;
    let records = EngineRecords::new(stage.app.engine.clone(), None);
    let (_kept, plane) = Reconciler::new(Arc::new(Shared(SimulatedPlane::new())), records, Settings::default());
    for (side, told) in [(&stage, true), (&home, false)] {
        let (mut question, state) = question(side, "192.168.1.7");
        question.source.project = side.project().clone();
        let found = question.answer(state, &plane, &Turns::default()).await.unwrap();
        let found = serde_json::to_value(&found).unwrap();
        assert_eq!(found["verdict"], "foreign_rule_at_router");
        assert_eq!(found["path"][2]["evidence"]["foreign_rules"] == "inet theirs", told, "{found:#}");
        assert_eq!(found.to_string().contains("theirs"), told);
        assert_eq!(found["peer_state"]["connection_name"], "orders");
    }
}
