use super::*;
use crate::command::{NewTest, TestFinding};
use crate::state::Loader;
use crate::store::StoredRecord;
use linkspan_model::{ConnectivityTest, Stamp, TestTarget};

fn begin(queue: &str) -> Command {
    let target = TestTarget { host: "10.0.0.1".into(), port: 80 };
    Command::TestConnectivity(NewTest { queue: queue.into(), target })
}

fn begun(world: &mut World, queue: &str) -> Stamp {
    match world.ask(begin(queue)) {
        Ok(Reply::Test(test)) => test,
        other => panic!("{other:?}"),
    }
}

fn found(world: &mut World, test: Stamp, reachable: bool) {
    let finding = TestFinding { test, reachable, reason: "why".into() };
    world.system(SystemCommand::Tested(finding)).unwrap();
}

fn shown(world: &World, test: Stamp) -> Option<ConnectivityTest> {
    world.state.project(&world.scope()).connectivity_test(test.number()).cloned()
}

fn result(world: &World, test: Stamp) -> Option<bool> {
    shown(world, test).unwrap().result.map(|result| result.reachable)
}

#[test]
fn a_test_waits_for_its_result_and_keeps_the_first() {
    let mut world = World::furnished();
    let (one, two) = (begun(&mut world, "Q"), begun(&mut world, "default"));
    assert_ne!(one, two);
    assert_eq!(world.state.pending_tests().count(), 2);
    assert_eq!(result(&world, one), None);
    found(&mut world, one, true);
    assert_eq!(result(&world, one), Some(true));
    found(&mut world, one, false);
    assert_eq!(result(&world, one), Some(true), "what was told once stays");
    found(&mut world, Stamp::of_number(7), true);
    assert_eq!(world.state.pending_tests().map(|test| test.created).collect::<Vec<_>>(), [two]);
    assert_eq!(world.ask(begin("Nope")), Err(Refusal::UnknownQueue("Nope".into())));
}

#[test]
fn where_there_are_too_many_the_oldest_that_ended_makes_room() {
    let mut world = World::furnished();
    world.rules.tests_per_project = 3;
    let tests = [(); 3].map(|()| begun(&mut world, "q"));
    let text = refused(world.ask(begin("q")), Refusal::Exceeds);
    assert!(text.contains("3 connectivity tests"), "{text}");
    found(&mut world, tests[1], false);
    found(&mut world, tests[2], false);
    let fourth = begun(&mut world, "q");
    assert_eq!(shown(&world, tests[1]), None);
    assert!([tests[0], tests[2], fourth].into_iter().all(|test| shown(&world, test).is_some()));
}

#[test]
fn a_test_ends_by_itself_and_is_purged_after_a_day() {
    let mut world = World::furnished();
    let (told, untold) = (begun(&mut world, "q"), begun(&mut world, "q"));
    found(&mut world, told, true);
    world.now += 119_000;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!(result(&world, untold), None);
    world.now += 1_001;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!((result(&world, told), result(&world, untold)), (Some(true), Some(false)));
    let reason = shown(&world, untold).unwrap().result.unwrap().reason;
    assert!(reason.contains("within 120 seconds"), "{reason}");
    world.now = NOW + 24 * 3600 * 1000 - 1;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert!(shown(&world, told).is_some());
    world.now += 2;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!((shown(&world, told), shown(&world, untold)), (None, None));
    let nothing = world.decide(&Request::System(SystemCommand::Housekeeping)).unwrap();
    assert_eq!(nothing.changes, []);
}

#[test]
fn a_test_that_nobody_saw_for_a_day_is_purged_at_once() {
    let mut world = World::furnished();
    let test = begun(&mut world, "q");
    world.now += 48 * 3600 * 1000;
    let decision = world.decide(&Request::System(SystemCommand::Housekeeping)).unwrap();
    assert_eq!(decision.changes.len(), 1, "not ended first and purged then");
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!((shown(&world, test), world.state.pending_tests().count()), (None, 0));
}

#[test]
fn the_tests_of_a_queue_go_with_it() {
    let mut world = World::furnished();
    let (gone, kept) = (begun(&mut world, "q"), begun(&mut world, "shared"));
    world.ask(Command::DeleteQueue("q".into())).unwrap();
    assert!(shown(&world, gone).is_none() && shown(&world, kept).is_some());
    assert_eq!(world.state.pending_tests().count(), 1);
}

#[test]
fn a_queue_stands_for_its_pool() {
    let world = World::furnished();
    let source = |queue: &str| world.state.source_of_queue(world.scope().project(), &queue.parse().unwrap()).name;
    assert_eq!([source("q"), source("inside"), source("default")], [a_queue("q"), a_pool("p"), a_queue("default")]);
}

#[test]
fn a_restart_finds_what_waits_and_what_was_told() {
    let mut world = World::furnished();
    let (told, waiting) = (begun(&mut world, "q"), begun(&mut world, "q"));
    found(&mut world, told, false);
    let mut loader = Loader::new(render);
    for (test, n) in world.state.tests.all().zip(0..) {
        let record = Record::ConnectivityTest(test.clone());
        let stored = StoredRecord { key: record.key(), at: Loc { revision: 1, n }, body: record.to_body() };
        loader.add(&stored).unwrap();
    }
    let again = loader.finish(*world.state.head()).unwrap();
    assert_eq!(again.pending_tests().map(|test| test.created).collect::<Vec<_>>(), [waiting]);
    assert_eq!(again.tests.get(told), world.state.tests.get(told));
    assert!(again.last >= waiting, "no later thing may get its number");
}
