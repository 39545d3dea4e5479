//! The things of an import, each read by itself: the body that would create it by the rules of that creation, and
//! beside it what creation chooses.

use std::fmt::Display;

use linkspan_engine::command::import::{Birth, Imported, ImportedConnection, ImportedPool, ImportedQueue};
use linkspan_model::{ConnectionId, PeerId, ResourceId, Route, ScalingPolicy, SourceName, Stamp};
use linkspan_wire::own::{
    ImportBirth, ImportConnection, ImportKind, ImportPeerId, ImportPool, ImportQueue, ImportRequest, ImportVerdict,
    ImportedThing, PeerKind, RouteDetail, Time,
};
use linkspan_wire::{ApiError, CreateConnection, CreatePool, CreateQueue, UpdateScalingPolicies};
use serde_json::{Value, json};

use super::super::{create_elastic_resource_pool, create_enhanced_connection, create_queue};

/// A thing, or what is wrong with it, and what its sender is told about it beside the outcome.
pub(super) struct Thing {
    pub(super) told: ImportedThing,
    pub(super) item: Result<Imported, String>,
}

/// The things in the order in which they are taken over.
pub(super) fn things(request: ImportRequest) -> Vec<Thing> {
    let pools = request.elastic_resource_pools.into_iter().map(|it| {
        let told =
            told(ImportKind::ElasticResourcePool, &it.birth.resource_id, (&it.create, "elastic_resource_pool_name"));
        Thing { told, item: pool(&it).map(|it| Imported::Pool(Box::new(it))) }
    });
    let queues = request.queues.into_iter().map(|it| {
        let told = told(ImportKind::Queue, &it.birth.resource_id, (&it.create, "queue_name"));
        Thing { told, item: queue(&it).map(|it| Imported::Queue(Box::new(it))) }
    });
    let connections = request.connections.into_iter().map(|it| {
        let told = told(ImportKind::Connection, &it.id, (&it.create, "name"));
        Thing { told, item: connection(&it).map(|it| Imported::Connection(Box::new(it))) }
    });
    pools.chain(queues).chain(connections).collect()
}

fn told(kind: ImportKind, id: &str, (create, name): (&Value, &str)) -> ImportedThing {
    let name = create.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let outcome = ImportVerdict::Refused;
    ImportedThing { kind, id: id.to_owned(), name, outcome, fields: Vec::new(), reason: String::new() }
}

fn at<T, E: Display>(place: impl Display, read: Result<T, E>) -> Result<T, String> {
    read.map_err(|why| format!("{place}: {why}"))
}

/// A creation body; its text alone says what is wrong with it, since the code is another call's.
fn created<T>(read: Result<T, ApiError>) -> Result<T, String> {
    read.map_err(|error| format!("create: {}", error.message()))
}

fn uuid<T>(place: &str, read: impl Fn(&str) -> Option<T>, text: &str) -> Result<T, String> {
    let shown: String = text.chars().take(64).collect();
    read(text).ok_or_else(|| format!("{place} must be a UUID of 36 lower-case characters, got {shown:?}"))
}

fn stamp(time: Time, place: u32) -> Result<Stamp, String> {
    if place > 999 {
        return Err(format!("place must be at most 999, got {place}"));
    }
    Ok(Stamp::new(time.0, place))
}

/// Whether a creation body says something about a member.
fn says(create: &Value, member: &str) -> bool {
    create.get(member).is_some_and(|value| !value.is_null())
}

fn birth(there: &ImportBirth, create: &Value) -> Result<Birth, String> {
    let ImportBirth { resource_id, create_time, place, owner, cidr_in_subnet } = there;
    if owner.as_ref().is_some_and(|owner| owner.chars().count() > 128 || owner.chars().any(char::is_control)) {
        return Err("owner must be at most 128 printable characters".into());
    }
    Ok(Birth {
        resource_id: uuid("resource_id", ResourceId::from_wire, resource_id)?,
        created: stamp(*create_time, *place)?,
        owner: owner.as_deref().map(Into::into),
        cidr_in_subnet: at("cidr_in_subnet", cidr_in_subnet.as_deref().map(str::parse).transpose())?,
        knows_tags: says(create, "tags"),
    })
}

fn pool(there: &ImportPool) -> Result<ImportedPool, String> {
    let asked = created(CreatePool::from_body(there.create.to_string().as_bytes()))?;
    Ok(ImportedPool {
        birth: birth(&there.birth, &there.create)?,
        new: create_elastic_resource_pool::new_pool(asked),
        update_time: there.update_time.map(|time| time.0),
    })
}

fn queue(there: &ImportQueue) -> Result<ImportedQueue, String> {
    let asked = created(CreateQueue::from_body(there.create.to_string().as_bytes()))?;
    Ok(ImportedQueue {
        birth: birth(&there.birth, &there.create)?,
        new: create_queue::new_queue(asked),
        cidr_in_vpc: at("cidr_in_vpc", there.cidr_in_vpc.as_deref().map(str::parse).transpose())?,
        knows_properties: says(&there.create, "properties"),
        policies: there.scaling_policies.as_ref().map(policies).transpose()?,
    })
}

/// Policies, read as the call that sets them reads them.
fn policies(there: &Value) -> Result<Vec<ScalingPolicy>, String> {
    let body = json!({ "queue_scaling_policies": there }).to_string();
    let read = UpdateScalingPolicies::from_body(body.as_bytes()).map_err(|error| error.message().to_owned());
    read.map(|asked| asked.queue_scaling_policies)
}

fn connection(there: &ImportConnection) -> Result<ImportedConnection, String> {
    let asked = created(CreateConnection::from_body(there.create.to_string().as_bytes()))?;
    let grantees = there.grantees.as_ref().map(|ids| {
        let read = ids.iter().enumerate().map(|(index, id)| at(format!("grantees[{index}]"), id.parse()));
        read.collect::<Result<Vec<_>, _>>()
    });
    Ok(ImportedConnection {
        id: uuid("id", ConnectionId::from_wire, &there.id)?,
        created: stamp(there.create_time, there.place)?,
        new: create_enhanced_connection::new_connection(asked),
        peer_ids: there.peer_ids.iter().enumerate().map(peer_id).collect::<Result<_, _>>()?,
        routes: there.routes.iter().enumerate().map(route).collect::<Result<_, _>>()?,
        ipv6: there.ipv6_enable,
        grantees: grantees.transpose()?,
        knows_tags: says(&there.create, "tags"),
    })
}

fn route((index, there): (usize, &RouteDetail)) -> Result<Route, String> {
    let name = at(format!("routes[{index}].name"), there.name.parse())?;
    at(format!("routes[{index}].cidr"), Route::new(name, &there.cidr, there.create_time.0))
}

fn peer_id((index, there): (usize, &ImportPeerId)) -> Result<(SourceName, PeerId), String> {
    let place = format!("peer_ids[{index}].name");
    let source = match there.kind {
        PeerKind::Queue => SourceName::Queue(at(place, there.name.parse())?),
        PeerKind::ElasticResourcePool => SourceName::Pool(at(place, there.name.parse())?),
    };
    Ok((source, uuid(&format!("peer_ids[{index}].peer_id"), PeerId::from_wire, &there.peer_id)?))
}
