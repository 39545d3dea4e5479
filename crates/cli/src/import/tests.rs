use std::num::NonZeroUsize;

use linkspan_client::{ConnectionInfo, PeerInfo, PoolInfo, QueueInfo};
use linkspan_wire::own::{ImportKind, ImportRequest, ImportVerdict, ImportedThing, PeerKind};
use linkspan_wire::{CreateConnection, CreatePool, CreateQueue};
use serde_json::json;

use super::batches::{Batch, batches};
use super::items::{Item, items};
use super::outcome::{Summary, ThingRow};
use super::read::{Found, More, Rest};
use crate::output::Row;

const MADE: i64 = 1_566_888_011_125;

fn pool(name: &str) -> PoolInfo {
    PoolInfo {
        id: MADE * 1000 + 7,
        elastic_resource_pool_name: name.into(),
        resource_id: format!("r-{name}"),
        min_cu: 64,
        max_cu: 64,
        cidr_in_vpc: "172.16.0.0/12".into(),
        create_time: MADE,
        ..PoolInfo::default()
    }
}

fn queue(name: &str, home: &str) -> QueueInfo {
    QueueInfo {
        queue_id: 26,
        queue_name: name.into(),
        resource_id: format!("r-{name}"),
        cu_count: 16,
        resource_mode: 1,
        create_time: MADE,
        elastic_resource_pool_name: home.into(),
        ..QueueInfo::default()
    }
}

fn connection(name: &str, queues: &[&str]) -> ConnectionInfo {
    let peer = |name: &&str| PeerInfo { name: (*name).into(), peer_id: format!("p-{name}"), ..PeerInfo::default() };
    ConnectionInfo {
        id: format!("c-{name}"),
        name: name.into(),
        dest_vpc_id: "v".into(),
        dest_network_id: "n".into(),
        create_time: MADE,
        available_queue_info: queues.iter().map(peer).collect(),
        ..ConnectionInfo::default()
    }
}

fn found(connections: Vec<ConnectionInfo>) -> Found {
    Found {
        pools: vec![(pool("p"), Some(Vec::new()))],
        queues: vec![(queue("q", ""), More::default()), (queue("inside", "p"), More::default())],
        connections: connections.into_iter().map(|connection| (connection, Rest::default())).collect(),
        notes: Vec::new(),
    }
}

fn number(value: usize) -> NonZeroUsize {
    NonZeroUsize::new(value).unwrap()
}

#[test]
fn what_the_cloud_leaves_out_is_left_to_creation() {
    for item in items(found(vec![connection("c", &["q"])])) {
        let body = item.create().to_string();
        match item {
            Item::Pool(pool) => {
                CreatePool::from_body(body.as_bytes()).unwrap();
                assert_eq!((pool.birth.place, pool.create.get("cidr_in_vpc")), (7, None), "the default is no choice");
                assert_eq!(pool.create["tags"], json!([]), "it is known that it has none");
            }
            Item::Queue(queue) => {
                CreateQueue::from_body(body.as_bytes()).unwrap();
                assert_eq!(
                    (queue.birth.place, queue.create.get("tags")),
                    (0, None),
                    "the cloud's numbers are no times"
                );
            }
            Item::Connection(connection) => {
                CreateConnection::from_body(body.as_bytes()).unwrap();
                let id = &connection.peer_ids[0];
                assert_eq!((id.kind, id.name.as_str(), id.peer_id.as_str()), (PeerKind::Queue, "q", "p-q"));
                assert_eq!(connection.grantees, None);
            }
        }
    }
}

#[test]
fn the_order_of_the_source_is_kept_within_a_millisecond() {
    let mut older = connection("older", &[]);
    older.create_time -= 1;
    let newest_first = vec![connection("third", &[]), connection("second", &[]), connection("first", &[]), older];
    let sent: Vec<_> = items(found(newest_first))
        .into_iter()
        .filter_map(|item| match item {
            Item::Connection(connection) => Some((connection.id, connection.place)),
            Item::Pool(_) | Item::Queue(_) => None,
        })
        .collect();
    let expected = [("c-older", 0), ("c-first", 0), ("c-second", 1), ("c-third", 2)];
    assert_eq!(sent, expected.map(|(id, place)| (id.to_owned(), place)));
}

#[test]
fn properties_that_read_like_numbers_are_sent_as_numbers() {
    let pairs = [("a", "2"), ("b", "007"), ("c", "true"), ("d", "x"), ("e", "")];
    let properties = Some(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    let queues = vec![(queue("q", ""), More { properties, ..More::default() })];
    let items = items(Found { queues, ..Found::default() });
    let expected = json!({"a": 2, "b": "007", "c": true, "d": "x", "e": ""});
    assert_eq!(items[0].create()["properties"], expected);
}

fn names(request: &ImportRequest) -> String {
    let of = |create: &serde_json::Value, member: &str| create[member].as_str().unwrap().to_owned();
    let pools = request.elastic_resource_pools.iter().map(|it| of(&it.create, "elastic_resource_pool_name"));
    let queues = request.queues.iter().map(|it| of(&it.create, "queue_name"));
    let connections = request.connections.iter().map(|it| of(&it.create, "name"));
    pools.chain(queues).chain(connections).collect::<Vec<_>>().join(" ")
}

fn told(batch: Batch) -> String {
    let names = names(&batch.request);
    let outcomes = names.split(' ').map(|name| ImportedThing {
        kind: ImportKind::Queue,
        id: String::new(),
        name: name.into(),
        outcome: ImportVerdict::Created,
        fields: Vec::new(),
        reason: String::new(),
    });
    batch.wanted(outcomes.collect()).map(|thing| thing.name).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_real_run_sends_each_thing_once() {
    let all = found(vec![connection("b", &["q"]), connection("a", &["q"])]);
    let sent: Vec<_> = batches(items(all), false, number(2)).iter().map(|batch| names(&batch.request)).collect();
    assert_eq!(sent, ["p q", "inside a", "b"]);
}

#[test]
fn a_dry_run_brings_along_what_its_things_need_and_tells_each_once() {
    let all = || items(found(vec![connection("b", &["q"]), connection("a", &["q"])]));
    let batches_of = |most| batches(all(), true, number(most));
    let sent: Vec<_> = batches_of(3).iter().map(|batch| names(&batch.request)).collect();
    assert_eq!(sent, ["p q inside", "q a b"]);
    let told: Vec<_> = batches_of(3).into_iter().map(told).collect();
    assert_eq!(told, ["p q inside", "a b"]);
}

#[test]
fn long_bodies_go_alone() {
    let mut long = connection("long", &[]);
    long.dest_vpc_id = "v".repeat(5 * 1024 * 1024);
    let items = items(Found {
        connections: vec![(long, Rest::default()), (connection("a", &[]), Rest::default())],
        ..Found::default()
    });
    let sent: Vec<_> = batches(items, false, number(100)).iter().map(|batch| names(&batch.request)).collect();
    assert_eq!(sent, ["a", "long"]);
}

#[test]
fn the_summary_says_what_is_not_here_as_it_is_there() {
    let row = |outcome| {
        let (kind, id, name) = (ImportKind::Connection, "i".into(), "n".into());
        let fields = if outcome == ImportVerdict::Differs { vec!["hosts".into(), "tags".into()] } else { Vec::new() };
        ThingRow(ImportedThing { kind, id, name, outcome, fields, reason: String::new() })
    };
    let good = [row(ImportVerdict::Created), row(ImportVerdict::Identical)];
    assert!(Summary::of(&good).verdict().is_ok());
    let mixed = [row(ImportVerdict::Created), row(ImportVerdict::Differs), row(ImportVerdict::Refused)];
    let summary = Summary::of(&mixed);
    let text = "1 would be created, 0 here already, 1 here with other content, 1 refused";
    assert_eq!(summary.text(true), text);
    assert_eq!(summary.verdict().unwrap_err().exit() as u8, 5);
    assert_eq!(mixed[1].cells(true, 0).len(), ThingRow::COLUMNS.len());
}
