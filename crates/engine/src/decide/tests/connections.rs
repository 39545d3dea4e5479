use super::*;
use crate::decide::Directory;
use linkspan_model::{Connection, ConnectionStatus, Stamp};

fn create(name: &str) -> Command {
    Command::CreateConnection(connection(name))
}

fn hosts(count: usize) -> Hosts {
    let records: Vec<_> = (0..count).map(|n| (format!("h{n}"), "10.0.0.1")).collect();
    Hosts::parse(&records).unwrap()
}

#[test]
fn a_name_is_unique_among_what_exists_and_the_text_says_which_has_it() {
    let mut world = World::new();
    let id = world.connect("name", &[]);
    let text = refused(world.ask(create("name")), Refusal::Exists);
    assert!(text.contains(&id.to_string()), "{text}");
    world.connect("Name", &[]);
    world.ask(Command::DeleteConnection(id)).unwrap();
    assert_ne!(world.connect("name", &[]), id, "free again");
}

/// A connection of another project that is granted to `a`.
pub(super) fn granted(name: &str) -> Record {
    Record::Connection(Connection {
        id: ConnectionId(Uuid::max()),
        project: "other".parse().unwrap(),
        name: name.parse().unwrap(),
        dest_vpc: "v".parse().unwrap(),
        dest_network: "n".parse().unwrap(),
        route_table: None,
        created: Stamp::new(NOW, 9),
        status: ConnectionStatus::Active,
        tags: Tags::default(),
        routes: Box::default(),
        ipv6: false,
        grantees: ["a".parse().unwrap()].into(),
    })
}

#[test]
fn a_granted_connection_is_bound_by_the_grantee_and_deleted_by_its_owner_only() {
    let mut world = World::furnished();
    world.import(granted("name"));
    world.connect("name", &[]);
    let id = ConnectionId(Uuid::max());
    let text = refused(world.ask(Command::DeleteConnection(id)), Refusal::Forbidden);
    assert!(text.contains("only its owner"), "{text}");
    world.ask(Command::Bind(id, names(&["q"], &[]))).unwrap();
    assert_eq!(world.peers(id), ["queue q CREATING"]);
    assert_eq!(world.entry(id).peers[0].value.project.as_str(), "a");
}

#[test]
fn an_open_directory_takes_every_network_to_exist_and_a_strict_one_only_its_own() {
    let mut world = World::new();
    world.connect("open", &[]);
    world.rules.directory = Directory::Strict;
    let text = refused(world.ask(create("c")), Refusal::Unknown);
    assert!(text.starts_with("dest_vpc_id v "), "{text}");
    world.ask(vpc("v", None)).unwrap();
    let text = refused(world.ask(create("c")), Refusal::Unknown);
    assert!(text.starts_with("dest_network_id n "), "{text}");
    world.ask(subnet("n", "v", "10.0.0.0/24")).unwrap();
    let with_table = NewConnection { route_table: Some("t".parse().unwrap()), ..connection("c") };
    let text = refused(world.ask(Command::CreateConnection(with_table)), Refusal::Unknown);
    assert!(text.starts_with("routetable_id t "), "{text}");
    world.ask(create("c")).unwrap();
}

#[test]
fn a_subnet_of_another_vpc_is_refused_in_either_directory() {
    for directory in [Directory::Open, Directory::Strict] {
        let mut world = World::new();
        world.rules.directory = directory;
        world.ask(vpc("v", None)).unwrap();
        world.ask(vpc("w", None)).unwrap();
        world.ask(subnet("n", "w", "10.0.0.0/24")).unwrap();
        let text = refused(world.ask(create("c")), Refusal::Invalid);
        assert!(text.contains("VPC w") && text.contains("dest_vpc_id v"), "{text}");
    }
}

#[test]
fn host_records_of_a_project_have_a_budget() {
    let mut world = World::new();
    world.rules.host_bytes_per_project = hosts(10).weight();
    let with = |name: &str, count| Command::CreateConnection(NewConnection { hosts: hosts(count), ..connection(name) });
    let Ok(Reply::Created(one)) = world.ask(with("one", 6)) else { panic!("not created") };
    let text = refused(world.ask(with("two", 5)), Refusal::Exceeds);
    assert!(text.contains(&world.rules.host_bytes_per_project.to_string()), "{text}");
    let Ok(Reply::Created(two)) = world.ask(with("two", 4)) else { panic!("not created") };
    refused(world.ask(Command::SetHosts(two, hosts(5))), Refusal::Exceeds);
    world.ask(Command::SetHosts(one, hosts(3))).expect("what it has is given back first");
    world.ask(Command::SetHosts(two, hosts(7))).unwrap();
    world.rules.host_bytes_per_project = 0;
    refused(world.ask(Command::SetHosts(two, hosts(6))), Refusal::Exceeds);
    world.ask(Command::SetHosts(two, hosts(7))).expect("the same again changes nothing");
}

#[test]
fn hosts_are_replaced_whole_and_cleared_by_none() {
    let mut world = World::new();
    let id = world.connect("c", &[]);
    let set = |world: &World, count| Request::Project(world.scope(), Command::SetHosts(id, hosts(count)));
    for (count, changes) in [(0, 0), (2, 1), (2, 0), (3, 1), (0, 1), (0, 0)] {
        let request = set(&world, count);
        let decision = world.decide(&request).unwrap();
        assert_eq!(decision.changes.len(), changes, "{count} hosts");
        world.carry_out(&request).unwrap();
        assert_eq!(world.entry(id).hosts(), hosts(count).as_slice());
        assert_eq!(world.entry(id).hosts.is_some(), count > 0);
    }
}

#[test]
fn deleting_removes_the_peers_and_freezes_the_rest() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q", "inside"]);
    world.ask(Command::SetHosts(id, hosts(2))).unwrap();
    world.activate(id);
    let peer = world.peer(id, &a_queue("q")).clone();
    world.report(peer.id, peer.generation, PeerOutcome::Failed("because".into()));
    assert_eq!(world.ask(Command::DeleteConnection(id)), Ok(Reply::Done), "a failed peer does not hold it");
    let entry = world.entry(id);
    assert_eq!(entry.connection.status, ConnectionStatus::Deleted { at: NOW });
    assert_eq!((entry.peers.len(), entry.hosts().len(), world.state.removing.len()), (0, 2, 2));
}

#[test]
fn deleting_calls_off_what_is_being_created_and_names_it() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q", "inside"]);
    let pool = world.peer(id, &a_pool("p")).clone();
    world.report(pool.id, pool.generation, PeerOutcome::Active);
    let delete = Command::DeleteConnection(id);
    assert_eq!(world.ask(delete.clone()), Ok(Reply::Cancelling(a_queue("q"))));
    assert_eq!(world.peers(id), ["queue q CANCELLED", "elastic resource pool p ACTIVE"], "the rest stays until then");
    let again = Request::Project(world.scope(), delete.clone());
    assert!(world.decide(&again).unwrap().changes.is_empty(), "asking again calls nothing off twice");
    let peer = world.peer(id, &a_queue("q")).clone();
    world.report(peer.id, peer.generation - 1, PeerOutcome::Removed);
    world.report(peer.id, peer.generation, PeerOutcome::Active);
    assert_eq!(world.ask(delete.clone()), Ok(Reply::Cancelling(a_queue("q"))), "only its end settles it");
    world.report(peer.id, peer.generation, PeerOutcome::Removed);
    assert_eq!(world.peers(id)[0], "queue q FAILED");
    assert_eq!(world.ask(delete), Ok(Reply::Done));
}

#[test]
fn creation_times_never_go_back_and_never_repeat() {
    let mut world = World::new();
    let mut last = Stamp::default();
    for (n, step) in [0, 0, -50, -100_000, 3, 200_000, -1].into_iter().enumerate() {
        world.now += step;
        let id = world.connect(&format!("c{n}"), &[]);
        let created = world.entry(id).connection.created;
        assert!(created > last && created.millis() >= world.now, "{created:?} at {} after {last:?}", world.now);
        last = created;
    }
    assert_eq!(last.millis(), world.now + 1, "the clock stepped back by one, and its time is kept");
}

#[test]
fn an_accepted_change_is_audited_and_one_that_is_none_is_not_written() {
    let mut world = World::new();
    let request = Request::Project(world.scope(), create("c"));
    let note = world.decide(&request).unwrap().audit.unwrap();
    assert_eq!((note.action, note.detail.as_str()), ("createConnection", "name=c"));
    assert_eq!(note.project, Some("a".parse().unwrap()));
    let id = world.connect("c", &[]);
    let request = Request::Project(world.scope(), Command::SetHosts(id, Hosts::default()));
    assert!(world.decide(&request).unwrap().changes.is_empty());
}
