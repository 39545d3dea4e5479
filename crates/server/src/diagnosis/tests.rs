use std::sync::Arc;
use std::time::Duration;

use linkspan_model::SourceName;
use linkspan_plane::{Handle, ProbeTarget, Reconciler, Settings, SimulatedPlane};

use super::{Question, Turns, Undiagnosed};
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
