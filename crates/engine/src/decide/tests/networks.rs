use super::*;

fn delete_vpc(id: &str) -> Command {
    Command::DeleteVpc(id.parse().unwrap())
}

fn delete_subnet(id: &str) -> Command {
    Command::DeleteSubnet(id.parse().unwrap())
}

#[test]
fn a_subnet_lies_inside_a_known_vpc_and_beside_its_siblings() {
    let mut world = World::new();
    refused(world.ask(subnet("n", "v", "10.0.0.0/24")), Refusal::Unknown);
    world.ask(vpc("v", Some("10.0.0.0/16"))).unwrap();
    refused(world.ask(vpc("v", None)), Refusal::Exists);
    for outside in ["10.1.0.0/24", "10.0.0.0/15", "0.0.0.0/0"] {
        let text = refused(world.ask(subnet("n", "v", outside)), Refusal::Invalid);
        assert!(text.contains(outside) && text.contains("10.0.0.0/16"), "{text}");
    }
    assert_eq!(world.ask(subnet("n", "v", "10.0.0.0/16")), Ok(Reply::Network("n".parse().unwrap())), "all of it");
    let text = refused(world.ask(subnet("m", "v", "10.0.9.0/24")), Refusal::Invalid);
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
    refused(world.ask(delete_vpc("v")), Refusal::Unknown);
    refused(world.ask(delete_subnet("n")), Refusal::Unknown);
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
