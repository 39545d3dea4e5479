use linkspan_model::{PlaneRequest, Stamp};

use super::*;
use crate::acting::PlaneScope;
use crate::command::Fence;

fn ask(world: &mut World, question: &str) -> Result<Stamp, Refusal> {
    match world.system(SystemCommand::Ask(PlaneScope::Simulated, question.into()))? {
        Reply::PlaneRequest(created) => Ok(created),
        other => panic!("{other:?}"),
    }
}

fn waiting(world: &World) -> Vec<String> {
    world.state.asked_of(&PlaneScope::Simulated).map(|request| request.question.to_string()).collect()
}

#[test]
fn a_request_is_answered_once_and_taken_away() {
    let mut world = World::new();
    let (first, second) = (ask(&mut world, "a").unwrap(), ask(&mut world, "b").unwrap());
    assert_ne!(first, second);
    assert_eq!(waiting(&world), ["a", "b"]);
    assert_eq!(world.state.asked_of(&PlaneScope::Host("x".parse().unwrap())).count(), 0);
    let fence = Fence { scope: PlaneScope::Simulated, generation: 1 };
    let answer = |text: &str| SystemCommand::Fenced(fence.clone(), Box::new(SystemCommand::Answer(first, text.into())));
    assert_eq!(world.system(answer("late")), Err(Refusal::Deposed), "only of whoever acts");
    world.system(SystemCommand::TakeOver(fence.clone(), "n".into())).unwrap();
    world.system(answer("yes")).unwrap();
    world.system(answer("no")).unwrap();
    assert_eq!(world.state.plane_request(first).unwrap().answer.as_deref(), Some("yes"));
    assert_eq!(waiting(&world), ["b"]);
    for _ in 0..2 {
        world.system(SystemCommand::Forget(first)).unwrap();
        assert_eq!(world.state.plane_request(first), None);
    }
    world.system(answer("nobody asks any more")).unwrap();
    assert_eq!(world.state.plane_requests.len(), 1);
}

#[test]
fn requests_are_bounded_and_forgotten_in_time() {
    let mut world = World::new();
    for _ in 0..64 {
        ask(&mut world, "a").unwrap();
    }
    assert_eq!(ask(&mut world, "a"), Err(Refusal::Overloaded));
    world.now += 59_000;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!(world.state.plane_requests.len(), 64);
    world.now += 2_000;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!(world.state.plane_requests.len(), 0);
    let long = "a".repeat(PlaneRequest::LONGEST_QUESTION + 1);
    assert!(matches!(ask(&mut world, &long), Err(Refusal::Exceeds(_))));
    let created = ask(&mut world, "a").unwrap();
    let long = "a".repeat(PlaneRequest::LONGEST_ANSWER + 1);
    assert!(matches!(world.system(SystemCommand::Answer(created, long.into())), Err(Refusal::Exceeds(_))));
    world.state.head.format = 1;
    assert!(matches!(ask(&mut world, "a"), Err(Refusal::NotSupported(_))), "an older node could not read it");
}
