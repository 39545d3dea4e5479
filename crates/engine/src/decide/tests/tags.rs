use linkspan_model::{Stamp, Tags};

use super::*;
use crate::command::{ResourceKind, ResourceRef};

fn named(kind: ResourceKind, id: impl ToString) -> ResourceRef {
    ResourceRef { kind, id: id.to_string().into() }
}

fn set(resource: &ResourceRef, pairs: &[(&str, &str)]) -> Command {
    Command::AddTags(resource.clone(), Tags::parse(pairs).unwrap())
}

fn unset(resource: &ResourceRef, keys: &[&str]) -> Command {
    Command::RemoveTags(resource.clone(), keys.iter().map(|key| (*key).to_owned()).collect())
}

impl World {
    fn tags(&self, resource: &ResourceRef) -> Vec<String> {
        let scope = self.scope();
        let tags = self.state.project(&scope).tags_of(resource).unwrap().clone();
        tags.as_slice().iter().map(|tag| format!("{}={}", tag.key, tag.value.as_str())).collect()
    }
}

#[test]
fn a_set_tag_replaces_its_value_and_a_removed_one_may_be_gone_already() {
    let mut world = World::furnished();
    let connection = named(ResourceKind::Connection, world.connect("c", &["q"]));
    world.ask(vpc("v", None)).unwrap();
    world.ask(subnet("n", "v", "10.0.0.0/24")).unwrap();
    let networks = [named(ResourceKind::Vpc, "v"), named(ResourceKind::Subnet, "n")];
    let sources = [named(ResourceKind::Queue, "q"), named(ResourceKind::Pool, "p")];
    for resource in [connection].into_iter().chain(sources).chain(networks) {
        world.ask(set(&resource, &[("a", "1"), ("b", "2")])).unwrap();
        world.ask(set(&resource, &[("c", ""), ("a", "9")])).unwrap();
        assert_eq!(world.tags(&resource), ["a=9", "b=2", "c="], "{resource:?}");
        world.ask(unset(&resource, &["a", "nope"])).unwrap();
        assert_eq!(world.tags(&resource), ["b=2", "c="]);
        for same in [set(&resource, &[("b", "2")]), unset(&resource, &["a"]), set(&resource, &[])] {
            let decision = world.decide(&Request::Project(world.scope(), same)).unwrap();
            assert_eq!(decision.changes, [], "what changes nothing writes nothing");
        }
    }
}

#[test]
fn the_limit_counts_what_is_borne_afterwards() {
    let mut world = World::furnished();
    let queue = named(ResourceKind::Queue, "q");
    let many: Vec<_> = (0..20).map(|n| (format!("k{n}"), "v")).collect();
    world.ask(Command::AddTags(queue.clone(), Tags::parse(&many).unwrap())).unwrap();
    let text = refused(world.ask(set(&queue, &[("k0", "w"), ("more", "")])), Refusal::Invalid);
    assert!(text.contains("21 tags") && text.contains("at most 20"), "{text}");
    assert_eq!(world.tags(&queue)[0], "k0=v", "all or nothing");
    world.ask(unset(&queue, &["k1"])).unwrap();
    world.ask(set(&queue, &[("k0", "w"), ("more", "")])).unwrap();
}

#[test]
fn queues_and_pools_go_by_number_resource_id_and_name() {
    let mut world = World::furnished();
    let scope = world.scope();
    let of = |world: &World| {
        let view = world.state.project(&scope);
        let (queue, pool) = (view.queue(&"q".parse().unwrap()).unwrap(), view.pool(&"p".parse().unwrap()).unwrap());
        let ids = |created: Stamp, id: String, name: &str| [created.number().to_string(), id, name.to_owned()];
        let queues = ids(queue.created, queue.resource_id.to_string(), "Q");
        [(ResourceKind::Queue, queues), (ResourceKind::Pool, ids(pool.created, pool.resource_id.to_string(), "P"))]
    };
    for (kind, ids) in of(&world) {
        for (n, id) in ids.iter().enumerate() {
            world.ask(set(&named(kind, id), &[(&format!("k{n}"), "")])).unwrap();
        }
        assert_eq!(world.tags(&named(kind, &ids[0])), ["k0=", "k1=", "k2="]);
    }
}

#[test]
fn what_is_unknown_deleted_preset_or_anothers_bears_no_tags_of_ours() {
    let mut world = World::furnished();
    let gone = world.connect("gone", &[]);
    world.ask(Command::DeleteConnection(gone)).unwrap();
    for id in [gone.to_string(), ConnectionId(Uuid::max()).to_string(), "gone".into(), String::new()] {
        refused(world.ask(set(&named(ResourceKind::Connection, id), &[])), Refusal::UnknownConnection);
    }
    for id in ["nope", "default", "17", "-1", ""] {
        refused(world.ask(set(&named(ResourceKind::Queue, id), &[])), Refusal::UnknownQueue);
        refused(world.ask(unset(&named(ResourceKind::Pool, id), &[])), Refusal::UnknownPool);
    }
    world.import(super::connections::granted("theirs"));
    let theirs = named(ResourceKind::Connection, ConnectionId(Uuid::max()));
    let text = refused(world.ask(set(&theirs, &[("k", "v")])), Refusal::Forbidden);
    assert!(text.contains("its owner's"), "{text}");
    let scope = world.scope();
    assert!(matches!(world.state.project(&scope).tags_of(&theirs), Err(Refusal::Forbidden(_))));
    let all = world.state.project(&scope);
    assert_eq!(all.tagged_things(ResourceKind::Connection).count(), 0, "neither deleted nor granted ones");
    let queues: Vec<_> = all.tagged_things(ResourceKind::Queue).map(|it| it.name).collect();
    assert_eq!(queues, ["inside", "q", "shared"]);
}
