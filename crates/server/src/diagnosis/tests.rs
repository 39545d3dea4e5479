use std::sync::Arc;
use std::time::Duration;

use linkspan_model::SourceName;
use linkspan_plane::{Handle, ProbeTarget, Reconciler, Settings, SimulatedPlane};

use super::{AT_ONCE, Question, Turns, Undiagnosed};
use crate::ops::stage::{OWN, Stage};
use crate::plane_records::EngineRecords;

fn question(stage: &Stage, target: &str) -> (Question, Arc<linkspan_engine::State>) {
    let source =
        linkspan_engine::SourceRef { project: OWN.parse().unwrap(), name: SourceName::Queue("q1".parse().unwrap()) };
    let question = Question { source, target: ProbeTarget::from(target), port: 1, limit: Duration::from_secs(1) };
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

#[tokio::test]
async fn more_than_a_few_at_once_are_refused_after_a_while() {
    let stage = Stage::open().await;
    let (_kept, plane) = stuck(&stage);
    let turns = Turns::default();
    let taken = turns.0.acquire_many(u32::try_from(AT_ONCE).unwrap()).await.unwrap();
    let (refused, state) = question(&stage, "10.0.0.1");
    tokio::time::pause();
    let busy = refused.answer(Arc::clone(&state), &plane, &turns).await.unwrap_err();
    assert!(matches!(busy, Undiagnosed::Busy), "{busy}");
    drop(taken);
    tokio::time::resume();
    assert!(question(&stage, "10.0.0.1").0.answer(state, &plane, &turns).await.is_ok());
}
