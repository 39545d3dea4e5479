//! What can be changed about an elastic resource pool: its bounds, the queues in it, and what each of them may take.

use linkspan_model::{Pool, PoolName, Queue, ScalingPolicy};

use super::queue_change::{changeable, unbound};
use super::{Case, Decision};
use crate::command::{PoolChange, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ProjectState;

/// Compute units of a pool are multiples of this (dli_02_0326).
const CU_STEP: u32 = 16;

/// `dli_02_0329`, `dli_02_0331` and `dli_02_0332`.
pub(super) fn decide(case: &Case<'_>, name: &str, change: &PoolChange) -> Result<Decision, Refusal> {
    let pool = existing(case, name)?;
    match change {
        PoolChange::Update { description, max_cu, min_cu } => {
            update(case, pool, (description.as_ref(), *max_cu, *min_cu))
        }
        PoolChange::AddQueue(queue) => add_queue(case, pool, queue),
        PoolChange::SetPolicies(queue, policies) => set_policies(case, pool, (queue, policies)),
    }
}

fn existing<'a>(case: &Case<'a>, name: &str) -> Result<&'a Pool, Refusal> {
    let unknown = || Refusal::UnknownPool(name.to_owned());
    let parsed: PoolName = name.parse().map_err(|_| unknown())?;
    let held = case.state.held(case.scope.project());
    held.and_then(|held| held.pools.get(&parsed)).map(|pool| &pool.value).ok_or_else(unknown)
}

type Update<'a> = (Option<&'a Box<str>>, Option<u32>, Option<u32>);

fn update(case: &Case<'_>, pool: &Pool, (description, max_cu, min_cu): Update<'_>) -> Result<Decision, Refusal> {
    let next = Pool {
        description: description.unwrap_or(&pool.description).clone(),
        max_cu: max_cu.unwrap_or(pool.max_cu),
        min_cu: min_cu.unwrap_or(pool.min_cu),
        ..pool.clone()
    };
    let (max, min) = (next.max_cu, next.min_cu);
    if min == 0 || !min.is_multiple_of(CU_STEP) || !max.is_multiple_of(CU_STEP) {
        return Err(Refusal::Invalid(format!("max cu or min cu must be a multiple of {CU_STEP}, got {max} and {min}")));
    }
    if min > max {
        return Err(Refusal::Invalid(format!("min_cu must be at most max_cu, got {min} and {max}")));
    }
    let mut decision = Decision::new(Reply::Done);
    if next != *pool {
        decision.put(Record::Pool(Pool { update_time: case.now(), ..next }));
    }
    Ok(decision.audited(case.scope, "updateElasticResourcePool", (&pool.name, format!("min_cu {min}, max_cu {max}"))))
}

/// Moves a queue into the pool, for good: from then on it has the pool's network and is bound through the pool.
fn add_queue(case: &Case<'_>, pool: &Pool, name: &str) -> Result<Decision, Refusal> {
    let queue = changeable(case, name, "moved into a pool")?;
    match &queue.pool {
        // Whoever repeats the call has got what it asked for.
        Some(home) if *home == pool.name => return Ok(Decision::new(Reply::Done)),
        Some(home) => {
            return Err(Refusal::NotSupported(format!(
                "Queue {} lives in elastic resource pool {home} already and can't be moved into another one.",
                queue.name
            )));
        }
        None => {}
    }
    if queue.enterprise_project_id != pool.enterprise_project_id {
        return Err(Refusal::NotSupported(format!(
            "Queue {} belongs to enterprise project {}, elastic resource pool {} to {}: both must belong to the same.",
            queue.name, queue.enterprise_project_id, pool.name, pool.enterprise_project_id
        )));
    }
    unbound(case, queue, "it can move into the pool and be bound through it")?;
    let (cidr_in_vpc, cidr_in_subnet) = (pool.cidr_in_vpc, pool.cidr_in_subnet);
    let moved = Queue { pool: Some(pool.name.clone()), cidr_in_vpc, cidr_in_subnet, ..queue.clone() };
    let mut decision = Decision::new(Reply::Done);
    decision.put(Record::Queue(moved));
    Ok(decision.audited(case.scope, "associateQueueToElasticResourcePool", (&pool.name, &queue.name)))
}

fn set_policies(case: &Case<'_>, pool: &Pool, to: (&str, &[ScalingPolicy])) -> Result<Decision, Refusal> {
    let (name, policies) = to;
    let queue = changeable(case, name, "given scaling policies")?;
    if queue.pool.as_ref() != Some(&pool.name) {
        return Err(Refusal::NotSupported(format!(
            "Queue {} does not live in elastic resource pool {}.",
            queue.name, pool.name
        )));
    }
    whole_and_apart(policies)?;
    within_pool(case.state.held(case.project()), pool, (queue, policies))?;
    let mut decision = Decision::new(Reply::Done);
    if *queue.policies != *policies {
        decision.put(Record::Queue(Queue { policies: policies.into(), ..queue.clone() }));
    }
    let detail = format!("{}: {} policies", queue.name, policies.len());
    Ok(decision.audited(case.scope, "updateElasticResourcePoolQueue", (&pool.name, detail)))
}

/// One policy is about the whole day; the others are about hours of their own (dli_01_0506).
pub(super) fn whole_and_apart(policies: &[ScalingPolicy]) -> Result<(), Refusal> {
    if policies.iter().filter(|policy| policy.is_whole_day()).count() != 1 {
        let text =
            "queue_scaling_policies must hold exactly one policy from 00:00 to 24:00, for the hours of no other.";
        return Err(Refusal::Invalid(text.into()));
    }
    for hour in 0..ScalingPolicy::HOURS {
        let of_the_hour = policies.iter().filter(|policy| policy.covers(hour) && !policy.is_whole_day());
        if of_the_hour.count() > 1 {
            return Err(Refusal::Invalid(format!(
                "queue_scaling_policies must not overlap, but two of them are about {hour:02}:00."
            )));
        }
    }
    Ok(())
}

/// In no hour may a queue take more than the pool has, or all its queues together be promised more than it always has.
pub(super) fn within_pool(
    held: Option<&ProjectState>,
    pool: &Pool,
    of: (&Queue, &[ScalingPolicy]),
) -> Result<(), Refusal> {
    let (queue, policies) = of;
    if let Some(policy) = policies.iter().find(|policy| !policy.inherits_max_cu && policy.max_cu > pool.max_cu) {
        return Err(Refusal::Invalid(format!(
            "max_cu must be at most the {} CUs that elastic resource pool {} can have, got {}.",
            pool.max_cu, pool.name, policy.max_cu
        )));
    }
    let all = held.into_iter().flat_map(|held| held.queues.values()).map(|queue| &queue.value);
    let others: Vec<_> = all
        .filter(|other| other.pool.as_ref() == Some(&pool.name) && other.name != queue.name)
        .map(Queue::policies_in_force)
        .collect();
    for hour in 0..ScalingPolicy::HOURS {
        let least =
            |policies: &[ScalingPolicy]| ScalingPolicy::at(policies, hour).map_or(0, |policy| u64::from(policy.min_cu));
        let (own, rest) = (least(policies), others.iter().map(|policies| least(policies)).sum::<u64>());
        if own + rest > u64::from(pool.min_cu) {
            return Err(Refusal::Invalid(format!(
                "At {hour:02}:00 the queues of elastic resource pool {} would be promised {} CUs ({own} by these \
                 policies), more than its min_cu of {}: lower min_cu of the policies, or raise that of the pool.",
                pool.name,
                own + rest,
                pool.min_cu
            )));
        }
    }
    Ok(())
}
