use linkspan_model::{ConnectionId, ProjectId};

use super::*;
use crate::command::{Authorization, GrantAction, NewRoute};
use crate::rows::PageQuery;

fn authorization(action: GrantAction, id: ConnectionId, project: &str) -> Authorization {
    let objects = vec![(format!("edsconnections.{id}"), vec!["BIND_QUEUE".to_owned()])];
    Authorization { action, project: Some(project.into()), user: None, objects }
}

/// A project `b` beside the world's own, with a queue `q` and a connection of the first granted to it.
fn shared() -> (World, ProjectId, ConnectionId) {
    let mut world = World::furnished();
    let Ok(Reply::Project(other)) = world.admin(AdminCommand::CreateProject("d".parse().unwrap(), "b".into())) else {
        panic!("no project")
    };
    world.ask_in(&other, queue("q", None, Some(1))).unwrap();
    let id = world.connect("c", &["q"]);
    world.activate(id);
    world.grant(GrantAction::Grant, id, other.as_str()).unwrap();
    (world, other, id)
}

impl World {
    fn grant(&mut self, action: GrantAction, id: ConnectionId, project: &str) -> Result<Reply, Refusal> {
        self.ask(Command::Authorize(authorization(action, id, project)))
    }

    fn grantees(&self, id: ConnectionId) -> Vec<&str> {
        self.entry(id).connection.grantees.iter().map(ProjectId::as_str).collect()
    }

    /// How many connections a project lists, and the revision of that list.
    fn listed(&self, project: &str) -> (usize, u64) {
        let project: ProjectId = project.parse().unwrap();
        self.state.held(&project).map_or((0, 0), |held| (held.lists.of_status(None).len(), held.list_revision))
    }
}

#[test]
fn repeated_ones_change_nothing_and_the_order_is_that_of_the_grants() {
    let (mut world, other, id) = shared();
    world.grant(GrantAction::Grant, id, "p1").unwrap();
    assert_eq!(world.grantees(id), [other.as_str(), "p1"]);
    for (action, project) in [(GrantAction::Grant, "p1"), (GrantAction::Update, "p1"), (GrantAction::Revoke, "nobody")]
    {
        let request = Request::Project(world.scope(), Command::Authorize(authorization(action, id, project)));
        let decision = world.decide(&request).unwrap();
        assert_eq!((decision.changes, decision.reply), (vec![], Reply::Unbound(vec![])), "{action:?}");
    }
    let none = Authorization {
        objects: vec![(format!("edsconnections.{id}"), vec![])],
        ..authorization(GrantAction::Update, id, other.as_str())
    };
    world.ask(Command::Authorize(none)).unwrap();
    assert_eq!(world.grantees(id), ["p1"]);
}

#[test]
fn a_revoke_removes_the_projects_peers_in_the_same_commit_and_nobody_elses() {
    let (mut world, other, id) = shared();
    world.ask_in(&other, queue("settled", None, Some(1))).unwrap();
    world.ask_in(&other, Command::Bind(id, names(&["settled"], &[]))).unwrap();
    world.activate(id);
    world.ask_in(&other, Command::Bind(id, names(&["q"], &[]))).unwrap();
    assert_eq!(world.peers(id), ["queue q ACTIVE", "queue settled ACTIVE", "queue q CREATING"]);
    let revoke = Command::Authorize(authorization(GrantAction::Revoke, id, other.as_str()));
    let decision = world.decide(&Request::Project(world.scope(), revoke.clone())).unwrap();
    assert_eq!(decision.changes.len(), 3, "two peers and the connection");
    let Ok(Reply::Unbound(lost)) = world.ask(revoke) else { panic!("not unbound") };
    assert_eq!((lost.len(), world.state.removing.len()), (2, 2));
    assert_eq!(world.peers(id), ["queue q ACTIVE"], "the owner's queue of the same name");
    let scope = world.scope();
    assert!(lost.iter().all(|peer| world.state.project(&scope).is_removing(*peer)), "the owner may wait for them");
    let bind = Command::Bind(id, names(&["q"], &[]));
    assert_eq!(world.ask_in(&other, bind.clone()), Err(Refusal::UnknownConnection(id.to_string())));
    // Granted again, it starts from nothing, beside what the plane still has to cut.
    world.grant(GrantAction::Grant, id, other.as_str()).unwrap();
    world.ask_in(&other, bind).unwrap();
    assert_eq!(world.peers(id), ["queue q ACTIVE", "queue q CREATING"]);
    for peer in lost {
        let generation = world.state.removing[&peer].value.generation;
        world.report(peer, generation, PeerOutcome::Removed);
    }
    assert_eq!(world.peers(id), ["queue q ACTIVE", "queue q CREATING"]);
}

#[test]
fn all_or_nothing_over_several_objects() {
    let (mut world, other, id) = shared();
    let second = world.connect("second", &[]);
    let object = |id: &dyn std::fmt::Display| (format!("edsconnections.{id}"), vec!["BIND_QUEUE".to_owned()]);
    let ask = |objects: Vec<(String, Vec<String>)>| {
        Command::Authorize(Authorization { objects, ..authorization(GrantAction::Grant, id, "p1") })
    };
    let unknown = "2a620c33-5609-40c9-affd-2b6453071b0f";
    let refusal = Err(Refusal::UnknownConnection(unknown.into()));
    assert_eq!(world.ask(ask(vec![object(&second), object(&unknown)])), refusal);
    assert_eq!(world.grantees(second), [""; 0]);
    world.ask(ask(vec![object(&second), object(&id), object(&second)])).unwrap();
    assert_eq!((world.grantees(id), world.grantees(second)), (vec![other.as_str(), "p1"], vec!["p1"]));
    refused(world.ask(ask(vec![])), Refusal::Invalid);
    refused(world.ask(ask(vec![("queues.q".into(), vec!["BIND_QUEUE".into()])])), Refusal::NotSupported);
    refused(world.ask(ask(vec![(format!("edsconnections.{id}"), vec!["SELECT".into()])])), Refusal::Invalid);
    assert_eq!(world.ask(ask(vec![object(&"x")])), Err(Refusal::UnknownConnection("x".into())));
}

#[test]
fn only_to_another_project_and_to_no_more_than_the_limit() {
    let (mut world, _, id) = shared();
    world.rules.grantees_per_connection = 2;
    refused(world.grant(GrantAction::Grant, id, "a"), Refusal::Invalid);
    refused(world.grant(GrantAction::Grant, id, "no-id"), Refusal::Invalid);
    let nobody = Authorization { project: None, ..authorization(GrantAction::Grant, id, "") };
    refused(world.ask(Command::Authorize(nobody)), Refusal::Invalid);
    let user = Authorization { user: Some("u".into()), ..authorization(GrantAction::Grant, id, "p1") };
    refused(world.ask(Command::Authorize(user)), Refusal::NotSupported);
    world.grant(GrantAction::Grant, id, "p1").unwrap();
    let text = refused(world.grant(GrantAction::Grant, id, "p2"), Refusal::Exceeds);
    assert!(text.contains("at most 2"), "{text}");
    world.grant(GrantAction::Grant, id, "p1").expect("the same again needs no room");
}

#[test]
fn a_grantee_may_neither_delete_nor_grant() {
    let (mut world, other, id) = shared();
    for command in [
        Command::DeleteConnection(id),
        Command::Authorize(authorization(GrantAction::Grant, id, "p1")),
        Command::Authorize(authorization(GrantAction::Revoke, id, other.as_str())),
    ] {
        let decided = world.ask_in(&other, command.clone());
        // To grant it to itself is refused for that reason alone.
        assert!(matches!(decided, Err(Refusal::Forbidden(_) | Refusal::Invalid(_))), "{command:?} {decided:?}");
    }
    assert_eq!(world.grantees(id), [other.as_str()]);
}

#[test]
fn hosts_that_a_grantee_sets_count_for_the_owner() {
    let (mut world, other, id) = shared();
    let hosts = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("host{number}")).collect();
        Hosts::parse(&names.iter().map(|name| (name.as_str(), "10.0.0.1")).collect::<Vec<_>>()).unwrap()
    };
    world.rules.host_bytes_per_project = hosts(3).weight();
    world.ask_in(&other, Command::SetHosts(id, hosts(2))).unwrap();
    let second = world.connect("second", &[]);
    refused(world.ask(Command::SetHosts(second, hosts(2))), Refusal::Exceeds);
    let text = refused(world.ask_in(&other, Command::SetHosts(id, hosts(4))), Refusal::Exceeds);
    assert!(text.contains("ask its owner"), "{text}");
    let own = NewConnection { hosts: hosts(3), ..connection("own") };
    world.ask_in(&other, Command::CreateConnection(own)).expect("the grantee's own room is all there");
}

#[test]
fn what_one_project_binds_leaves_the_lists_of_the_others_as_they_were() {
    let (mut world, other, id) = shared();
    world.grant(GrantAction::Grant, id, "p1").unwrap();
    let lists = |world: &World| ["a", other.as_str(), "p1"].map(|project| world.listed(project).1);
    let before = lists(&world);
    world.ask_in(&other, Command::Bind(id, names(&["q"], &[]))).unwrap();
    let bound = lists(&world);
    assert_eq!((bound[0], bound[2]), (before[0], before[2]));
    assert_ne!(bound[1], before[1]);
    world.grant(GrantAction::Grant, id, "p2").unwrap();
    let granted = lists(&world);
    assert_ne!(granted[0], bound[0]);
    assert_eq!(granted[1..], bound[1..], "who else it is granted to is the owner's to see");
    world
        .ask_in(&other, Command::AddRoute(id, NewRoute { name: "r".parse().unwrap(), cidr: "10.0.0.0/8".into() }))
        .unwrap();
    assert!(lists(&world).into_iter().zip(granted).all(|(now, before)| now > before), "routes are common");
}

#[test]
fn a_project_that_is_made_later_finds_what_it_was_granted() {
    let (mut world, _, id) = shared();
    world.grant(GrantAction::Grant, id, "later").unwrap();
    assert_eq!(world.listed("later").0, 1);
    let later = Project {
        id: "later".parse().unwrap(),
        domain: "d".parse().unwrap(),
        name: "later".into(),
        enabled: true,
        create_time: NOW,
        node: None,
    };
    world.import(Record::Project(later.clone()));
    let scope = world.state.scope(&world.principal(), "later", Access::Write).unwrap();
    assert_eq!(world.state.project(&scope).page(&PageQuery::default()).total, 1);
    world.ask_in(&later.id, queue("q", None, Some(1))).unwrap();
    world.ask_in(&later.id, Command::Bind(id, names(&["q"], &[]))).unwrap();
    assert_eq!(world.peers(id), ["queue q ACTIVE", "queue q CREATING"]);
}

#[test]
fn projects_that_do_not_exist_leave_nothing_behind() {
    let (mut world, other, id) = shared();
    let second = world.connect("second", &[]);
    let before = world.state.held.len();
    for number in 0..5 {
        let project = format!("p{number}");
        world.grant(GrantAction::Grant, id, &project).unwrap();
        world.grant(GrantAction::Grant, second, &project).unwrap();
        world.grant(GrantAction::Revoke, id, &project).unwrap();
        assert_eq!(world.listed(&project).0, 1);
        world.grant(GrantAction::Revoke, second, &project).unwrap();
    }
    assert_eq!(world.state.held.len(), before);
    world.grant(GrantAction::Revoke, id, other.as_str()).unwrap();
    assert!(world.state.held(&other).is_some_and(|held| held.queues.len() == 1), "one that exists keeps its things");
}

#[test]
fn deleting_the_connection_ends_its_grants_and_calls_off_the_grantees_peers_first() {
    let (mut world, other, id) = shared();
    world.ask_in(&other, Command::Bind(id, names(&["q"], &[]))).unwrap();
    assert!(matches!(world.ask(Command::DeleteConnection(id)), Ok(Reply::Cancelling(_))));
    assert_eq!(world.peers(id), ["queue q ACTIVE", "queue q CANCELLED"]);
    world.now += world.rules.creation_deadline_ms;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!(world.ask(Command::DeleteConnection(id)), Ok(Reply::Done));
    assert_eq!((world.listed("a").0, world.listed(other.as_str()).0, world.state.removing.len()), (1, 0, 2));
    world.now += world.rules.keep_deleted_ms;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert_eq!(world.listed("a").0, 0);
}

#[test]
fn deleting_a_grantees_queue_removes_its_peer_and_not_the_owners_of_the_same_name() {
    let (mut world, other, id) = shared();
    world.ask_in(&other, Command::Bind(id, names(&["q"], &[]))).unwrap();
    world.ask_in(&other, Command::DeleteQueue("q".into())).unwrap();
    assert_eq!((world.peers(id), world.state.removing.len()), (vec!["queue q ACTIVE".to_owned()], 1));
}

#[test]
fn overlaps_are_judged_across_projects_and_tell_nobody_whose_the_other_is() {
    let (mut world, other, id) = shared();
    // The first default network of each project is the same, so the queue bound later collides with the earlier one.
    world.ask_in(&other, Command::Bind(id, names(&["q"], &[]))).unwrap();
    let joints = |world: &World| {
        let peers = world.entry(id).peers.iter().map(|peer| peer.value.id);
        peers.map(|peer| world.state.desired_peer(peer).unwrap().joint.err()).collect::<Vec<_>>()
    };
    let [None, Some(why)] = &joints(&world)[..] else { panic!("{:?}", joints(&world)) };
    assert!(why.contains("of a queue or pool of another project"), "{why}");
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    assert_eq!(joints(&world), [None]);
}

/// Two grantors, each with a subnet of its own, and one grantee who is led to both.
#[test]
fn one_source_is_not_joined_to_overlapping_subnets_of_two_grantors() {
    let (mut world, other, first) = shared();
    let Ok(Reply::Project(third)) = world.admin(AdminCommand::CreateProject("d".parse().unwrap(), "c".into())) else {
        panic!("no project")
    };
    for project in ["a".parse().unwrap(), other.clone()] {
        world.ask_in(&project, vpc("v", None)).unwrap();
        world.ask_in(&project, subnet("n", "v", "192.168.0.0/24")).unwrap();
    }
    let Ok(Reply::Created(second)) = world.ask_in(&other, Command::CreateConnection(connection("c"))) else {
        panic!("not created")
    };
    world.ask_in(&third, pool("far", Some("10.7.0.0/24"))).unwrap();
    let bind = |id| Command::Bind(id, names(&[], &["far"]));
    for (project, id) in [("a".parse().unwrap(), first), (other, second)] {
        world.ask_in(&project, Command::Authorize(authorization(GrantAction::Grant, id, third.as_str()))).unwrap();
        world.ask_in(&third, bind(id)).unwrap();
    }
    let why = |world: &World, id| {
        let peer = world.peer(id, &a_pool("far")).id;
        world.state.desired_peer(peer).unwrap().joint.err()
    };
    assert_eq!(why(&world, first), None);
    let told = why(&world, second).unwrap();
    assert!(told.contains("CIDR 192.168.0.0/24") && told.contains("through connection c "), "{told}");
    world.ask_in(&third, Command::Unbind(first, names(&[], &["far"]))).unwrap();
    assert_eq!(why(&world, second), None);
}
