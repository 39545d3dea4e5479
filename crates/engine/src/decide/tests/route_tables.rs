use linkspan_model::{ExternalId, TableRoute};

use super::*;
use crate::command::{NewRouteTable, RouteTableChange};

fn route(destination: &str, next_hop: &str) -> TableRoute {
    TableRoute {
        kind: "ecs".into(),
        destination: destination.into(),
        next_hop: next_hop.into(),
        description: "".into(),
    }
}

fn table(id: &str, vpc: &str, routes: Vec<TableRoute>) -> Command {
    let (id, vpc) = (Some(id.parse().unwrap()), vpc.parse().unwrap());
    Command::CreateRouteTable(NewRouteTable { id, vpc, name: "".into(), description: "".into(), routes })
}

fn change(id: &ExternalId, change: RouteTableChange) -> Command {
    Command::ChangeRouteTable(id.clone(), change)
}

fn to_use(subnets: &[&str]) -> RouteTableChange {
    let associated = subnets.iter().map(|id| id.parse().unwrap()).collect();
    RouteTableChange { associated, ..RouteTableChange::default() }
}

fn to_leave(subnets: &[&str]) -> RouteTableChange {
    let disassociated = subnets.iter().map(|id| id.parse().unwrap()).collect();
    RouteTableChange { disassociated, ..RouteTableChange::default() }
}

fn delete(id: &ExternalId) -> Command {
    Command::DeleteRouteTable(id.clone())
}

fn id(text: &str) -> ExternalId {
    text.parse().unwrap()
}

impl World {
    /// VPC `v` with the subnets `m` and `n`, VPC `w` with the subnet `x`.
    fn networked() -> Self {
        let mut world = Self::furnished();
        for command in [
            vpc("v", None),
            vpc("w", None),
            subnet("m", "v", "10.0.0.0/24"),
            subnet("n", "v", "10.0.1.0/24"),
            subnet("x", "w", "10.0.0.0/24"),
        ] {
            world.ask(command).unwrap();
        }
        world
    }

    fn default_table(&self, vpc: &str) -> ExternalId {
        let scope = self.scope();
        let tables: Vec<_> = self.state.project(&scope).route_tables().filter(|it| it.vpc == id(vpc)).collect();
        tables.iter().find(|it| it.is_default).unwrap().id.clone()
    }

    /// The subnets that use a table.
    fn users(&self, table: &ExternalId) -> String {
        let scope = self.scope();
        let view = self.state.project(&scope);
        let users: Vec<_> = view.users_of(view.route_table(table).unwrap()).map(|it| it.id.to_string()).collect();
        users.join(" ")
    }

    fn destinations(&self, table: &ExternalId) -> String {
        let scope = self.scope();
        let table = self.state.project(&scope).route_table(table).unwrap();
        let routes: Vec<_> = table.routes.iter().map(|it| format!("{}>{}", it.destination, it.next_hop)).collect();
        routes.join(" ")
    }
}

#[test]
fn every_subnet_uses_exactly_one_table_of_its_vpc() {
    let mut world = World::networked();
    let (default, t, u) = (world.default_table("v"), id("t"), id("u"));
    world.ask(table("t", "v", vec![])).unwrap();
    world.ask(table("u", "v", vec![])).unwrap();
    assert_eq!((world.users(&default), world.users(&t)), ("m n".into(), String::new()));
    world.ask(change(&t, to_use(&["n", "m", "n"]))).unwrap();
    assert_eq!((world.users(&default), world.users(&t)), (String::new(), "m n".into()));
    world.ask(change(&u, to_use(&["n"]))).expect("from one custom table to another");
    world.ask(change(&u, to_leave(&["m", "n"]))).expect("one that does not use it stays where it is");
    assert_eq!((world.users(&default), world.users(&t), world.users(&u)), ("n".into(), "m".into(), String::new()));
    world.ask(change(&default, to_leave(&["n"]))).expect("nothing comes after the default one");
    world.ask(change(&default, to_use(&["m"]))).unwrap();
    assert_eq!(world.users(&default), "m n");
    let text = refused(world.ask(change(&t, to_use(&["m", "x"]))), Refusal::Invalid);
    assert!(text.contains("Subnet x") && text.contains("VPC w") && text.contains("VPC v"), "{text}");
    refused(world.ask(change(&t, to_use(&["m", "nope"]))), Refusal::UnknownSubnet);
    assert_eq!(world.users(&t), "", "all or nothing");
    refused(world.ask(change(&id("nope"), to_use(&[]))), Refusal::UnknownRouteTable);
    refused(world.ask(table("s", "nope", vec![])), Refusal::UnknownVpc);
    refused(world.ask(table("t", "v", vec![])), Refusal::Exists);
}

#[test]
fn routes_are_one_to_a_destination() {
    let mut world = World::networked();
    let t = id("t");
    world.ask(table("t", "v", vec![route("10.8.0.0/16", "a"), route("10.9.0.0/16", "b")])).unwrap();
    let replaced = RouteTableChange {
        removed: vec!["10.8.0.0/16".into(), "10.7.0.0/16".into()],
        replaced: vec![route("10.9.0.1/16", "c")],
        added: vec![route("10.8.0.0/16", "d")],
        name: Some("new".into()),
        ..RouteTableChange::default()
    };
    world.ask(change(&t, replaced)).unwrap();
    assert_eq!(world.destinations(&t), "10.9.0.1/16>c 10.8.0.0/16>d");
    let with = |added| RouteTableChange { added, ..RouteTableChange::default() };
    let text = refused(world.ask(change(&t, with(vec![route("10.9.0.0/16", "e")]))), Refusal::Exists);
    assert!(text.contains("10.9.0.0/16"), "{text}");
    refused(world.ask(change(&t, with(vec![route("nowhere", "e")]))), Refusal::Invalid);
    let missing = RouteTableChange { replaced: vec![route("10.1.0.0/16", "e")], ..RouteTableChange::default() };
    refused(world.ask(change(&t, missing)), Refusal::Invalid);
    let many: Vec<_> = (0..199).map(|n| route(&format!("10.{n}.1.0/24"), "e")).collect();
    refused(world.ask(change(&t, with(many.clone()))), Refusal::Exceeds);
    world.ask(change(&t, with(many[1..].to_vec()))).unwrap();
    refused(world.ask(table("s", "v", vec![route("10.1.0.0/16", "a"), route("10.1.0.0/16", "b")])), Refusal::Exists);
    let again = world.decide(&Request::Project(world.scope(), change(&t, RouteTableChange::default()))).unwrap();
    assert_eq!(again.changes, [], "what changes nothing writes nothing");
}

#[test]
fn a_table_that_is_used_stays_and_the_default_one_goes_with_its_vpc() {
    let mut world = World::networked();
    let t = id("t");
    world.ask(table("t", "v", vec![])).unwrap();
    let default = world.default_table("v");
    refused(world.ask(delete(&default)), Refusal::InUse);
    world.ask(change(&t, to_use(&["n"]))).unwrap();
    let text = refused(world.ask(delete(&t)), Refusal::InUse);
    assert!(text.contains("Subnet n"), "{text}");
    world.ask(change(&t, to_leave(&["n"]))).unwrap();
    let new = NewConnection { route_table: Some(t.clone()), sources: names(&["q"], &[]), ..connection("c") };
    let Ok(Reply::Created(made)) = world.ask(Command::CreateConnection(new)) else { panic!("not created") };
    refused(world.ask(delete(&t)), Refusal::InUse);
    world.ask(Command::Unbind(made, names(&["q"], &[]))).unwrap();
    for subnet in ["m", "n"] {
        world.ask(Command::DeleteSubnet { vpc: None, id: id(subnet) }).unwrap();
    }
    let text = refused(world.ask(Command::DeleteVpc(id("v"))), Refusal::InUse);
    assert!(text.contains("route table t"), "{text}");
    world.ask(delete(&t)).expect("a bare connection holds nothing");
    refused(world.ask(delete(&t)), Refusal::UnknownRouteTable);
    world.ask(Command::DeleteVpc(id("v"))).unwrap();
    refused(world.ask(delete(&default)), Refusal::UnknownRouteTable);
}

#[test]
fn a_connection_names_a_table_of_its_own_vpc() {
    let mut world = World::networked();
    world.ask(table("t", "w", vec![])).unwrap();
    let named = |table: &str| {
        let route_table = Some(id(table));
        Command::CreateConnection(NewConnection { route_table, ..connection("c") })
    };
    let text = refused(world.ask(named("t")), Refusal::Invalid);
    assert!(text.contains("routetable_id t") && text.contains("VPC w"), "{text}");
    world.rules.directory = super::super::Directory::Strict;
    refused(world.ask(named("nope")), Refusal::Unknown);
    world.ask(named(&world.default_table("v").to_string())).unwrap();
}
