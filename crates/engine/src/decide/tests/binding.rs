use super::*;

fn bind(id: ConnectionId, queues: &[&str], pools: &[&str]) -> Command {
    Command::Bind(id, names(queues, pools))
}

fn unbind(id: ConnectionId, queues: &[&str], pools: &[&str]) -> Command {
    Command::Unbind(id, names(queues, pools))
}

#[test]
fn what_can_not_be_bound_binds_nothing() {
    let mut world = World::furnished();
    let id = world.connect("c", &[]);
    type Row = (&'static [&'static str], &'static [&'static str], Refusal);
    let unsupported = || Refusal::NotSupported(String::new());
    let rows: [Row; 10] = [
        (&["q", "default"], &[], unsupported()),
        (&["q", "DEFAULT"], &[], unsupported()),
        (&["q", "shared"], &[], unsupported()),
        (&["q", "Nope", "other"], &["lost"], Refusal::UnknownQueue("Nope".into())),
        (&["q"], &["lost", "more"], Refusal::UnknownPool("lost".into())),
        (&["q", "9", "nope"], &[], Refusal::UnknownQueue("9".into())),
        (&["a-b"], &[], Refusal::UnknownQueue("a-b".into())),
        // What is missing is told before what can't be bound.
        (&["default", "nope"], &[], Refusal::UnknownQueue("nope".into())),
        (&["shared"], &["lost"], Refusal::UnknownPool("lost".into())),
        (&[], &[], Refusal::Invalid(String::new())),
    ];
    for (queues, pools, expected) in rows {
        for command in [bind(id, queues, pools), create(queues, pools)] {
            if matches!((&command, &expected), (Command::CreateConnection(_), Refusal::Invalid(_))) {
                continue;
            }
            let refusal = world.ask(command).unwrap_err();
            match &expected {
                Refusal::UnknownQueue(_) | Refusal::UnknownPool(_) => assert_eq!(refusal, expected),
                _ => assert_eq!(std::mem::discriminant(&refusal), std::mem::discriminant(&expected), "{refusal:?}"),
            }
            assert_eq!(world.peers(id), [""; 0], "{queues:?} {pools:?}");
        }
    }
}

fn create(queues: &[&str], pools: &[&str]) -> Command {
    Command::CreateConnection(NewConnection { sources: names(queues, pools), ..connection("other") })
}

#[test]
fn the_texts_say_what_to_do_instead() {
    let mut world = World::furnished();
    let id = world.connect("c", &[]);
    let text = refused(world.ask(bind(id, &["shared"], &[])), Refusal::NotSupported);
    assert!(text.contains("shared") && text.contains("resource_mode 1"), "{text}");
    let text = refused(world.ask(bind(id, &["default"], &[])), Refusal::NotSupported);
    assert!(text.contains("create a queue of your own"), "{text}");
}

#[test]
fn a_queue_in_a_pool_stands_for_the_pool_once() {
    let mut world = World::furnished();
    world.ask(queue("beside", Some("P"), Some(0))).unwrap();
    let id = world.connect("c", &["inside", "beside", "INSIDE"]);
    assert_eq!(world.peers(id), ["elastic resource pool p CREATING"], "whatever its resource_mode");
    world.ask(bind(id, &["inside"], &["p", "P"])).unwrap();
    assert_eq!(world.peers(id).len(), 1);
    let Ok(Reply::Unbound(gone)) = world.ask(unbind(id, &["beside"], &[])) else { panic!("not unbound") };
    assert_eq!((gone.len(), world.peers(id)), (1, vec![]), "unbinding any of them unbinds the pool");
}

#[test]
fn peers_are_bound_in_the_order_named_queues_first() {
    let mut world = World::furnished();
    world.ask(queue("r", None, Some(1))).unwrap();
    let id = world.connect("c", &[]);
    world.ask(bind(id, &["R", "q"], &["p"])).unwrap();
    assert_eq!(world.peers(id), ["queue r CREATING", "queue q CREATING", "elastic resource pool p CREATING"]);
    let bound: Vec<_> = world.entry(id).peers.iter().map(|peer| peer.value.bound()).collect();
    assert!(bound.is_sorted_by(|a, b| a < b), "{bound:?}");
}

#[test]
fn binding_again_changes_nothing_but_tries_again_what_failed() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    let again = Request::Project(world.scope(), bind(id, &["q"], &[]));
    assert!(world.decide(&again).unwrap().changes.is_empty(), "while it is being created");
    world.activate(id);
    assert!(world.decide(&again).unwrap().changes.is_empty(), "while it is active");
    let peer = world.peer(id, &a_queue("q")).clone();
    world.report(peer.id, peer.generation, PeerOutcome::Failed("because".into()));
    world.now += 5;
    world.carry_out(&again).unwrap();
    let tried = world.peer(id, &a_queue("q"));
    assert_eq!(tried.state, PeerState::Creating { deadline: world.now + 120_000 });
    assert_eq!((tried.id, tried.generation, tried.bound()), (peer.id, peer.generation + 1, peer.bound()));
}

#[test]
fn a_connection_binds_at_most_two_hundred() {
    let mut world = World::new();
    let queues: Vec<String> = (0..201).map(|n| format!("q{n}")).collect();
    for name in &queues {
        world.ask(queue(name, None, Some(1))).unwrap();
    }
    let all: Vec<&str> = queues.iter().map(String::as_str).collect();
    refused(world.ask(create(&all, &[])), Refusal::Exceeds);
    let id = world.connect("c", &all[..199]);
    refused(world.ask(bind(id, &all[199..], &[])), Refusal::Exceeds);
    assert_eq!(world.peers(id).len(), 199, "all or nothing");
    world.ask(bind(id, &all[..200], &[])).unwrap();
    world.ask(bind(id, &all[..200], &[])).unwrap();
    let text = refused(world.ask(bind(id, &all[200..], &[])), Refusal::Exceeds);
    assert!(text.contains("200"), "{text}");
}

#[test]
fn unbinding_is_all_or_nothing_and_forgiving() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q", "inside"]);
    let everything = ["queue q CREATING", "elastic resource pool p CREATING"];
    assert_eq!(world.ask(unbind(id, &["q", "nope"], &[])), Err(Refusal::UnknownQueue("nope".into())));
    assert_eq!(world.ask(unbind(id, &["q"], &["lost"])), Err(Refusal::UnknownPool("lost".into())));
    refused(world.ask(unbind(id, &[], &[])), Refusal::Invalid);
    assert_eq!(world.peers(id), everything);
    for unbound in ["shared", "default", "DEFAULT"] {
        assert_eq!(world.ask(unbind(id, &[unbound], &[])), Ok(Reply::Unbound(vec![])), "it exists and is not bound");
    }
    let peer = world.peer(id, &a_queue("q")).clone();
    world.report(peer.id, peer.generation, PeerOutcome::Failed("because".into()));
    assert_eq!(world.ask(unbind(id, &["Q", "q"], &[])), Ok(Reply::Unbound(vec![peer.id])), "a failed one may go");
    assert_eq!(world.peers(id), everything[1..], "a creating one may go too");
    assert_eq!(world.ask(unbind(id, &["q"], &[])), Ok(Reply::Unbound(vec![])), "again");
    let gone = &world.state.removing.get(&peer.id).unwrap().value;
    assert_eq!((gone.generation, &gone.state), (peer.generation + 1, &PeerState::Removing));
    let scope = world.scope();
    assert!(world.state.project(&scope).is_removing(peer.id));
}

#[test]
fn a_name_that_is_gone_from_the_project_is_unknown_to_unbind() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    world.activate(id);
    world.ask(Command::DeleteQueue("q".into())).unwrap();
    assert_eq!(world.ask(unbind(id, &["q"], &[])), Err(Refusal::UnknownQueue("q".into())));
}

#[test]
fn a_connection_that_is_unknown_deleted_or_anothers_is_unknown() {
    let mut world = World::furnished();
    let id = world.connect("c", &[]);
    let nowhere = ConnectionId(Uuid::max());
    world.ask(Command::DeleteConnection(id)).unwrap();
    for id in [nowhere, id] {
        let unknown = Err(Refusal::UnknownConnection(id.to_string()));
        assert_eq!(world.ask(bind(id, &["q"], &[])), unknown);
        assert_eq!(world.ask(unbind(id, &["q"], &[])), unknown);
        assert_eq!(world.ask(Command::SetHosts(id, Hosts::default())), unknown);
        assert_eq!(world.ask(Command::DeleteConnection(id)), unknown);
    }
    assert_eq!(Refusal::UnknownConnection(id.to_string()).to_string(), format!("Connection {id} does not exist."));
}
