use super::*;
use linkspan_model::{Pool, Queue};

fn made_queue(answer: Result<Reply, Refusal>) -> Queue {
    match answer {
        Ok(Reply::Queue(queue)) => *queue,
        other => panic!("{other:?}"),
    }
}

fn made_pool(answer: Result<Reply, Refusal>) -> Pool {
    match answer {
        Ok(Reply::Pool(pool)) => *pool,
        other => panic!("{other:?}"),
    }
}

#[test]
fn queues_get_the_highest_free_network_and_pools_the_lowest() {
    let mut world = World::new();
    for expected in ["172.31.255.0/24", "172.31.254.0/24"] {
        let made = made_queue(world.ask(queue(&format!("q{}", world.revision), None, Some(1))));
        assert_eq!(made.cidr_in_subnet.to_string(), expected);
        assert_eq!(made.cidr_in_vpc.to_string(), "172.16.0.0/12");
    }
    for expected in ["172.16.0.0/18", "172.16.64.0/18"] {
        let made = made_pool(world.ask(pool(&format!("p{}", world.revision), None)));
        assert_eq!(made.cidr_in_subnet.to_string(), expected);
        assert_eq!(made.cidr_in_vpc.to_string(), "172.16.0.0/12");
    }
    let given = made_pool(world.ask(pool("given", Some("172.31.128.0/17"))));
    assert_eq!(given.cidr_in_subnet.to_string(), "172.31.128.0/17", "it has all of what was given");
    assert_eq!(given.cidr_in_vpc, given.cidr_in_subnet);
    let made = made_queue(world.ask(queue("q", None, Some(1))));
    assert_eq!(made.cidr_in_subnet.to_string(), "172.31.127.0/24", "two of a project never overlap by default");
    let inside = made_queue(world.ask(queue("inside", Some("given"), None)));
    assert_eq!((inside.cidr_in_subnet, inside.cidr_in_vpc), (given.cidr_in_subnet, given.cidr_in_vpc));
}

#[test]
fn a_pool_that_was_given_everything_leaves_defaults_to_others() {
    let mut world = World::new();
    made_pool(world.ask(pool("all", Some("172.16.0.0/12"))));
    assert_eq!(made_queue(world.ask(queue("q", None, Some(1)))).cidr_in_subnet.to_string(), "172.31.255.0/24");
    assert_eq!(made_pool(world.ask(pool("p", None))).cidr_in_subnet.to_string(), "172.16.0.0/18");
    assert_eq!(made_queue(world.ask(queue("r", None, Some(1)))).cidr_in_subnet.to_string(), "172.31.254.0/24");
}

#[test]
fn a_network_is_free_again_when_its_queue_goes() {
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        world.ask(queue(name, None, Some(1))).unwrap();
    }
    world.ask(Command::DeleteQueue("B".into())).unwrap();
    assert_eq!(made_queue(world.ask(queue("d", None, Some(1)))).cidr_in_subnet.to_string(), "172.31.254.0/24");
}

#[test]
fn when_no_network_is_left_the_text_says_what_to_do() {
    let mut world = World::new();
    for n in 0..64 {
        world.ask(pool(&format!("p{n}"), None)).unwrap();
    }
    for command in [pool("more", None), queue("q", None, Some(1))] {
        let text = refused(world.ask(command), Refusal::Exceeds);
        assert!(text.contains("172.16.0.0/12") && text.contains("delete queues or pools"), "{text}");
    }
    assert_eq!(made_pool(world.ask(pool("given", Some("10.0.0.0/8")))).cidr_in_subnet.to_string(), "10.0.0.0/8");
}

#[test]
fn the_resource_mode_is_one_in_a_pool_and_else_zero() {
    let mut world = World::furnished();
    let mode = |world: &mut World, name: &str, pool, mode| made_queue(world.ask(queue(name, pool, mode))).resource_mode;
    assert_eq!(mode(&mut world, "a", None, None), 0);
    assert_eq!(mode(&mut world, "b", Some("p"), None), 1);
    assert_eq!(mode(&mut world, "c", None, Some(1)), 1);
    assert_eq!(mode(&mut world, "d", Some("p"), Some(0)), 0);
}

#[test]
fn names_are_one_whatever_their_case_and_default_is_preset() {
    let mut world = World::furnished();
    for taken in
        [queue("Q", None, Some(1)), queue("default", None, None), queue("Default", None, None), pool("P", None)]
    {
        refused(world.ask(taken), Refusal::Exists);
    }
    assert_eq!(made_queue(world.ask(queue("MIXED", Some("P"), None))).name.as_str(), "mixed");
    world.ask(queue("p", None, Some(1))).expect("a queue may be called like a pool");
    assert_eq!(world.ask(queue("z", Some("Lost"), None)), Err(Refusal::UnknownPool("Lost".into())));
    refused(world.ask(Command::DeleteQueue("DEFAULT".into())), Refusal::NotSupported);
    assert_eq!(world.ask(Command::DeleteQueue("Nope".into())), Err(Refusal::UnknownQueue("Nope".into())));
    assert_eq!(world.ask(Command::DeletePool("Nope".into())), Err(Refusal::UnknownPool("Nope".into())));
}

#[test]
fn a_pool_that_holds_queues_stays() {
    let mut world = World::furnished();
    let text = refused(world.ask(Command::DeletePool("p".into())), Refusal::NotSupported);
    assert!(text.contains("inside"), "{text}");
    world.ask(Command::DeleteQueue("inside".into())).unwrap();
    world.ask(Command::DeletePool("P".into())).unwrap();
    assert_eq!(world.ask(Command::DeletePool("p".into())), Err(Refusal::UnknownPool("p".into())));
}

#[test]
fn the_peers_of_a_queue_or_pool_go_with_it_in_the_same_commit() {
    let mut world = World::furnished();
    let (one, two) = (world.connect("one", &["q", "inside"]), world.connect("two", &["q"]));
    world.activate(one);
    let delete = Request::Project(world.scope(), Command::DeleteQueue("q".into()));
    assert_eq!(world.decide(&delete).unwrap().changes.len(), 3, "two peers and the queue");
    world.carry_out(&delete).unwrap();
    assert_eq!((world.peers(one), world.peers(two)), (vec!["elastic resource pool p ACTIVE".into()], vec![]));
    assert_eq!(world.state.removing.len(), 2);
    world.ask(Command::DeleteQueue("inside".into())).unwrap();
    assert_eq!(world.peers(one).len(), 1, "the pool stays bound when a queue of it goes");
    world.ask(Command::DeletePool("p".into())).unwrap();
    assert_eq!((world.peers(one), world.state.removing.len()), (vec![], 3));
}
