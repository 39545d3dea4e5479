use std::sync::Arc;

use linkspan_model::{Cidr4, PoolName, Queue, ResourceId, SourceName};

use super::{Case, Decision, peer, pool, queue_change};
use crate::command::{NewQueue, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::Stored;

/// Prefix of the network that a queue outside any pool has.
pub(super) const QUEUE_PREFIX: u8 = 24;

/// `dli_02_0194`.
pub(super) fn create(case: &Case<'_>, new: &NewQueue) -> Result<Decision, Refusal> {
    let template = &new.template;
    let held = case.state.held(case.project());
    if template.name.is_default() || held.is_some_and(|held| held.queues.contains_key(&template.name)) {
        return Err(Refusal::Exists(format!("A queue named {} exists already.", template.name)));
    }
    queue_change::few(&template.properties)?;
    let home = new.pool.as_deref().map(|name| pool_named(case, name)).transpose()?;
    let (cidr_in_vpc, cidr_in_subnet) = match &home {
        Some(pool) => (pool.value.cidr_in_vpc, pool.value.cidr_in_subnet),
        None => {
            let all = pool::default_network();
            (all, pool::free_network(case, all.subnets(QUEUE_PREFIX).rev())?)
        }
    };
    let queue = queue_from(case, new, (home, cidr_in_vpc, cidr_in_subnet));
    let mut decision = Decision::new(Reply::Queue(Box::new(queue.clone())));
    decision.put(Record::Queue(queue));
    Ok(decision.audited(case.scope, "createQueue", (&template.name, "")))
}

/// A new queue with these networks.
pub(super) fn queue_from(
    case: &Case<'_>,
    new: &NewQueue,
    network: (Option<&Arc<Stored<linkspan_model::Pool>>>, Cidr4, Cidr4),
) -> Queue {
    let (template, (home, cidr_in_vpc, cidr_in_subnet)) = (new.template.clone(), network);
    Queue {
        resource_id: ResourceId(case.context.ids.uuid()),
        project: case.project().clone(),
        name: template.name,
        created: case.stamp(),
        owner: case.owner(),
        description: template.description,
        queue_type: template.queue_type,
        cu_count: template.cu_count,
        charging_mode: 1,
        enterprise_project_id: template.enterprise_project_id,
        platform: template.platform,
        resource_mode: new.resource_mode.unwrap_or(u8::from(home.is_some())),
        labels: template.labels,
        feature: template.feature,
        engine: template.engine,
        pool: home.map(|pool| pool.value.name.clone()),
        cidr_in_vpc,
        cidr_in_subnet,
        properties: template.properties,
        policies: Box::default(),
        tags: template.tags,
    }
}

/// A pool of the project.
pub(super) fn pool_named<'a>(case: &Case<'a>, name: &str) -> Result<&'a Arc<Stored<linkspan_model::Pool>>, Refusal> {
    let unknown = || Refusal::UnknownPool(name.to_owned());
    let parsed: PoolName = name.parse().map_err(|_| unknown())?;
    case.state.held(case.scope.project()).and_then(|held| held.pools.get(&parsed)).ok_or_else(unknown)
}

/// `dli_02_0195`: its peers go in the same commit.
pub(super) fn delete(case: &Case<'_>, name: &str) -> Result<Decision, Refusal> {
    let queue = queue_change::changeable(case, name, "deleted")?;
    let mut decision = Decision::new(Reply::Done);
    for peer in peer::removed_with(case, SourceName::Queue(queue.name.clone())) {
        decision.put(Record::Peer(peer));
    }
    // A queue of the same name is another one, so what was asked about this one goes with it.
    let tests = case.state.held(case.project()).into_iter().flat_map(|held| held.tests.iter());
    for test in tests.filter_map(|test| case.state.tests.get(*test)).filter(|test| test.queue == queue.name) {
        decision.remove(Record::ConnectivityTest(test.clone()));
    }
    decision.remove(Record::Queue(queue.clone()));
    Ok(decision.audited(case.scope, "dropQueue", (&queue.name, "")))
}
