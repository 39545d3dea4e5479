use super::*;
use crate::acting::PlaneScope;
use crate::command::{Authorization, Fence, GrantAction, Placement};

fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn fence(name: &str) -> Fence {
    Fence { scope: PlaneScope::Host(node(name)), generation: 1 }
}

fn place(world: &mut World, (project, on, abandon): (&str, &str, bool)) -> Result<Reply, Refusal> {
    let project = project.parse().unwrap();
    world.admin(AdminCommand::PlaceProject(Placement { project, node: node(on), abandon }))
}

/// Nodes `x` and `y` act for their hosts.
fn on_two_hosts() -> World {
    let mut world = World::furnished();
    for name in ["x", "y"] {
        world.system(SystemCommand::TakeOver(fence(name), name.into())).unwrap();
    }
    world
}

#[test]
fn a_project_is_placed_on_a_known_node_and_stays_while_it_is_bound() {
    let mut world = World::furnished();
    assert!(matches!(place(&mut world, ("a", "x", false)), Err(Refusal::Unknown(why)) if why.contains("here is none")));
    let mut world = on_two_hosts();
    assert!(matches!(place(&mut world, ("a", "z", false)), Err(Refusal::Unknown(why)) if why.contains("x, y")));
    assert!(matches!(place(&mut world, ("b", "x", false)), Err(Refusal::Unknown(_))));
    let id = world.connect("c", &["q"]);
    assert_eq!(place(&mut world, ("a", "x", false)), Ok(Reply::Done), "what lies nowhere can't be in the way");
    let again = Request::Admin(
        world.state.admin_scope(&world.principal(), Access::Write).unwrap(),
        AdminCommand::PlaceProject(Placement { project: "a".parse().unwrap(), node: node("x"), abandon: true }),
    );
    assert!(world.decide(&again).unwrap().changes.is_empty(), "twice is as good as once");
    world.activate(id);
    let refused = place(&mut world, ("a", "y", false));
    assert!(matches!(&refused, Err(Refusal::InUse(why)) if why.contains("1 peers on node x")), "{refused:?}");
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    assert!(matches!(place(&mut world, ("a", "y", false)), Err(Refusal::InUse(_))), "it is still being removed");
    let going = world.state.removing.keys().next().copied().unwrap();
    world.report(going, 2, PeerOutcome::Removed);
    assert_eq!(place(&mut world, ("a", "y", false)), Ok(Reply::Done));
    assert_eq!(world.state.node_of(&"a".parse().unwrap()), Some(&node("y")));
}

#[test]
fn what_a_node_had_that_is_given_up_is_made_anew_and_no_report_of_it_counts() {
    let mut world = on_two_hosts();
    place(&mut world, ("a", "x", false)).unwrap();
    let id = world.connect("c", &["q"]);
    let peer = world.peer(id, &a_queue("q")).id;
    let report = |name: &str, generation, outcome| {
        let reports = vec![PeerReport { peer, generation, outcome }];
        SystemCommand::Fenced(fence(name), Box::new(SystemCommand::Report(reports)))
    };
    world.system(report("y", 1, PeerOutcome::Active)).unwrap();
    assert_eq!(world.peers(id), ["queue q CREATING"], "it is none of y's business");
    world.system(report("x", 1, PeerOutcome::Active)).unwrap();
    assert_eq!(world.peers(id), ["queue q ACTIVE"]);
    place(&mut world, ("a", "y", true)).unwrap();
    assert_eq!(world.peers(id), ["queue q CREATING"]);
    assert_eq!(world.peer(id, &a_queue("q")).generation, 2);
    world.system(report("x", 2, PeerOutcome::Active)).unwrap();
    assert_eq!(world.peers(id), ["queue q CREATING"], "x came back and knows no better");
    world.system(report("y", 2, PeerOutcome::Active)).unwrap();
    assert_eq!(world.peers(id), ["queue q ACTIVE"]);
}

#[test]
fn a_peer_lies_on_one_host_or_can_not_be_made() {
    let mut world = on_two_hosts();
    let Ok(Reply::Project(b)) = world.admin(AdminCommand::CreateProject("d".parse().unwrap(), "b".into())) else {
        panic!("no project")
    };
    let id = world.connect("c", &["q"]);
    let apart = |world: &World, peer: &Peer| world.state.apart(peer, &world.entry(id).connection);
    let own = world.peer(id, &a_queue("q")).clone();
    let others = Peer { project: b.clone(), ..own.clone() };
    let told = |why: Option<Box<str>>| why.unwrap_or_default();
    assert!(told(apart(&world, &own)).contains("linkspan project place a --node NODE"));
    place(&mut world, ("a", "x", false)).unwrap();
    assert_eq!(apart(&world, &own), None);
    assert!(told(apart(&world, &others)).contains(&format!("Project {b} lies on no node")));
    place(&mut world, (b.as_str(), "y", false)).unwrap();
    let why = told(apart(&world, &others));
    assert!(why.contains("don't span hosts") && !why.contains("node x") && !why.contains("node y"), "{why}");
    place(&mut world, (b.as_str(), "x", false)).unwrap();
    assert_eq!(apart(&world, &others), None);
    let (x, y) = (fence("x").scope, fence("y").scope);
    assert!(world.state.is_within(&x, &b) && !world.state.is_within(&y, &b));
    assert!(world.state.is_within(&PlaneScope::Simulated, &b));
}

#[test]
fn nothing_is_written_that_nodes_of_an_earlier_release_would_lose() {
    let mut world = on_two_hosts();
    world.state.head.format = 1;
    let refused = place(&mut world, ("a", "x", false));
    assert!(matches!(&refused, Err(Refusal::NotSupported(why)) if why.contains("linkspan db finalize")), "{refused:?}");
    world.connect("c", &["q"]);
    world.state.head.format = RECORD_FORMAT;
    assert_eq!(place(&mut world, ("a", "x", false)), Ok(Reply::Done));
}

#[test]
fn what_has_failed_from_host_to_host_keeps_nobody_from_bringing_both_together() {
    let mut world = on_two_hosts();
    let Ok(Reply::Project(b)) = world.admin(AdminCommand::CreateProject("d".parse().unwrap(), "b".into())) else {
        panic!("no project")
    };
    place(&mut world, ("a", "x", false)).unwrap();
    place(&mut world, (b.as_str(), "y", false)).unwrap();
    let id = world.connect("c", &[]);
    let objects = vec![(format!("edsconnections.{id}"), vec!["BIND_QUEUE".to_owned()])];
    let grant = Authorization { action: GrantAction::Grant, project: Some(b.to_string()), user: None, objects };
    world.ask(Command::Authorize(grant)).unwrap();
    world.ask_in(&b, queue("other", None, Some(1))).unwrap();
    world.ask_in(&b, Command::Bind(id, names(&["other"], &[]))).unwrap();
    let peer = world.peer(id, &a_queue("other")).id;
    assert!(matches!(place(&mut world, (b.as_str(), "x", false)), Err(Refusal::InUse(_))), "it may be there still");
    world.report(peer, 1, PeerOutcome::Failed("networks don't span hosts".into()));
    assert_eq!(place(&mut world, (b.as_str(), "x", false)), Ok(Reply::Done));
    assert_eq!(world.peers(id), ["queue other CREATING"]);
    world.report(peer, 2, PeerOutcome::Failed("the plane is out of order".into()));
    let refused = place(&mut world, ("a", "y", false));
    assert!(matches!(refused, Err(Refusal::InUse(_))), "what has failed on one host may be there in part");
}
