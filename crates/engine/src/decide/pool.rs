use std::net::Ipv4Addr;

use linkspan_model::{Cidr4, Pool, PoolName, ResourceId, SourceName};

use super::{Case, Decision, peer};
use crate::command::{NewPool, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ProjectState;

/// Prefix of the network that a pool without a CIDR of its own has.
pub(super) const POOL_PREFIX: u8 = 18;

/// What `cidr_in_vpc` reads when none was given (dli_02_0326): `172.16.0.0/12`.
pub(super) fn default_network() -> Cidr4 {
    Cidr4::containing(Ipv4Addr::new(172, 16, 0, 0), 12)
}

/// The first of the candidates that no queue or pool of the project has any address of. Where a pool was given so much
/// that none is left, the first that no other default has: two defaults never overlap.
pub(super) fn free_network(case: &Case<'_>, candidates: impl Iterator<Item = Cidr4> + Clone) -> Result<Cidr4, Refusal> {
    let used = case.state.held(case.project()).map(ProjectState::used_cidrs).unwrap_or_default();
    let all = used.iter().map(|used| used.cidr).collect::<Vec<_>>();
    let defaults = used.iter().filter(|used| used.is_default).map(|used| used.cidr).collect::<Vec<_>>();
    let free = first_beside(&all, candidates.clone()).or_else(|| first_beside(&defaults, candidates));
    free.ok_or_else(|| {
        Refusal::Exceeds(format!(
            "No free network is left for it inside {}: delete queues or pools, or give the pool a cidr_in_vpc.",
            default_network()
        ))
    })
}

fn first_beside(used: &[Cidr4], mut candidates: impl Iterator<Item = Cidr4>) -> Option<Cidr4> {
    // The block that was in the way last is most likely in the way again.
    let mut last = None;
    candidates.find(|candidate| {
        if last.is_some_and(|last: Cidr4| last.overlaps(*candidate)) {
            return false;
        }
        last = used.iter().copied().find(|used| used.overlaps(*candidate));
        last.is_none()
    })
}

/// `dli_02_0326`.
pub(super) fn create(case: &Case<'_>, new: &NewPool) -> Result<Decision, Refusal> {
    let held = case.state.held(case.project());
    if held.is_some_and(|held| held.pools.contains_key(&new.name)) {
        return Err(Refusal::Exists(format!("An elastic resource pool named {} exists already.", new.name)));
    }
    let cidr_in_subnet = match new.cidr {
        Some(cidr) => cidr,
        None => free_network(case, default_network().subnets(POOL_PREFIX))?,
    };
    let pool = Pool { cidr_in_subnet, ..chosen(case, new) };
    let mut decision = Decision::new(Reply::Pool(Box::new(pool.clone())));
    decision.put(Record::Pool(pool));
    Ok(decision.audited(case.scope, "createElasticResourcePool", (&new.name, "")))
}

/// A new pool as its caller chose it; the network that it really has is still to be set.
pub(super) fn chosen(case: &Case<'_>, new: &NewPool) -> Pool {
    let cidr_in_vpc = new.cidr.unwrap_or_else(default_network);
    Pool {
        resource_id: ResourceId(case.context.ids.uuid()),
        project: case.project().clone(),
        name: new.name.clone(),
        created: case.stamp(),
        update_time: case.now(),
        owner: case.owner(),
        description: new.description.clone(),
        max_cu: new.max_cu,
        min_cu: new.min_cu,
        charging_mode: 1,
        enterprise_project_id: new.enterprise_project_id.clone(),
        cidr_in_vpc,
        cidr_in_subnet: cidr_in_vpc,
        ipv6: new.ipv6,
        labels: new.labels.clone(),
        tags: new.tags.clone(),
    }
}

/// `dli_02_0328`: refused while queues live in it; its peers go in the same commit.
pub(super) fn delete(case: &Case<'_>, name: &str) -> Result<Decision, Refusal> {
    let unknown = || Refusal::UnknownPool(name.to_owned());
    let parsed: PoolName = name.parse().map_err(|_| unknown())?;
    let held = case.state.held(case.project()).ok_or_else(unknown)?;
    let pool = held.pools.get(&parsed).ok_or_else(unknown)?;
    if let Some(queue) = held.queues.values().find(|queue| queue.value.pool.as_ref() == Some(&parsed)) {
        return Err(Refusal::NotSupported(format!(
            "Elastic resource pool {parsed} still holds the queue {}: delete its queues first.",
            queue.value.name
        )));
    }
    let mut decision = Decision::new(Reply::Done);
    for peer in peer::removed_with(case, SourceName::Pool(parsed.clone())) {
        decision.put(Record::Peer(peer));
    }
    decision.remove(Record::Pool(pool.value.clone()));
    Ok(decision.audited(case.scope, "dropElasticResourcePool", (parsed, "")))
}
