use super::*;
use crate::command::{PoolChange, QueueChange};
use linkspan_model::{Pool, Queue, ScalingPolicy};

fn change_queue(world: &mut World, name: &str, change: QueueChange) -> Result<Reply, Refusal> {
    world.ask(Command::ChangeQueue(name.into(), change))
}

fn changed(world: &mut World, name: &str, change: QueueChange) -> Queue {
    match change_queue(world, name, change) {
        Ok(Reply::Queue(queue)) => *queue,
        other => panic!("{other:?}"),
    }
}

fn change_pool(world: &mut World, change: PoolChange) -> Result<Reply, Refusal> {
    world.ask(Command::ChangePool("P".into(), change))
}

fn the_queue(world: &World, name: &str) -> Queue {
    world.state.project(&world.scope()).queue(&name.parse().unwrap()).unwrap().clone()
}

fn the_pool(world: &World) -> Pool {
    world.state.project(&world.scope()).pool(&"p".parse().unwrap()).unwrap().clone()
}

fn update(max_cu: Option<u32>, min_cu: Option<u32>) -> PoolChange {
    PoolChange::Update { description: None, max_cu, min_cu }
}

fn policy(hours: (u8, u8), cus: (u32, u32)) -> ScalingPolicy {
    let ((start_hour, stop_hour), (min_cu, max_cu)) = (hours, cus);
    ScalingPolicy { priority: 5, start_hour, stop_hour, min_cu, max_cu, inherits_max_cu: false }
}

#[test]
fn a_queue_is_scaled_by_sixteens_and_keeps_sixteen() {
    let mut world = World::furnished();
    assert_eq!(changed(&mut world, "Q", QueueChange::ScaleOut(48)).cu_count, 64);
    assert_eq!(changed(&mut world, "q", QueueChange::ScaleIn(32)).cu_count, 32);
    assert_eq!(the_queue(&world, "q").cu_count, 32);
    for by in [0, 8, 17] {
        refused(change_queue(&mut world, "q", QueueChange::ScaleOut(by)), Refusal::Invalid);
        refused(change_queue(&mut world, "q", QueueChange::ScaleIn(by)), Refusal::Invalid);
    }
    for change in [QueueChange::ScaleIn(32), QueueChange::ScaleIn(64), QueueChange::ScaleOut(u32::MAX - 15)] {
        let text = refused(change_queue(&mut world, "q", change), Refusal::NotSupported);
        assert!(text.contains("has 32 CUs"), "{text}");
    }
    assert_eq!(the_queue(&world, "q").cu_count, 32);
}

#[test]
fn what_a_pool_decides_is_not_the_queues_to_change() {
    let mut world = World::furnished();
    let cidr = QueueChange::Cidr("10.0.0.0/16".parse().unwrap());
    for change in [QueueChange::ScaleOut(16), QueueChange::ScaleIn(16), QueueChange::Restart, cidr.clone()] {
        let text = refused(change_queue(&mut world, "inside", change.clone()), Refusal::NotSupported);
        assert!(text.contains("lives in elastic resource pool p"), "{text}");
        let text = refused(change_queue(&mut world, "Default", change.clone()), Refusal::NotSupported);
        assert!(text.contains("preset"), "{text}");
        assert_eq!(change_queue(&mut world, "Nope", change), Err(Refusal::UnknownQueue("Nope".into())));
    }
}

#[test]
fn only_sql_queues_restart_and_nothing_is_written() {
    let mut world = World::furnished();
    let restart = Request::Project(world.scope(), Command::ChangeQueue("q".into(), QueueChange::Restart));
    assert_eq!(world.decide(&restart).unwrap().changes, []);
    let Command::CreateQueue(mut new) = queue("general", None, Some(1)) else { panic!("it creates a queue") };
    new.template.queue_type = QueueType::General;
    world.ask(Command::CreateQueue(new)).unwrap();
    let text = refused(change_queue(&mut world, "general", QueueChange::Restart), Refusal::NotSupported);
    assert_eq!(text, "Request to restart failed for queue general, only sql queue need to restart");
}

#[test]
fn a_queue_gets_all_of_its_new_network_unless_it_is_bound() {
    let mut world = World::furnished();
    let cidr = |text: &str| QueueChange::Cidr(text.parse().unwrap());
    let queue = changed(&mut world, "q", cidr("10.0.0.0/16"));
    assert_eq!((queue.cidr_in_vpc, queue.cidr_in_subnet), ("10.0.0.0/16".parse().unwrap(), queue.cidr_in_vpc));
    let id = world.connect("c", &["q"]);
    let text = refused(change_queue(&mut world, "q", cidr("10.1.0.0/16")), Refusal::NotSupported);
    assert!(text.contains("bound to connection c") && text.contains("unbind it first"), "{text}");
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    changed(&mut world, "q", cidr("10.1.0.0/28"));
    for bad in ["10.0.0.0/7", "10.0.0.0/29"] {
        refused(change_queue(&mut world, "q", cidr(bad)), Refusal::Invalid);
    }
}

#[test]
fn properties_are_merged_counted_and_removed() {
    let mut world = World::furnished();
    let set = |pairs: &[(&str, &str)]| {
        QueueChange::SetProperties(pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    };
    changed(&mut world, "q", set(&[("a", "1"), ("b", "\"x\"")]));
    let queue = changed(&mut world, "q", set(&[("b", "2"), ("c", "true")]));
    let text: Vec<_> = queue.properties.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(text, ["a=1", "b=2", "c=true"]);
    let queue = changed(&mut world, "q", QueueChange::RemoveProperties(vec!["a".into(), "lost".into()]));
    assert_eq!(queue.properties.len(), 2);
    let many: BTreeMap<Box<str>, Box<str>> = (0..99).map(|n| (format!("k{n}").into(), "1".into())).collect();
    let text = refused(change_queue(&mut world, "q", QueueChange::SetProperties(many)), Refusal::Invalid);
    assert!(text.contains("at most 100") && text.contains("101"), "{text}");
    changed(&mut world, "inside", set(&[("a", "1")]));
}

#[test]
fn a_pools_bounds_stay_in_order() {
    let mut world = World::furnished();
    world.now += 5;
    change_pool(&mut world, update(Some(128), None)).unwrap();
    let pool = the_pool(&world);
    assert_eq!((pool.min_cu, pool.max_cu, pool.update_time), (64, 128, NOW + 5));
    change_pool(&mut world, update(None, Some(16))).unwrap();
    for bad in [update(Some(0), None), update(Some(17), None), update(None, Some(0)), update(Some(16), Some(32))] {
        refused(change_pool(&mut world, bad), Refusal::Invalid);
    }
    let text = refused(change_pool(&mut world, update(None, Some(144))), Refusal::Invalid);
    assert_eq!(text, "min_cu must be at most max_cu, got 144 and 128");
    let described = PoolChange::Update { description: Some("new".into()), max_cu: None, min_cu: None };
    change_pool(&mut world, described.clone()).unwrap();
    let pool = the_pool(&world);
    assert_eq!((&*pool.description, pool.min_cu, pool.max_cu), ("new", 16, 128));
    let again = Request::Project(world.scope(), Command::ChangePool("p".into(), described));
    assert_eq!(world.decide(&again).unwrap().changes, [], "what is so already is not written");
    let unknown = Command::ChangePool("Lost".into(), update(None, None));
    assert_eq!(world.ask(unknown), Err(Refusal::UnknownPool("Lost".into())));
}

#[test]
fn a_queue_moves_into_a_pool_once_and_is_bound_through_it() {
    let mut world = World::furnished();
    let add = |queue: &str| PoolChange::AddQueue(queue.into());
    let id = world.connect("c", &["q"]);
    let text = refused(change_pool(&mut world, add("q")), Refusal::NotSupported);
    assert!(text.contains("unbind it first"), "{text}");
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    change_pool(&mut world, add("Q")).unwrap();
    let (queue, pool) = (the_queue(&world, "q"), the_pool(&world));
    assert_eq!((queue.pool, queue.cidr_in_subnet), (Some(pool.name), pool.cidr_in_subnet));
    world.ask(Command::Bind(id, names(&["q"], &[]))).unwrap();
    assert_eq!(world.peers(id), ["elastic resource pool p CREATING"]);
    let again = Request::Project(world.scope(), Command::ChangePool("p".into(), add("q")));
    assert_eq!(world.decide(&again).unwrap().changes, []);
    world.ask(super::pool("other", None)).unwrap();
    let elsewhere = Command::ChangePool("other".into(), add("q"));
    assert!(refused(world.ask(elsewhere), Refusal::NotSupported).contains("elastic resource pool p already"));
    refused(change_pool(&mut world, add("default")), Refusal::NotSupported);
    assert_eq!(change_pool(&mut world, add("lost")), Err(Refusal::UnknownQueue("lost".into())));
}

#[test]
fn a_queue_and_its_pool_belong_to_one_enterprise_project() {
    let mut world = World::furnished();
    let Command::CreateQueue(mut new) = queue("other", None, Some(1)) else { panic!("it creates a queue") };
    new.template.enterprise_project_id = "e".into();
    world.ask(Command::CreateQueue(new)).unwrap();
    let text = refused(change_pool(&mut world, PoolChange::AddQueue("other".into())), Refusal::NotSupported);
    assert!(text.contains("enterprise project e"), "{text}");
}

#[test]
fn policies_cover_the_day_stay_apart_and_within_the_pool() {
    let mut world = World::furnished();
    let set = |policies: &[ScalingPolicy]| PoolChange::SetPolicies("inside".into(), policies.to_vec());
    let day = policy((0, 24), (16, 64));
    let good = [day.clone(), policy((0, 9), (64, 64)), policy((9, 12), (0, 16))];
    change_pool(&mut world, set(&good)).unwrap();
    assert_eq!(*the_queue(&world, "inside").policies, good);
    for (bad, text) in [
        (vec![], "exactly one policy from 00:00 to 24:00"),
        (vec![policy((0, 9), (16, 16))], "exactly one policy"),
        (vec![day.clone(), day.clone()], "exactly one policy"),
        (vec![day.clone(), policy((0, 9), (16, 16)), policy((8, 10), (16, 16))], "two of them are about 08:00"),
        (vec![policy((0, 24), (16, 80))], "at most the 64 CUs"),
        (vec![day.clone(), policy((3, 4), (80, 64))], "At 03:00"),
    ] {
        let found = refused(change_pool(&mut world, set(&bad)), Refusal::Invalid);
        assert!(found.contains(text), "{found}");
    }
    let inheriting = ScalingPolicy { inherits_max_cu: true, ..policy((0, 24), (16, 9999)) };
    change_pool(&mut world, set(&[inheriting])).unwrap();
    for stranger in ["q", "shared"] {
        let foreign = PoolChange::SetPolicies(stranger.into(), vec![day.clone()]);
        refused(change_pool(&mut world, foreign), Refusal::NotSupported);
    }
}

#[test]
fn queues_of_a_pool_are_not_promised_more_than_it_always_has() {
    let mut world = World::furnished();
    world.ask(queue("second", Some("p"), None)).unwrap();
    let set = |name: &str, min| PoolChange::SetPolicies(name.into(), vec![policy((0, 24), (min, 64))]);
    change_pool(&mut world, set("inside", 48)).unwrap();
    let text = refused(change_pool(&mut world, set("inside", 64)), Refusal::Invalid);
    assert!(text.contains("80 CUs (64 by these policies)"), "{text}");
    change_pool(&mut world, set("second", 0)).unwrap();
    change_pool(&mut world, set("inside", 64)).unwrap();
}
