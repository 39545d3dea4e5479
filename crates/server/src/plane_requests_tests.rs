use std::time::Duration;

use linkspan_engine::{Origin, PlaneScope, RandomIds, Reply, Request};
use serde_json::json;

use super::{Clerk, Fence, SystemCommand, Told, answered, system};
use crate::ops::stage::Stage;
use crate::plane_side::PlaneSide;
use crate::plane_work::{Part, PlaneWork};

const FAULT: &str = r#"{"rules":[{"matches":"any","effect":{"unreachable":"destination_host_down"}}]}"#;

/// Two nodes, of which the first acts.
async fn two() -> (Stage, Stage, PlaneWork) {
    let stage = Stage::open().await;
    let settings = linkspan_plane::Settings::default();
    let work =
        PlaneWork::in_turns(&stage.app.engine, (settings, Part::Simulated), (&RandomIds, "first")).await.unwrap();
    let (first, second) = (stage.beside(work.side()), stage.beside(PlaneSide::in_turns(PlaneScope::Simulated)));
    // It begins after the commit that says so.
    let acts = async {
        while !first.app.plane.acts() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), acts).await.expect("it does not act");
    (first, second, work)
}

#[tokio::test]
async fn another_node_tells_what_the_one_that_acts_finds() {
    let (first, second, work) = two().await;
    first.full_connection("c").await;
    first.until("the peers are active", |stage| stage.peers_are("Active", 2)).await;
    let question = json!({"queue": "q1", "to": "192.168.1.7:9092"}).to_string();
    let found = first.ok("Diagnose", &question).await.json();
    assert_eq!(second.ok("Diagnose", &question).await.json(), found);
    let set = second.ok("ReplaceFaults", FAULT).await.json();
    for node in [&first, &second] {
        assert_eq!(node.get("ListFaults", "").await.json(), set);
    }
    assert_ne!(second.ok("Diagnose", &question).await.json(), found);
    assert_eq!(
        second.refused("ReplaceFaults", r#"{"rules":[{"matches":"any","effect":{"unreachable":"x"}}]}"#).await.0,
        400
    );
    assert_eq!(second.app.engine.view().asked_of(&PlaneScope::Simulated).count(), 0, "nothing is left behind");
    work.stop().await;
}

#[tokio::test]
async fn a_question_that_is_not_understood_is_answered_so() {
    let (first, _second, work) = two().await;
    let engine = &first.app.engine;
    let ask = SystemCommand::Ask(PlaneScope::Simulated, r#"{"Dance":null}"#.into());
    let Ok(Reply::PlaneRequest(created)) = engine.submit(system(ask), Origin::default()).await else {
        panic!("no request")
    };
    let answer = answered(engine, created).await.unwrap();
    let Told::No(why) = serde_json::from_str(&answer).unwrap() else { panic!("{answer}") };
    assert!(why.contains("does not understand"), "{why}");
    let forget = Request::System(SystemCommand::Forget(created));
    engine.submit(forget, Origin::default()).await.unwrap();
    assert_eq!(answered(engine, created).await, None);
    work.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_a_node_that_is_gone_has_an_end() {
    let (first, second, work) = two().await;
    first.sources().await;
    work.stop().await;
    let (status, _, body) = second.refused("Diagnose", r#"{"queue":"q1","to":"192.168.1.7:9092"}"#).await;
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("No answer came within") && body.contains("first"), "{body}");
    assert_eq!(second.app.engine.view().asked_of(&PlaneScope::Simulated).count(), 0);
}

/// Waits for what no commit need follow, whatever the test's clock says.
async fn until(what: &str, predicate: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !predicate() {
        assert!(std::time::Instant::now() < deadline, "it never came true that {what}");
        tokio::task::yield_now().await;
    }
}

async fn until_waiting(stage: &Stage, count: usize) {
    let waiting = || stage.app.engine.view().asked_of(&PlaneScope::Simulated).count();
    until(&format!("{count} requests wait"), || waiting() == count).await;
}

#[tokio::test]
async fn who_asks_and_hangs_up_leaves_room_for_others() {
    let (first, second, work) = two().await;
    first.sources().await;
    work.stop().await;
    let question = r#"{"queue":"q1","to":"192.168.1.7:9092"}"#;
    for count in 1..=4 {
        tokio::select! {
            answer = second.call("Diagnose", question) => panic!("nobody answers: {}", answer.text()),
            () = until_waiting(&second, count) => {}
        }
    }
    tokio::time::pause();
    let (status, _, body) = second.refused("Diagnose", question).await;
    assert_eq!((status, body.contains("This project is making 4 diagnoses")), (503, true), "{body}");
    tokio::time::advance(Duration::from_secs(60)).await;
    until_waiting(&second, 0).await;
}

#[tokio::test]
async fn what_can_not_be_answered_is_not_done_again() {
    let (stage, work) = Stage::with_plane().await;
    let (engine, side) = (stage.app.engine.clone(), work.side());
    let (plane, acting) = (side.simulated().unwrap(), (*side.acting().unwrap()).clone());
    // Nobody is on record as acting, so that its answers are refused.
    let fence = Fence { scope: PlaneScope::Simulated, generation: 1 };
    let clerk = tokio::spawn(Clerk { engine: engine.clone(), fence, acting, side }.run());
    let question = format!(r#"{{"Faults":{FAULT}}}"#);
    engine.submit(system(SystemCommand::Ask(PlaneScope::Simulated, question.into())), Origin::default()).await.unwrap();
    until("it is done", || plane.faults().rules().len() == 1).await;
    plane.faults().clear();
    for number in 0..100 {
        let other = SystemCommand::Ask(PlaneScope::Host("x".parse().unwrap()), "".into());
        let Ok(Reply::PlaneRequest(created)) = engine.submit(system(other), Origin::default()).await else {
            panic!("no request {number}")
        };
        engine.submit(system(SystemCommand::Forget(created)), Origin::default()).await.unwrap();
    }
    assert_eq!(plane.faults().rules().len(), 0, "it was done twice");
    clerk.abort();
    work.stop().await;
}
