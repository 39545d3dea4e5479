use super::*;
use crate::command::{NewNetworkBinding, SubnetChange, VpcChange};

fn delete_vpc(id: &str) -> Command {
    Command::DeleteVpc(id.parse().unwrap())
}

fn delete_subnet(id: &str) -> Command {
    Command::DeleteSubnet { vpc: None, id: id.parse().unwrap() }
}

#[test]
fn a_subnet_lies_inside_a_known_vpc_and_beside_its_siblings() {
    let mut world = World::new();
    refused(world.ask(subnet("n", "v", "10.0.0.0/24")), Refusal::UnknownVpc);
    world.ask(vpc("v", Some("10.0.0.0/16"))).unwrap();
    refused(world.ask(vpc("v", None)), Refusal::Exists);
    for outside in ["10.1.0.0/24", "10.0.0.0/15", "0.0.0.0/0"] {
        let text = refused(world.ask(subnet("n", "v", outside)), Refusal::Outside);
        assert!(text.contains(outside) && text.contains("10.0.0.0/16"), "{text}");
    }
    assert_eq!(world.ask(subnet("n", "v", "10.0.0.0/16")), Ok(Reply::Network("n".parse().unwrap())), "all of it");
    let text = refused(world.ask(subnet("m", "v", "10.0.9.0/24")), Refusal::Overlaps);
    assert!(text.contains("10.0.9.0/24") && text.contains("10.0.0.0/16"), "{text}");
    refused(world.ask(subnet("n", "v", "10.0.0.0/16")), Refusal::Exists);
    world.ask(vpc("w", None)).unwrap();
    world.ask(subnet("m", "w", "10.0.9.0/24")).expect("another VPC may overlap");
}

#[test]
fn a_network_that_a_peer_leads_to_stays() {
    let mut world = World::furnished();
    world.ask(vpc("v", None)).unwrap();
    world.ask(subnet("n", "v", "10.0.0.0/24")).unwrap();
    world.ask(subnet("free", "v", "10.0.1.0/24")).unwrap();
    let id = world.connect("c", &[]);
    let text = refused(world.ask(delete_vpc("v")), Refusal::InUse);
    assert!(text.contains("subnet"), "{text}");
    world.ask(delete_subnet("free")).unwrap();
    world.ask(Command::Bind(id, names(&["q"], &[]))).unwrap();
    refused(world.ask(delete_subnet("n")), Refusal::InUse);
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    world.ask(delete_subnet("n")).expect("a bare connection holds nothing");
    world.ask(Command::Bind(id, names(&["q"], &[]))).unwrap();
    refused(world.ask(delete_vpc("v")), Refusal::InUse);
    world.activate(id);
    world.ask(Command::DeleteConnection(id)).unwrap();
    world.ask(delete_vpc("v")).expect("a deleted connection holds nothing");
    refused(world.ask(delete_vpc("v")), Refusal::UnknownVpc);
    refused(world.ask(delete_subnet("n")), Refusal::UnknownSubnet);
}

#[test]
fn a_connection_has_ipv6_if_its_known_subnet_has() {
    let mut world = World::new();
    world.ask(vpc("v", None)).unwrap();
    let Command::CreateSubnet(new) = subnet("n", "v", "10.0.0.0/24") else { panic!("no subnet") };
    let before = world.connect("before", &[]);
    world.ask(Command::CreateSubnet(NewSubnet { ipv6: true, ..new })).unwrap();
    let after = world.connect("after", &[]);
    assert_eq!((world.entry(before).connection.ipv6, world.entry(after).connection.ipv6), (false, true));
}

fn change_vpc(change: VpcChange) -> Command {
    Command::ChangeVpc("v".parse().unwrap(), change)
}

#[test]
fn a_vpc_keeps_enclosing_its_subnets() {
    let mut world = World::new();
    refused(world.ask(change_vpc(VpcChange::default())), Refusal::UnknownVpc);
    world.ask(vpc("v", Some("10.0.0.0/16"))).unwrap();
    world.ask(subnet("n", "v", "10.0.9.0/24")).unwrap();
    let addresses = |cidr: &str| change_vpc(VpcChange { cidr: Some(cidr.parse().unwrap()), ..VpcChange::default() });
    let text = refused(world.ask(addresses("10.0.0.0/21")), Refusal::Invalid);
    assert!(text.contains("10.0.0.0/21") && text.contains("10.0.9.0/24"), "{text}");
    world.now += 5;
    world.ask(addresses("10.0.8.0/21")).unwrap();
    let named = VpcChange { name: Some("new".into()), description: Some("for data".into()), cidr: None };
    world.ask(change_vpc(named.clone())).unwrap();
    let scope = world.scope();
    let shown = world.state.project(&scope).vpc(&"v".parse().unwrap()).unwrap();
    assert_eq!((&*shown.name, &*shown.description, shown.changed), ("new", "for data", Some(NOW + 5)));
    assert_eq!(shown.cidr.unwrap().to_string(), "10.0.8.0/21");
    let again = world.decide(&Request::Project(world.scope(), change_vpc(named))).unwrap();
    assert_eq!(again.changes, [], "what changes nothing writes nothing");
}

#[test]
fn a_subnet_is_changed_in_its_own_vpc_only_and_keeps_ipv6() {
    let mut world = World::new();
    world.ask(vpc("v", None)).unwrap();
    world.ask(subnet("n", "v", "10.0.0.0/24")).unwrap();
    let change = |change| Command::ChangeSubnet("n".parse().unwrap(), change);
    let elsewhere = SubnetChange { vpc: Some("w".parse().unwrap()), ..SubnetChange::default() };
    refused(world.ask(change(elsewhere)), Refusal::UnknownSubnet);
    let here = SubnetChange {
        vpc: Some("v".parse().unwrap()),
        name: Some("data".into()),
        ipv6: Some(true),
        dhcp: Some(false),
        primary_dns: Some("10.0.0.2".into()),
        dns: Some(["10.0.0.2".into(), "10.0.0.3".into()].into()),
        ..SubnetChange::default()
    };
    world.ask(change(here)).unwrap();
    world.ask(change(SubnetChange { dns: Some(Box::default()), ..SubnetChange::default() })).unwrap();
    let scope = world.scope();
    let shown = world.state.project(&scope).subnet(&"n".parse().unwrap()).unwrap().clone();
    assert_eq!((&*shown.name, shown.ipv6, shown.settings.dhcp), ("data", true, false));
    assert_eq!((&*shown.settings.primary_dns, shown.settings.dns.len()), ("10.0.0.2", 0));
    refused(world.ask(change(SubnetChange { ipv6: Some(false), ..SubnetChange::default() })), Refusal::Invalid);
    let elsewhere = Command::DeleteSubnet { vpc: Some("w".parse().unwrap()), id: "n".parse().unwrap() };
    refused(world.ask(elsewhere), Refusal::UnknownSubnet);
    world.ask(Command::DeleteSubnet { vpc: Some("v".parse().unwrap()), id: "n".parse().unwrap() }).unwrap();
}

fn bind_network(network: &str, to: &str, cidr: Option<&str>) -> Command {
    let cidr = cidr.map(|cidr| cidr.parse().unwrap());
    Command::BindNetwork(NewNetworkBinding { network: network.parse().unwrap(), to: to.parse().unwrap(), cidr })
}

#[test]
fn a_network_is_bound_with_addresses_that_somebody_tells() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    let joint = |world: &World| {
        let joint = world.state.desired_peer(world.peer(id, &a_queue("q")).id).unwrap().joint.unwrap();
        (joint.binding.map(|to| to.to_string()), joint.dest_cidr.map(|cidr| cidr.to_string()))
    };
    assert_eq!(joint(&world), (None, None));
    let text = refused(world.ask(bind_network("n", "lan", None)), Refusal::Invalid);
    assert!(text.contains("CIDR"), "{text}");
    world.ask(bind_network("n", "lan", Some("192.168.7.0/24"))).unwrap();
    assert_eq!(joint(&world), (Some("lan".into()), Some("192.168.7.0/24".into())));
    world.ask(vpc("v", None)).unwrap();
    world.ask(subnet("n", "v", "192.168.8.0/24")).unwrap();
    assert_eq!(joint(&world), (Some("lan".into()), Some("192.168.8.0/24".into())), "the directory knows better");
    refused(world.ask(bind_network("n", "lan", Some("192.168.7.0/24"))), Refusal::Invalid);
    world.ask(bind_network("n", "db", None)).unwrap();
    assert_eq!(joint(&world).0, Some("db".into()));
    world.ask(Command::UnbindNetwork("n".parse().unwrap())).unwrap();
    assert_eq!(joint(&world), (None, Some("192.168.8.0/24".into())));
    refused(world.ask(Command::UnbindNetwork("n".parse().unwrap())), Refusal::Unknown);
}

#[test]
fn addresses_that_come_with_a_binding_collide_like_any() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    let peer = world.peer(id, &a_queue("q")).id;
    let own = world.state.desired_peer(peer).unwrap().joint.unwrap().source_cidr;
    world.ask(bind_network("n", "lan", Some(&own.to_string()))).unwrap();
    let why = world.state.desired_peer(peer).unwrap().joint.unwrap_err();
    assert!(why.contains("overlaps") && why.contains(&own.to_string()), "{why}");
}
