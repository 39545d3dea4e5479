//! What can be changed about a queue once it exists. Inside a pool its size and its network are the pool's affair.

use std::collections::BTreeMap;

use linkspan_model::{Cidr4, Queue, QueueName, QueueType, SourceName};

use super::{Case, Decision};
use crate::command::{QueueChange, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::SourceRef;

/// Compute units come and go by so many, and so many stay (dli_02_0249).
const CU_STEP: u32 = 16;
/// The most compute units of a queue: what clients can read.
const MOST_CUS: u32 = i32::MAX as u32;
/// The networks that a queue can have, by their number of network bits (dli_02_0222).
const PREFIXES: std::ops::RangeInclusive<u8> = 8..=28;

/// A queue that is changed, or that something is asked of; the preset one is nobody's to change.
pub(super) fn changeable<'a>(case: &Case<'a>, name: &str, what: &str) -> Result<&'a Queue, Refusal> {
    let unknown = || Refusal::UnknownQueue(name.to_owned());
    let parsed: QueueName = name.parse().map_err(|_| unknown())?;
    if parsed.is_default() {
        return Err(Refusal::NotSupported(format!("The queue default is preset and can't be {what}.")));
    }
    let held = case.state.held(case.scope.project());
    held.and_then(|held| held.queues.get(&parsed)).map(|queue| &queue.value).ok_or_else(unknown)
}

/// `dli_02_0249`, `dli_02_0222` and the properties of a queue. Replies [`Reply::Queue`].
pub(super) fn decide(case: &Case<'_>, name: &str, change: &QueueChange) -> Result<Decision, Refusal> {
    let queue = changeable(case, name, "changed")?;
    let mut next = queue.clone();
    let (action, detail) = match change {
        QueueChange::ScaleOut(by) => {
            next.cu_count = scaled(queue, *by, |has, by| has.checked_add(by).filter(|cus| *cus <= MOST_CUS))?;
            ("scaleQueue", format!("+{by}"))
        }
        QueueChange::ScaleIn(by) => {
            next.cu_count = scaled(queue, *by, |has, by| has.checked_sub(by).filter(|cus| *cus >= CU_STEP))?;
            ("scaleQueue", format!("-{by}"))
        }
        QueueChange::Restart => {
            restartable(queue)?;
            ("restartQueue", String::new())
        }
        QueueChange::Cidr(cidr) => {
            readdressable(case, queue, *cidr)?;
            (next.cidr_in_vpc, next.cidr_in_subnet) = (*cidr, *cidr);
            ("modifyQueueCidr", cidr.to_string())
        }
        QueueChange::SetProperties(properties) => {
            next.properties.extend(properties.clone());
            few(&next.properties)?;
            ("updateQueueProperty", listed(properties.keys()))
        }
        QueueChange::RemoveProperties(keys) => {
            next.properties.retain(|key, _| !keys.iter().any(|gone| **gone == **key));
            ("deleteQueueProperty", listed(keys))
        }
    };
    let mut decision = Decision::new(Reply::Queue(Box::new(next.clone())));
    if next != *queue {
        decision.put(Record::Queue(next));
    }
    Ok(decision.audited(case.scope, action, (&queue.name, detail)))
}

/// The size of a queue after it was scaled.
fn scaled(queue: &Queue, by: u32, scale: impl Fn(u32, u32) -> Option<u32>) -> Result<u32, Refusal> {
    outside_pools(queue, "The pool gives it compute units: change its scaling policies instead.")?;
    if by == 0 || !by.is_multiple_of(CU_STEP) {
        return Err(Refusal::Invalid(format!("cu_count must be a multiple of {CU_STEP}, got {by}.")));
    }
    scale(queue.cu_count, by).ok_or_else(|| {
        Refusal::NotSupported(format!(
            "Queue {} has {} CUs and can't be scaled by {by}: at least {CU_STEP} and at most {MOST_CUS} must be left.",
            queue.name, queue.cu_count
        ))
    })
}

/// Nothing runs here, so a restart has nothing to do; what the cloud refuses is refused all the same.
fn restartable(queue: &Queue) -> Result<(), Refusal> {
    outside_pools(queue, "It can't be restarted.")?;
    match queue.queue_type {
        QueueType::Sql => Ok(()),
        QueueType::General => Err(Refusal::NotSupported(format!(
            "Request to restart failed for queue {}, only sql queue need to restart",
            queue.name
        ))),
    }
}

fn outside_pools(queue: &Queue, why: &str) -> Result<(), Refusal> {
    match &queue.pool {
        None => Ok(()),
        Some(pool) => {
            Err(Refusal::NotSupported(format!("Queue {} lives in elastic resource pool {pool}. {why}", queue.name)))
        }
    }
}

/// Whether a queue may get another network: not while it lives in a pool or is bound.
fn readdressable(case: &Case<'_>, queue: &Queue, cidr: Cidr4) -> Result<(), Refusal> {
    outside_pools(queue, "It has the pool's network, which is fixed.")?;
    if !PREFIXES.contains(&cidr.prefix()) {
        let (shortest, longest) = PREFIXES.into_inner();
        return Err(Refusal::Invalid(format!(
            "cidr_in_vpc must have a prefix of /{shortest} to /{longest}, got {cidr}."
        )));
    }
    unbound(case, queue, "its CIDR can be changed")
}

/// Whether no connection binds a queue; else the refusal says where it is bound, and what becomes possible without.
pub(super) fn unbound(case: &Case<'_>, queue: &Queue, then: &str) -> Result<(), Refusal> {
    let name = SourceName::Queue(queue.name.clone());
    let source = SourceRef { project: case.project().clone(), name };
    let state = case.state;
    let mut bound = state.index.bound(&source).filter_map(|id| state.connection(id));
    match bound.find(|entry| entry.peer_for(&source).is_some()) {
        None => Ok(()),
        Some(entry) => Err(Refusal::NotSupported(format!(
            "Queue {} is bound to connection {} ({}): unbind it first, then {then}.",
            queue.name, entry.connection.name, entry.connection.id
        ))),
    }
}

/// The bound on properties, at creation too.
pub(super) fn few(properties: &BTreeMap<Box<str>, Box<str>>) -> Result<(), Refusal> {
    if properties.len() > Queue::MOST_PROPERTIES {
        return Err(Refusal::Invalid(format!(
            "A queue can have at most {} properties, it would have {}: delete some first.",
            Queue::MOST_PROPERTIES,
            properties.len()
        )));
    }
    Ok(())
}

fn listed<T: AsRef<str>>(keys: impl IntoIterator<Item = T>) -> String {
    let keys: Vec<T> = keys.into_iter().collect();
    keys.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(",")
}
