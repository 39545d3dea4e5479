use linkspan_model::{ResourceId, Route, ScalingPolicy, Stamp};

use super::*;
use crate::command::import::{Birth, Import, ImportOutcome, Imported, ImportedConnection, ImportedPool, ImportedQueue};
use crate::rows::PageQuery;

const LONG_AGO: i64 = 1_600_000_000_000;

fn birth(number: u128) -> Birth {
    Birth {
        resource_id: ResourceId(Uuid::from_u128(number)),
        created: Stamp::new(LONG_AGO, 3),
        owner: Some("someone".into()),
        cidr_in_subnet: None,
        knows_tags: true,
    }
}

fn a_birth_of(item: &mut Imported) -> &mut Birth {
    match item {
        Imported::Pool(pool) => &mut pool.birth,
        Imported::Queue(queue) => &mut queue.birth,
        Imported::Connection(_) => panic!("it has none"),
    }
}

fn imported_pool(name: &str) -> Imported {
    let Command::CreatePool(new) = pool(name, None) else { panic!() };
    Imported::Pool(Box::new(ImportedPool { birth: birth(0x9001), new, update_time: None }))
}

fn imported_queue(name: &str, home: Option<&str>) -> Imported {
    let Command::CreateQueue(new) = queue(name, home, Some(1)) else { panic!() };
    let birth = birth(0x9100 + name.len() as u128);
    Imported::Queue(Box::new(ImportedQueue { birth, new, cidr_in_vpc: None, knows_properties: true, policies: None }))
}

fn one(name: &str, number: u128) -> ImportedConnection {
    ImportedConnection {
        id: ConnectionId(Uuid::from_u128(0xc000 + number)),
        created: Stamp::new(LONG_AGO, 0),
        new: connection(name),
        peer_ids: Vec::new(),
        routes: Vec::new(),
        ipv6: Some(false),
        grantees: Some(Vec::new()),
        knows_tags: true,
    }
}

fn imported(it: ImportedConnection) -> Imported {
    Imported::Connection(Box::new(it))
}

/// A connection with something in everything that it has.
fn full(name: &str, number: u128) -> ImportedConnection {
    let new = NewConnection {
        sources: names(&["q1"], &["p1"]),
        hosts: Hosts::parse(&[("h", "10.0.0.1")]).unwrap(),
        tags: Tags::parse(&[("k", "v")]).unwrap(),
        ..connection(name)
    };
    let peer_ids = vec![(a_queue("q1"), PeerId(Uuid::from_u128(0xbeef)))];
    let route = Route::new("r".parse().unwrap(), "10.1.0.0/16", LONG_AGO).unwrap();
    let grantees = Some(vec!["other".parse().unwrap()]);
    ImportedConnection { new, peer_ids, routes: vec![route], grantees, ..one(name, number) }
}

fn everything() -> Vec<Imported> {
    vec![imported_pool("p1"), imported_queue("inside", Some("p1")), imported_queue("q1", None), imported(full("c", 1))]
}

impl World {
    fn import_all(&mut self, items: Vec<Imported>) -> Vec<ImportOutcome> {
        match self.ask(Command::Import(Import { items, dry_run: false })).unwrap() {
            Reply::Imported(outcomes) => outcomes,
            other => panic!("{other:?}"),
        }
    }

    fn import_one(&mut self, item: Imported) -> ImportOutcome {
        self.import_all(vec![item]).pop().unwrap()
    }

    fn refuses(&mut self, item: Imported, kind: fn(String) -> Refusal) -> String {
        let before = self.revision;
        let ImportOutcome::Refused(refusal) = self.import_one(item) else { panic!("it was imported") };
        assert_eq!(self.revision, before + 1, "the world counts calls");
        refused(Err(refusal), kind)
    }
}

#[test]
fn everything_keeps_its_ids_and_times_and_its_peers_begin_anew() {
    let mut world = World::new();
    assert_eq!(world.import_all(everything()), vec![ImportOutcome::Created; 4]);
    let it = full("c", 1);
    let entry = world.entry(it.id);
    assert_eq!((entry.connection.created, &*entry.connection.routes), (it.created, &*it.routes));
    assert_eq!((entry.hosts(), &entry.connection.tags), (it.new.hosts.as_slice(), &it.new.tags));
    assert_eq!(entry.connection.grantees.len(), 1);
    assert_eq!(world.peers(it.id), ["queue q1 CREATING", "elastic resource pool p1 CREATING"]);
    assert_eq!(world.peer(it.id, &a_queue("q1")).id, it.peer_ids[0].1);
    let scope = world.scope();
    let view = world.state.project(&scope);
    let pool = view.pool(&"p1".parse().unwrap()).unwrap();
    let inside = view.queue(&"inside".parse().unwrap()).unwrap();
    assert_eq!((pool.resource_id.0.as_u128(), &*pool.owner, pool.update_time), (0x9001, "someone", LONG_AGO));
    assert_eq!((inside.cidr_in_subnet, inside.created.millis()), (pool.cidr_in_subnet, LONG_AGO));
    let numbers: std::collections::HashSet<_> = view.queues().map(|queue| queue.created).collect();
    assert_eq!(numbers.len(), 2, "queues are told apart by a number of their time");
}

#[test]
fn a_repetition_changes_nothing_and_is_told_as_such() {
    let mut world = World::new();
    world.import_all(everything());
    let again =
        world.decide(&Request::Project(world.scope(), Command::Import(Import { items: everything(), dry_run: false })));
    let decision = again.unwrap();
    assert_eq!(decision.reply, Reply::Imported(vec![ImportOutcome::Identical; 4]));
    assert!(decision.changes.is_empty());
}

#[test]
fn a_dry_run_answers_the_same_and_changes_nothing() {
    let world = World::new();
    let ask = |dry_run| {
        let import = Command::Import(Import { items: everything(), dry_run });
        world.decide(&Request::Project(world.scope(), import)).unwrap()
    };
    let (dry, real) = (ask(true), ask(false));
    assert_eq!(dry.reply, real.reply);
    assert!(dry.changes.is_empty() && real.changes.len() == 7, "{}", real.changes.len());
}

#[test]
fn what_differs_is_named_and_left_alone() {
    let mut world = World::new();
    world.import_all(everything());
    let mut other = full("other_name", 1);
    other.created = Stamp::new(LONG_AGO + 1, 0);
    other.new.dest_vpc = "v2".parse().unwrap();
    other.new.hosts = Hosts::default();
    other.new.tags = Tags::default();
    other.new.sources = names(&[], &["p1"]);
    (other.routes, other.grantees, other.ipv6) = (Vec::new(), Some(Vec::new()), Some(true));
    let before = world.entry(other.id).clone();
    let fields = [
        "name",
        "create_time",
        "dest_vpc_id",
        "available_queue_info",
        "hosts",
        "routes",
        "ipv6_enable",
        "privileges",
        "tags",
    ];
    assert_eq!(world.import_one(imported(other.clone())), ImportOutcome::Differs(fields.into()));
    assert_eq!(*world.entry(other.id), before);
    let unknown = ImportedConnection { grantees: None, knows_tags: false, ipv6: None, ..full("c", 1) };
    let new = NewConnection { tags: Tags::default(), ..unknown.new.clone() };
    let outcome = world.import_one(imported(ImportedConnection { new, ..unknown }));
    assert_eq!(outcome, ImportOutcome::Identical, "nothing is said about what the source does not tell");

    let mut pool = imported_pool("p1");
    a_birth_of(&mut pool).resource_id = ResourceId(Uuid::from_u128(1));
    assert_eq!(world.import_one(pool), ImportOutcome::Differs(vec!["resource_id"]));
    let Imported::Queue(mut queue) = imported_queue("q1", None) else { panic!() };
    (queue.new.template.cu_count, queue.new.resource_mode) = (64, Some(0));
    assert_eq!(world.import_one(Imported::Queue(queue)), ImportOutcome::Differs(vec!["cu_count", "resource_mode"]));
}

#[test]
fn lists_keep_the_order_of_the_source_within_a_millisecond_and_among_what_is_there() {
    let mut world = World::new();
    world.now = LONG_AGO;
    let here = world.connect("here", &[]);
    world.now = NOW;
    let newest = world.connect("newest", &[]);
    let mut items: Vec<ImportedConnection> = (0..4).map(|n| one(&format!("c{n}"), 9 - n)).collect();
    for (place, item) in items.iter_mut().enumerate() {
        item.created = Stamp::new(LONG_AGO, place as u32);
    }
    // In the order of a newest-first list, and interrupted in between.
    for item in [2, 3, 0, 1] {
        assert_eq!(world.import_one(imported(items[item].clone())), ImportOutcome::Created);
    }
    let taken = world.entry(here).connection.created;
    assert!(items.iter().any(|item| item.created == taken), "one has the very stamp of another");
    let scope = world.scope();
    let page = world.state.project(&scope).page(&PageQuery { active: Some(true), ..PageQuery::default() });
    assert_eq!(page.count, 6);
    let held = world.state.held(scope.project()).unwrap();
    let listed: Vec<_> = held.lists.of_status(Some(true)).entries().map(|entry| entry.connection.id).collect();
    let own: Vec<_> = listed.iter().copied().filter(|id| *id != here && *id != newest).collect();
    assert_eq!(listed[0], newest);
    assert_eq!(own, items.iter().rev().map(|item| item.id).collect::<Vec<_>>());
}

#[test]
fn what_is_created_next_is_not_older_than_what_was_created_last() {
    let mut world = World::new();
    let first = world.connect("first", &[]);
    world.now = NOW - 60_000;
    assert_eq!(world.import_one(imported(one("old", 1))), ImportOutcome::Created);
    let next = world.connect("next", &[]);
    assert!(world.entry(next).connection.created > world.entry(first).connection.created);
}

#[test]
fn times_are_of_the_past() {
    let mut world = World::new();
    for (millis, text) in [(NOW + 1, "lies in the future"), (0, "milliseconds since 1970"), (-5, "got -5")] {
        let it = ImportedConnection { created: Stamp::new(millis, 0), ..one("c", 1) };
        let refusal = world.refuses(imported(it), Refusal::Invalid);
        assert!(refusal.contains(text), "{refusal}");
        let mut queue = imported_queue("q", None);
        a_birth_of(&mut queue).created = Stamp::new(millis, 0);
        assert!(world.refuses(queue, Refusal::Invalid).contains(text));
    }
}

#[test]
fn ids_of_others_are_refused_without_telling_whose() {
    let mut world = World::new();
    let stranger = full("secret", 1);
    let mut record = world.entry_of(&stranger);
    record.project = "theirs".parse().unwrap();
    record.grantees = Box::new(["a".parse().unwrap()]);
    world.import(Record::Connection(record));
    let text = world.refuses(imported(one("c", 1)), Refusal::Exists);
    assert!(text.contains("is in use") && !text.contains("theirs") && !text.contains("secret"), "{text}");

    world.import_one(imported_queue("q1", None));
    let mut pool = imported_pool("p");
    a_birth_of(&mut pool).resource_id = ResourceId(Uuid::from_u128(0x9102));
    assert!(world.refuses(pool, Refusal::Exists).contains("resource_id"));
    let bound = world.connect("bound", &["q1"]);
    let taken = world.peer(bound, &a_queue("q1")).id;
    let mut it = one("c", 2);
    (it.new.sources, it.peer_ids) = (names(&["q1"], &[]), vec![(a_queue("q1"), taken)]);
    assert!(world.refuses(imported(it.clone()), Refusal::Exists).contains("peer_id"));
    it.peer_ids.clear();
    assert_eq!(world.import_one(imported(it)), ImportOutcome::Created);
}

impl World {
    /// The connection as it would be imported.
    fn entry_of(&self, it: &ImportedConnection) -> linkspan_model::Connection {
        let bare = ImportedConnection { new: connection(it.new.name.as_str()), ..it.clone() };
        let import = Command::Import(Import { items: vec![imported(bare)], dry_run: false });
        let decision = self.decide(&Request::Project(self.scope(), import)).unwrap();
        match decision.changes[0].record() {
            Record::Connection(connection) => connection.clone(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_rule_of_creation_holds() {
    let mut world = World::new();
    world.rules.host_bytes_per_project = 300;
    let id = world.connect("taken", &[]);
    assert!(world.refuses(imported(one("taken", 1)), Refusal::Exists).contains(&id.to_string()));
    world.ask(Command::DeleteConnection(id)).unwrap();
    let deleted = ImportedConnection { id, ..one("again", 1) };
    assert!(world.refuses(imported(deleted), Refusal::Exists).contains("was deleted here"));
    let unbound = full("c", 2);
    let ImportOutcome::Refused(refusal) = world.import_one(imported(unbound)) else { panic!() };
    assert_eq!(refusal, Refusal::UnknownQueue("q1".into()));

    let route = |name: &str, cidr: &str| Route::new(name.parse().unwrap(), cidr, 1).unwrap();
    let with = |change: &dyn Fn(&mut ImportedConnection)| {
        let mut it = one("c", 3);
        change(&mut it);
        imported(it)
    };
    let twice = with(&|it| it.routes = vec![route("r", "10.0.0.0/8"), route("r", "10.0.0.0/8")]);
    world.refuses(twice, Refusal::Invalid);
    world.refuses(with(&|it| it.routes = vec![route("r", "fd00::/8")]), Refusal::NotSupported);
    world.refuses(with(&|it| it.grantees = Some(vec!["a".parse().unwrap()])), Refusal::Invalid);
    let many = || (0..21).map(|n| format!("g{n}").parse().unwrap()).collect();
    world.refuses(with(&|it| it.grantees = Some(many())), Refusal::Exceeds);
    let hosts = Hosts::parse(&(0..20).map(|n| (format!("h{n}"), "10.0.0.1")).collect::<Vec<_>>()).unwrap();
    world.refuses(with(&|it| it.new.hosts = hosts.clone()), Refusal::Exceeds);
    world.refuses(imported_queue("default", None), Refusal::NotSupported);
    let ImportOutcome::Refused(refusal) = world.import_one(imported_queue("q", Some("nowhere"))) else { panic!() };
    assert_eq!(refusal, Refusal::UnknownPool("nowhere".into()));
}

#[test]
fn scaling_policies_come_along_unless_they_are_the_preset_ones() {
    let mut world = World::new();
    world.import_one(imported_pool("p1"));
    let with = |min_cu: u32, home| {
        let Imported::Queue(mut queue) = imported_queue("inside", home) else { panic!() };
        queue.policies = Some(vec![ScalingPolicy { min_cu, ..ScalingPolicy::preset(16) }]);
        Imported::Queue(queue)
    };
    assert!(world.refuses(with(80, Some("p1")), Refusal::Invalid).contains("80 CUs"));
    world.refuses(with(8, None), Refusal::NotSupported);
    assert_eq!(world.import_one(with(8, Some("p1"))), ImportOutcome::Created);
    assert_eq!(world.import_one(with(8, Some("p1"))), ImportOutcome::Identical);
    let differs = ImportOutcome::Differs(vec!["queue_scaling_policies"]);
    assert_eq!(world.import_one(with(16, Some("p1"))), differs);
    world.ask(Command::DeleteQueue("inside".into())).unwrap();
    assert_eq!(world.import_one(with(16, Some("p1"))), ImportOutcome::Created);
    let scope = world.scope();
    let view = world.state.project(&scope);
    assert!(view.queue(&"inside".parse().unwrap()).unwrap().policies.is_empty(), "the preset is not stored");
}

#[test]
fn networks_inside_the_default_stay_apart() {
    let mut world = World::new();
    world.ask(pool("own", None)).unwrap();
    let mut same = imported_pool("p1");
    a_birth_of(&mut same).cidr_in_subnet = Some("172.16.0.0/18".parse().unwrap());
    assert!(world.refuses(same, Refusal::Exists).contains("172.16.0.0/18"));
    let mut beside = imported_pool("p1");
    a_birth_of(&mut beside).cidr_in_subnet = Some("172.20.0.0/18".parse().unwrap());
    assert_eq!(world.import_one(beside), ImportOutcome::Created);
    let scope = world.scope();
    let real = world.state.project(&scope).pool(&"p1".parse().unwrap()).unwrap().cidr_in_subnet;
    assert_eq!(real, "172.20.0.0/18".parse().unwrap());
}

#[test]
fn one_bad_thing_does_not_keep_the_others_out() {
    let mut world = World::new();
    let twice = [imported(one("a", 1)), imported(one("b", 1)), imported(one("a", 2)), imported(one("c", 3))];
    let outcomes = world.import_all(twice.into());
    assert!(matches!(
        &outcomes[..],
        [ImportOutcome::Created, ImportOutcome::Refused(_), ImportOutcome::Refused(_), ImportOutcome::Created]
    ));
    let many = vec![imported(one("z", 9)); Import::MOST + 1];
    let answer = world.ask(Command::Import(Import { items: many, dry_run: true }));
    assert!(refused(answer, Refusal::Exceeds).contains("250"));
}
