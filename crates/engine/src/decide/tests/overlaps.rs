//! Networks that overlap are accepted; the verdict on a peer names both and says what to change.

use super::*;

/// A connection to a subnet of a VPC, with queues and pools bound.
fn lead(world: &mut World, name: &str, (vpc, net): (&str, &str), pools: &[&str]) -> ConnectionId {
    let new = NewConnection {
        dest_vpc: vpc.parse().unwrap(),
        dest_network: net.parse().unwrap(),
        sources: names(&[], pools),
        ..connection(name)
    };
    match world.ask(Command::CreateConnection(new)) {
        Ok(Reply::Created(id)) => id,
        other => panic!("{other:?}"),
    }
}

/// What is wrong with the peer of a pool, if anything is: asked for alone, and told among all.
fn fault(world: &World, id: ConnectionId, pool: &str) -> Option<String> {
    let peer = world.peer(id, &a_pool(pool)).id;
    let alone = world.state.desired_peer(peer).unwrap().joint.err();
    let mut among_all = None;
    world.state.for_each_desired_peer(&mut |desired| {
        if desired.peer.id == peer {
            among_all = desired.joint.err();
        }
    });
    assert_eq!(among_all, alone);
    alone.map(Into::into)
}

/// Pools `p` (10.0.0.0/16) and `overlapping` (10.0.128.0/17), and VPCs with subnets of those and other networks.
fn world() -> World {
    let mut world = World::new();
    world.ask(pool("p", Some("10.0.0.0/16"))).unwrap();
    world.ask(pool("overlapping", Some("10.0.128.0/17"))).unwrap();
    for (id, net, cidr) in
        [("v", "n", "192.168.0.0/24"), ("w", "near", "192.168.0.128/25"), ("x", "own", "10.0.4.0/24")]
    {
        world.ask(vpc(id, None)).unwrap();
        world.ask(subnet(net, id, cidr)).unwrap();
    }
    world
}

#[test]
fn a_source_must_not_overlap_its_destination() {
    let mut world = world();
    let id = lead(&mut world, "c", ("x", "own"), &["p"]);
    let text = fault(&world, id, "p").unwrap();
    for part in ["10.0.0.0/16", "10.0.4.0/24", "pool p", "subnet own", "bind a pool with another CIDR"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    let fine = lead(&mut world, "d", ("v", "n"), &["p"]);
    assert_eq!(fault(&world, fine, "p"), None);
    let unknown = lead(&mut world, "e", ("x", "nobody-knows"), &["p"]);
    assert_eq!(fault(&world, unknown, "p"), None, "without a known CIDR nothing can overlap");
}

#[test]
fn the_remedy_for_a_queue_is_another_cidr() {
    let mut world = world();
    world.ask(queue("q", None, Some(1))).unwrap();
    world.ask(vpc("y", None)).unwrap();
    world.ask(subnet("high", "y", "172.31.255.0/25")).unwrap();
    let id = lead(&mut world, "c", ("y", "high"), &[]);
    world.ask(Command::Bind(id, names(&["q"], &[]))).unwrap();
    let peer = world.peer(id, &a_queue("q")).id;
    let text = world.state.desired_peer(peer).unwrap().joint.unwrap_err();
    for part in ["172.31.255.0/24", "172.31.255.0/25", "queue q", "give the queue another CIDR"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[test]
fn one_source_must_not_reach_two_subnets_that_overlap() {
    let mut world = world();
    let first = lead(&mut world, "first", ("v", "n"), &["p"]);
    let second = lead(&mut world, "second", ("w", "near"), &["p"]);
    assert_eq!(fault(&world, first, "p"), None, "the one bound earlier keeps its way");
    let text = fault(&world, second, "p").unwrap();
    for part in ["192.168.0.128/25", "192.168.0.0/24", "subnet near", "subnet n,", "first", "Unbind it there"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    world.ask(Command::Unbind(first, names(&[], &["p"]))).unwrap();
    assert_eq!(fault(&world, second, "p"), None, "the way is free");
    world.ask(Command::Bind(first, names(&[], &["p"]))).unwrap();
    assert!(fault(&world, first, "p").is_some(), "it is the later one now");
}

#[test]
fn the_same_subnet_through_several_connections_is_no_overlap() {
    let mut world = world();
    let ids = ["a", "b", "c"].map(|name| lead(&mut world, name, ("v", "n"), &["p"]));
    assert!(ids.iter().all(|id| fault(&world, *id, "p").is_none()));
}

#[test]
fn one_vpc_must_not_be_joined_to_two_sources_that_overlap() {
    let mut world = world();
    let first = lead(&mut world, "first", ("v", "n"), &["p"]);
    let second = lead(&mut world, "second", ("v", "unknown"), &["overlapping"]);
    let elsewhere = lead(&mut world, "elsewhere", ("w", "near"), &["overlapping"]);
    assert_eq!((fault(&world, first, "p"), fault(&world, elsewhere, "overlapping")), (None, None));
    let text = fault(&world, second, "overlapping").unwrap();
    for part in ["10.0.128.0/17", "10.0.0.0/16", "pool overlapping", "pool p", "VPC v", "another CIDR"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    world.activate(first);
    world.ask(Command::DeleteConnection(first)).unwrap();
    assert_eq!(fault(&world, second, "overlapping"), None);
}

#[test]
fn of_two_bound_in_one_call_the_first_named_wins() {
    let mut world = world();
    for (name, order) in [("a", ["p", "overlapping"]), ("b", ["overlapping", "p"])] {
        let vpc = format!("vpc-{name}");
        let id = lead(&mut world, name, (&vpc, "unknown"), &order);
        assert_eq!(fault(&world, id, order[0]), None, "{order:?}");
        assert!(fault(&world, id, order[1]).is_some(), "{order:?}");
    }
}

#[test]
fn hosts_of_all_connections_are_merged_the_earlier_binding_first() {
    let mut world = world();
    let with = |ip: &str| Hosts::parse(&[("host", ip)]).unwrap();
    let later = lead(&mut world, "later", ("v", "n"), &[]);
    let earlier = lead(&mut world, "earlier", ("v", "n"), &["p"]);
    world.ask(Command::Bind(later, names(&[], &["p"]))).unwrap();
    world.ask(Command::SetHosts(later, with("10.0.0.2"))).unwrap();
    world.ask(Command::SetHosts(earlier, with("10.0.0.1"))).unwrap();
    let source = crate::state::SourceRef { project: "a".parse().unwrap(), name: a_pool("p") };
    let ips: Vec<_> = world.state.desired_hosts(&source).iter().map(|host| host.ip.to_string()).collect();
    assert_eq!(ips, ["10.0.0.1", "10.0.0.2"]);
}
