use linkspan_model::{ConnectionId, PeerState};

use super::*;
use crate::command::NewRoute;

fn route(name: &str, cidr: &str) -> NewRoute {
    NewRoute { name: name.parse().unwrap(), cidr: cidr.into() }
}

fn add(id: ConnectionId, name: &str, cidr: &str) -> Command {
    Command::AddRoute(id, route(name, cidr))
}

fn routes(world: &World, id: ConnectionId) -> Vec<String> {
    let routes = world.entry(id).connection.routes.iter();
    routes.map(|route| format!("{} {} {}", route.name, route.cidr_text, route.create_time - NOW)).collect()
}

#[test]
fn kept_as_sent_in_the_order_added() {
    let mut world = World::new();
    let id = world.connect("c", &[]);
    for (name, cidr) in [("z", "10.1.2.3/16"), ("a", "10.0.0.1"), ("m", "0.0.0.0/0")] {
        world.now += 1;
        world.ask(add(id, name, cidr)).unwrap();
    }
    assert_eq!(routes(&world, id), ["z 10.1.2.3/16 1", "a 10.0.0.1 2", "m 0.0.0.0/0 3"]);
    world.ask(Command::DeleteRoute(id, "a".into())).unwrap();
    assert_eq!(routes(&world, id), ["z 10.1.2.3/16 1", "m 0.0.0.0/0 3"]);
    refused(world.ask(Command::DeleteRoute(id, "a".into())), Refusal::Unknown);
    refused(world.ask(Command::DeleteRoute(id, "".into())), Refusal::Unknown);
}

#[test]
fn a_name_keeps_its_destination_and_a_destination_may_have_two_names() {
    let mut world = World::new();
    let id = world.connect("c", &[]);
    world.ask(add(id, "r", "10.0.0.0/8")).unwrap();
    let again = Request::Project(world.scope(), add(id, "r", "10.0.0.0/8"));
    assert!(world.decide(&again).unwrap().changes.is_empty());
    for other in ["10.0.0.0/9", "10.0.0.1/8"] {
        let text = refused(world.ask(add(id, "r", other)), Refusal::Exists);
        assert!(text.contains("10.0.0.0/8") && text.contains("delete the route first"), "{text}");
    }
    world.ask(add(id, "other", "10.0.0.0/8")).unwrap();
    world.ask(add(id, "R", "10.0.0.0/8")).expect("names differ in case");
}

#[test]
fn a_change_is_another_desired_state_in_which_every_peer_stands_where_it_stood() {
    let mut world = World::furnished();
    world.ask(queue("creating", None, Some(1))).unwrap();
    world.ask(queue("failed", None, Some(1))).unwrap();
    let id = world.connect("c", &["q", "failed"]);
    world.activate(id);
    let failed = world.peer(id, &a_queue("failed")).id;
    world.report(failed, 1, PeerOutcome::Failed("no way".into()));
    world.now += 10;
    world.ask(Command::Bind(id, names(&["creating"], &[]))).unwrap();
    let before: Vec<Peer> = world.entry(id).peers.iter().map(|peer| peer.value.clone()).collect();
    world.now += 10;
    world.ask(add(id, "r", "10.0.0.0/8")).unwrap();
    world.ask(Command::DeleteRoute(id, "r".into())).unwrap();
    for (now, before) in world.entry(id).peers.iter().zip(&before) {
        assert_eq!(now.value, Peer { generation: before.generation + 2, ..before.clone() });
    }
    world.report(failed, 1, PeerOutcome::Active);
    assert_eq!(world.peers(id), ["queue q ACTIVE", "queue failed FAILED", "queue creating CREATING"], "it is stale");
    world.report(failed, 3, PeerOutcome::Active);
    assert_eq!(stage(world.peer(id, &a_queue("failed"))), "ACTIVE");
}

#[test]
fn what_is_called_off_or_removed_gets_no_other_desired_state() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    let peer = world.peer(id, &a_queue("q")).id;
    assert!(matches!(world.ask(Command::DeleteConnection(id)), Ok(Reply::Cancelling(_))));
    world.ask(add(id, "r", "10.0.0.0/8")).unwrap();
    assert_eq!(
        (&world.peer(id, &a_queue("q")).state, world.peer(id, &a_queue("q")).generation),
        (&PeerState::Cancelled, 2)
    );
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    world.ask(add(id, "s", "10.0.0.0/8")).unwrap();
    assert_eq!(world.state.removing[&peer].value.generation, 3);
}

#[test]
fn ipv6_only_where_the_subnet_had_it_and_no_more_than_the_limit() {
    let mut world = World::new();
    world.rules.routes_per_connection = 2;
    let id = world.connect("c", &[]);
    for cidr in ["2407:c080::/64", "::1"] {
        let text = refused(world.ask(add(id, "r", cidr)), Refusal::NotSupported);
        assert!(text.contains("ipv6_enable"), "{text}");
    }
    let mut with_ipv6 = world.entry(id).connection.clone();
    with_ipv6.ipv6 = true;
    world.import(Record::Connection(with_ipv6));
    world.ask(add(id, "r", "2407:c080::/64")).unwrap();
    world.ask(add(id, "s", "10.0.0.0/8")).unwrap();
    let text = refused(world.ask(add(id, "t", "10.0.0.0/8")), Refusal::Exceeds);
    assert!(text.contains("at most 2"), "{text}");
    world.ask(add(id, "s", "10.0.0.0/8")).expect("the same again needs no room");
    refused(world.ask(add(id, "u", "no cidr")), Refusal::Invalid);
}

#[test]
fn nobody_adds_a_route_to_what_is_deleted_or_another_projects() {
    let mut world = World::new();
    let id = world.connect("c", &[]);
    let Ok(Reply::Project(other)) = world.admin(AdminCommand::CreateProject("d".parse().unwrap(), "b".into())) else {
        panic!("no project")
    };
    let unknown = Err(Refusal::UnknownConnection(id.to_string()));
    assert_eq!(world.ask_in(&other, add(id, "r", "10.0.0.0/8")), unknown);
    world.ask(Command::DeleteConnection(id)).unwrap();
    assert_eq!(world.ask(add(id, "r", "10.0.0.0/8")), unknown);
    assert_eq!(world.ask(Command::DeleteRoute(id, "r".into())), unknown);
}
