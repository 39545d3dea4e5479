//! What was read, as it is sent: in the order in which it is taken over.

use std::collections::HashMap;

use linkspan_client::{ConnectionInfo, PeerInfo, PoolInfo, QueueInfo};
use linkspan_wire::own::{
    ImportBirth, ImportConnection, ImportPeerId, ImportPool, ImportQueue, PeerKind, RouteDetail, Time,
};
use serde_json::{Value, json};

use super::read::{Found, KnownTags, More, Rest};
use crate::commands::pairs;

/// The network that a creation without one shows (dli_02_0326).
const DEFAULT_NETWORK: &str = "172.16.0.0/12";
/// Places within one millisecond.
const PLACES: i64 = 1000;

/// One thing that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Pool(Box<ImportPool>),
    Queue(Box<ImportQueue>),
    Connection(Box<ImportConnection>),
}

/// Everything: pools, queues, and connections from the oldest to the newest.
pub(super) fn items(found: Found) -> Vec<Item> {
    let pools = found.pools.into_iter().map(|(pool, tags)| Item::Pool(Box::new(of_pool(pool, tags))));
    let queues = found.queues.into_iter().map(|(queue, more)| Item::Queue(Box::new(of_queue(queue, more))));
    // The list says only the millisecond; what is created later in one comes first.
    let mut places: HashMap<i64, u32> = HashMap::new();
    let connections = found.connections.into_iter().rev().map(|(connection, rest)| {
        let next = places.entry(connection.create_time).or_default();
        let place = *next;
        *next = (place + 1).min(999);
        Item::Connection(Box::new(of_connection(connection, rest, place)))
    });
    pools.chain(queues).chain(connections).collect()
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// The place within the millisecond, which a Linkspan's numbers of queues and pools hold.
fn place(number: i64, create_time: i64) -> u32 {
    let is_ours = number.div_euclid(PLACES) == create_time;
    if is_ours { u32::try_from(number.rem_euclid(PLACES)).unwrap_or(0) } else { 0 }
}

fn with_tags(mut create: Value, tags: KnownTags) -> Value {
    if let (Some(tags), Some(members)) = (tags, create.as_object_mut()) {
        members.insert("tags".into(), pairs::tag_objects(&tags).into());
    }
    // What a source leaves out is left to the creation's own defaults.
    if let Some(members) = create.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    create
}

fn of_pool(pool: PoolInfo, tags: KnownTags) -> ImportPool {
    let create = json!({
        "elastic_resource_pool_name": pool.elastic_resource_pool_name,
        "description": pool.description,
        "cidr_in_vpc": given(&pool.cidr_in_vpc).filter(|cidr| *cidr != DEFAULT_NETWORK),
        "min_cu": pool.min_cu,
        "max_cu": pool.max_cu,
        "enterprise_project_id": given(&pool.enterprise_project_id),
        "label": pool.label,
        "ipv6_enable": pool.ipv6_enable,
    });
    ImportPool {
        birth: ImportBirth {
            resource_id: pool.resource_id,
            create_time: Time(pool.create_time),
            place: place(pool.id, pool.create_time),
            owner: given(&pool.owner).map(str::to_owned),
            cidr_in_subnet: given(&pool.cidr_in_subnet).map(str::to_owned),
        },
        update_time: Some(pool.update_time).filter(|time| *time > 0).map(Time),
        create: with_tags(create, tags),
    }
}

fn of_queue(queue: QueueInfo, more: More) -> ImportQueue {
    let create = json!({
        "queue_name": queue.queue_name,
        "queue_type": given(&queue.queue_type),
        "description": queue.description,
        "cu_count": queue.cu_count,
        "enterprise_project_id": given(&queue.enterprise_project_id),
        "platform": given(&queue.platform),
        "resource_mode": queue.resource_mode,
        "labels": queue.labels,
        "feature": given(&queue.feature),
        "elastic_resource_pool_name": given(&queue.elastic_resource_pool_name),
        "engine": given(&queue.engine),
        "properties": more.properties.map(properties),
    });
    ImportQueue {
        birth: ImportBirth {
            resource_id: queue.resource_id,
            create_time: Time(queue.create_time),
            place: place(queue.queue_id, queue.create_time),
            owner: given(&queue.owner).map(str::to_owned),
            cidr_in_subnet: given(&queue.cidr_in_subnet).map(str::to_owned),
        },
        cidr_in_vpc: given(&queue.cidr_in_vpc).map(str::to_owned),
        scaling_policies: more.policies,
        create: with_tags(create, more.tags),
    }
}

/// Properties are shown as texts whatever they were set with; what reads like a number or a truth value is sent as one.
fn properties(shown: Vec<(String, String)>) -> Value {
    let typed = |text: String| match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => json!(number),
        _ => text.parse::<bool>().map_or_else(|_| json!(text), |truth| json!(truth)),
    };
    shown.into_iter().map(|(key, value)| (key, typed(value))).collect::<serde_json::Map<_, _>>().into()
}

fn of_connection(connection: ConnectionInfo, rest: Rest, place: u32) -> ImportConnection {
    let queues = &connection.available_queue_info;
    let pools = &connection.elastic_resource_pools;
    let names = |peers: &[PeerInfo]| peers.iter().map(|peer| peer.name.clone()).collect::<Vec<_>>();
    let create = json!({
        "name": connection.name,
        "dest_vpc_id": connection.dest_vpc_id,
        "dest_network_id": connection.dest_network_id,
        "routetable_id": rest.route_table,
        "queues": names(queues),
        "elastic_resource_pools": names(pools),
        "hosts": connection.hosts,
    });
    let ids = |kind: PeerKind, peers: &[PeerInfo]| {
        let with_id = peers.iter().filter(|peer| !peer.peer_id.is_empty());
        let of = |peer: &PeerInfo| ImportPeerId { kind, name: peer.name.clone(), peer_id: peer.peer_id.clone() };
        with_id.map(of).collect::<Vec<_>>()
    };
    let route = |route: &linkspan_client::RouteInfo| RouteDetail {
        name: route.name.clone(),
        cidr: route.cidr.clone(),
        create_time: Time(route.create_time),
    };
    ImportConnection {
        id: connection.id,
        create_time: Time(connection.create_time),
        place,
        ipv6_enable: Some(connection.ipv6_enable),
        routes: connection.routes.iter().map(route).collect(),
        grantees: rest.grantees,
        peer_ids: [ids(PeerKind::Queue, queues), ids(PeerKind::ElasticResourcePool, pools)].concat(),
        create: with_tags(create, rest.tags),
    }
}

impl Item {
    /// The body that would create it.
    pub(super) fn create(&self) -> &Value {
        match self {
            Self::Pool(pool) => &pool.create,
            Self::Queue(queue) => &queue.create,
            Self::Connection(connection) => &connection.create,
        }
    }
}
