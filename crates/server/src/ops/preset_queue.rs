//! The queue `default`, which every project has and nobody makes: listed and shown, never created, bound or deleted.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use linkspan_engine::{Refusal, Scope, State};
use linkspan_model::{Cidr4, Queue, QueueEngine, QueueName, QueueType, ResourceId, Stamp, Tags};
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::answer::Fault;

/// The queue of this name, the preset one included.
pub(super) fn queue_named<'a>(state: &'a State, scope: &'a Scope, text: &str) -> Result<Cow<'a, Queue>, Fault> {
    let unknown = || Refusal::UnknownQueue(text.to_owned());
    let name: QueueName = text.parse().map_err(|_| unknown())?;
    if name.is_default() {
        return Ok(Cow::Owned(preset_queue(state, scope)));
    }
    Ok(Cow::Borrowed(state.project(scope).queue(&name).ok_or_else(unknown)?))
}

/// The preset queue of a project. It has no record, so its ids are made from the project's and never change.
pub(super) fn preset_queue(state: &State, scope: &Scope) -> Queue {
    let id = scope.project();
    let created = state.project_of(scope).map_or(0, |record| record.create_time);
    // It runs in a network of the service's own, so what it shows is the documented default and nothing more.
    let network = Cidr4::containing(Ipv4Addr::new(172, 16, 0, 0), 12);
    Queue {
        resource_id: resource_id(id.as_str()),
        project: id.clone(),
        name: QueueName::preset(),
        created: Stamp::new(created, 0),
        owner: "".into(),
        description: "The preset queue of every project; it can't be bound to a connection.".into(),
        queue_type: QueueType::Sql,
        cu_count: 16,
        charging_mode: 1,
        enterprise_project_id: "0".into(),
        platform: "x86_64".into(),
        resource_mode: 0,
        labels: Box::default(),
        feature: "basic".into(),
        engine: QueueEngine::Spark,
        pool: None,
        cidr_in_vpc: network,
        cidr_in_subnet: network,
        properties: std::collections::BTreeMap::new(),
        policies: Box::default(),
        tags: Tags::default(),
    }
}

fn resource_id(project: &str) -> ResourceId {
    let mut bytes = [0; 16];
    let digest = Sha256::digest(format!("the preset queue of {project}"));
    bytes.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
    ResourceId(Builder::from_custom_bytes(bytes).into_uuid())
}
