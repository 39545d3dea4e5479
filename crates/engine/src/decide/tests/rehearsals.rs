//! What is told beforehand: the same as the command would meet, and nothing changed.

use super::*;
use crate::command::NewRoute;
use crate::decide::{Context, Rehearsal, rehearse};
use crate::state::{Caution, CautionKind};

impl World {
    fn rehearse(&self, command: &Command) -> Result<Rehearsal, Refusal> {
        let scope = self.state.scope(&self.principal(), "a", Access::Read).unwrap();
        let context = Context { now: self.now, ids: &self.ids, rules: &self.rules };
        rehearse(&self.state, (&scope, command), &context)
    }

    /// What a rehearsal of a command about a connection says beside faults.
    fn cautions(&self, id: Option<ConnectionId>, command: &Command) -> Vec<Caution> {
        let rehearsal = self.rehearse(command).unwrap();
        let id = match rehearsal.reply {
            Reply::Created(id) => id,
            _ => id.unwrap(),
        };
        rehearsal.state.project(&self.scope()).cautions(id, &rehearsal.peers)
    }
}

/// Pools `p` (10.0.0.0/16), `high` (100.64.1.0/24), and VPCs with subnets.
fn world() -> World {
    let mut world = World::new();
    world.ask(pool("p", Some("10.0.0.0/16"))).unwrap();
    world.ask(pool("high", Some("100.64.1.0/24"))).unwrap();
    for (id, net, cidr) in [("v", "n", "192.168.0.0/24"), ("w", "other", "192.168.1.0/24"), ("x", "own", "10.0.4.0/24")]
    {
        world.ask(vpc(id, None)).unwrap();
        world.ask(subnet(net, id, cidr)).unwrap();
    }
    world
}

fn to(name: &str, (vpc, net): (&str, &str), pools: &[&str]) -> NewConnection {
    let sources = names(&[], pools);
    NewConnection { dest_vpc: vpc.parse().unwrap(), dest_network: net.parse().unwrap(), sources, ..connection(name) }
}

fn route(name: &str, cidr: &str) -> NewRoute {
    NewRoute { name: name.parse().unwrap(), cidr: cidr.into() }
}

fn created(world: &mut World, new: NewConnection) -> ConnectionId {
    match world.ask(Command::CreateConnection(new)) {
        Ok(Reply::Created(id)) => id,
        other => panic!("{other:?}"),
    }
}

fn kinds(cautions: &[Caution]) -> Vec<CautionKind> {
    cautions.iter().map(|caution| caution.kind).collect()
}

/// What stands against each peer.
fn faults(state: &State, peers: &[PeerId]) -> Vec<Option<String>> {
    let fault = |peer: &PeerId| state.desired_peer(*peer).unwrap().joint.err().map(String::from);
    peers.iter().map(fault).collect()
}

#[test]
fn a_rehearsal_meets_what_the_command_meets_and_changes_nothing() {
    let mut world = world();
    let id = created(&mut world, to("c", ("v", "n"), &["p"]));
    let commands = [
        (Command::CreateConnection(to("c", ("v", "n"), &["p"])), Err("exists already")),
        (Command::CreateConnection(to("d", ("w", "n"), &["p"])), Err("is a subnet of VPC v")),
        (Command::CreateConnection(to("d", ("v", "n"), &["nothing"])), Err("no elastic resource pool named nothing")),
        (Command::CreateConnection(to("d", ("x", "own"), &["high", "p"])), Ok([false, true].as_slice())),
        (Command::Bind(id, names(&[], &["high"])), Ok(&[false])),
        (Command::Bind(id, names(&[], &["p"])), Ok(&[])),
        (Command::Bind(id, names(&[], &[])), Err("must name at least one")),
        (Command::Bind(id, names(&["default"], &[])), Err("shared by everyone")),
        (Command::AddRoute(id, route("r", "10.9.0.0/16")), Ok(&[false])),
        (Command::AddRoute(id, route("r", "2001:db8::/32")), Err("has no IPv6")),
    ];
    for (command, expected) in commands {
        let next_id = world.ids.0.load(Ordering::Relaxed);
        let before = (world.state.connection_count(), world.state.peer_counts());
        let rehearsed = world.rehearse(&command);
        assert_eq!((world.state.connection_count(), world.state.peer_counts()), before);
        // Carried out with the same ids, so that the same peers are asked about.
        let mut other = World { state: world.state.clone(), ids: Counted(AtomicU64::new(next_id)), ..World::new() };
        let met = other.ask(command.clone());
        match (rehearsed, expected) {
            (Ok(rehearsal), Ok(fails)) => {
                assert_eq!(Ok(rehearsal.reply), met, "{command:?}");
                let told = faults(&rehearsal.state, &rehearsal.peers);
                assert_eq!(told.iter().map(Option::is_some).collect::<Vec<_>>(), fails, "{command:?}: {told:?}");
                assert_eq!(told, faults(&other.state, &rehearsal.peers), "{command:?}");
            }
            (Err(refusal), Err(text)) => {
                assert!(refusal.to_string().contains(text), "{refusal}");
                assert_eq!(Err(refusal), met, "{command:?}");
            }
            (rehearsed, _) => panic!("{command:?}: {:?}", rehearsed.map(|it| it.reply)),
        }
    }
}

#[test]
fn a_right_to_read_is_enough() {
    let mut world = world();
    let key = crate::command::NewKey {
        id: "AKREAD".parse().unwrap(),
        user: "root".parse().unwrap(),
        secret: SealedSecret("sealed".into()),
        role: KeyRole::ReadOnly,
        description: "".into(),
    };
    world.admin(AdminCommand::CreateKey(key)).unwrap();
    let reader = world.state.principal_of_key(&"AKREAD".parse().unwrap()).unwrap();
    let scope = world.state.scope(&reader, "a", Access::Read).unwrap();
    let command = Command::CreateConnection(to("c", ("v", "n"), &["p"]));
    let context = Context { now: world.now, ids: &world.ids, rules: &world.rules };
    assert!(rehearse(&world.state, (&scope, &command), &context).is_ok());
    let given = Request::Project(scope, command);
    assert!(matches!(world.decide(&given), Err(Refusal::Forbidden(_))), "it may not give the command");
}

#[test]
fn a_network_that_nobody_knows() {
    let world = world();
    let cautions = world.cautions(None, &Command::CreateConnection(to("c", ("v", "lost"), &["p"])));
    assert_eq!(kinds(&cautions), [CautionKind::UnknownNetwork]);
    assert!(cautions[0].text.contains("Subnet lost of VPC v"), "{}", cautions[0].text);
    assert_eq!(world.cautions(None, &Command::CreateConnection(to("c", ("v", "n"), &["p"]))), []);
}

#[test]
fn ranges_that_the_service_keeps_for_itself() {
    let mut world = world();
    let cautions = world.cautions(None, &Command::CreateConnection(to("c", ("v", "n"), &["high", "p"])));
    assert_eq!(kinds(&cautions), [CautionKind::ReservedRange]);
    assert_eq!(cautions[0].source, Some(a_pool("high")));
    for part in ["100.64.1.0/24 of elastic resource pool high", "100.64.0.0/10"] {
        assert!(cautions[0].text.contains(part), "{}", cautions[0].text);
    }
    let id = created(&mut world, to("c", ("v", "n"), &[]));
    for (cidr, range) in
        [("100.125.3.0/24", "100.125.0.0/16"), ("100.0.0.0/8", "100.125.0.0/16"), ("100.99.0.1", "100.64.0.0/10")]
    {
        let cautions = world.cautions(Some(id), &Command::AddRoute(id, route("r", cidr)));
        assert_eq!(kinds(&cautions), [CautionKind::ReservedRange], "{cidr}");
        assert!(cautions[0].text.contains(range) && cautions[0].text.contains("route r"), "{}", cautions[0].text);
    }
    assert_eq!(world.cautions(Some(id), &Command::AddRoute(id, route("r", "100.128.0.0/16"))), []);
}

#[test]
fn routes_that_are_in_the_way_of_others() {
    let mut world = world();
    let first = created(&mut world, to("first", ("v", "n"), &["p"]));
    let second = created(&mut world, to("second", ("w", "other"), &["p"]));
    world.ask(Command::AddRoute(first, route("lab", "172.20.0.0/16"))).unwrap();
    for (cidr, parts) in [
        ("10.0.7.0/24", &["route r (10.0.7.0/24)", "10.0.0.0/16", "never sent out"][..]),
        ("172.20.0.0/16", &["route lab (172.20.0.0/16) of connection first", "only one of them"]),
        ("172.20.9.0/24", &["route lab", "the narrower"]),
        ("192.168.0.128/25", &["the destination subnet (192.168.0.0/24) of connection first", "the narrower"]),
    ] {
        let cautions = world.cautions(Some(second), &Command::AddRoute(second, route("r", cidr)));
        assert_eq!(kinds(&cautions), [CautionKind::RouteConflict], "{cidr}");
        assert_eq!(cautions[0].source, Some(a_pool("p")));
        for part in parts {
            assert!(cautions[0].text.contains(part), "{part} is missing: {}", cautions[0].text);
        }
    }
    assert_eq!(world.cautions(Some(second), &Command::AddRoute(second, route("r", "172.21.0.0/16"))), []);
    let third = created(&mut world, to("third", ("v", "n"), &["p"]));
    let same = world.cautions(Some(third), &Command::AddRoute(third, route("r", "172.20.0.0/16")));
    assert_eq!(same, [], "the same way through the same subnet is in nothing's way");
}

#[test]
fn host_records_that_lead_nowhere_or_are_hidden() {
    let mut world = world();
    let hosts = |records: &[(&str, &str)]| Hosts::parse(records).unwrap();
    let first = NewConnection { hosts: hosts(&[("db", "192.168.0.9")]), ..to("first", ("v", "n"), &["p"]) };
    assert_eq!(world.cautions(None, &Command::CreateConnection(first.clone())), []);
    world.ask(Command::CreateConnection(first)).unwrap();
    let beyond = NewConnection {
        hosts: hosts(&[("near", "192.168.1.9"), ("far", "10.9.9.9"), ("further", "10.9.9.10")]),
        ..to("second", ("w", "other"), &["p"])
    };
    let cautions = world.cautions(None, &Command::CreateConnection(beyond));
    assert_eq!(kinds(&cautions), [CautionKind::UncoveredHost]);
    assert!(cautions[0].text.contains("10.9.9.9 of host record far, nor to those of 1 more"), "{}", cautions[0].text);
    let hidden = NewConnection { hosts: hosts(&[("DB", "192.168.1.9")]), ..to("second", ("w", "other"), &["p"]) };
    let cautions = world.cautions(None, &Command::CreateConnection(hidden.clone()));
    assert_eq!(kinds(&cautions), [CautionKind::HostConflict]);
    for part in ["elastic resource pool p", "db is 192.168.0.9 and not 192.168.1.9", "connection first"] {
        assert!(cautions[0].text.contains(part), "{part} is missing: {}", cautions[0].text);
    }
    let elsewhere = NewConnection { sources: names(&[], &["high"]), ..hidden };
    assert!(!kinds(&world.cautions(None, &Command::CreateConnection(elsewhere))).contains(&CautionKind::HostConflict));
}
