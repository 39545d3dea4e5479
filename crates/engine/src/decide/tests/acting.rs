use super::*;
use crate::acting::PlaneScope;
use crate::command::Fence;

fn fence(generation: u64) -> Fence {
    Fence { scope: PlaneScope::Simulated, generation }
}

fn take_over(world: &mut World, generation: u64) -> Result<Reply, Refusal> {
    world.system(SystemCommand::TakeOver(fence(generation), format!("n{generation}").into()))
}

#[test]
fn only_the_latest_to_take_over_may_report() {
    let mut world = World::new();
    let report = |generation| SystemCommand::Fenced(fence(generation), Box::new(SystemCommand::Report(vec![])));
    assert_eq!(world.system(report(1)), Err(Refusal::Deposed), "nobody took over yet");
    assert_eq!(take_over(&mut world, 1), Ok(Reply::Done));
    assert_eq!(take_over(&mut world, 1), Ok(Reply::Done), "an answer was lost");
    assert_eq!(world.system(report(1)), Ok(Reply::Done));
    assert_eq!(take_over(&mut world, 3), Ok(Reply::Done));
    assert_eq!(world.system(report(1)), Err(Refusal::Deposed));
    assert_eq!(take_over(&mut world, 2), Err(Refusal::Deposed));
    assert_eq!(world.system(report(3)), Ok(Reply::Done));
    assert_eq!(world.state.acting(&PlaneScope::Simulated), Some((3, "n3")));
    assert_eq!(world.state.acting(&PlaneScope::Host("linux".parse().unwrap())), None);
}
