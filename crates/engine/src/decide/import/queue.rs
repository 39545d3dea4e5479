use std::collections::HashSet;

use linkspan_model::{Pool, Queue, ResourceId, ScalingPolicy};

use super::{Compared, Judged, free_stamp, is_free, is_past, networks};
use crate::command::import::ImportedQueue;
use crate::decide::Case;
use crate::decide::pool::default_network;
use crate::decide::pool_change::{whole_and_apart, within_pool};
use crate::decide::queue::{QUEUE_PREFIX, pool_named, queue_from};
use crate::decide::queue_change::few;
use crate::record::Record;
use crate::refusal::Refusal;

pub(super) fn judge(
    case: &Case<'_>,
    there: &ImportedQueue,
    resource_ids: &HashSet<ResourceId>,
) -> Result<Judged, Refusal> {
    let ImportedQueue { birth, new, cidr_in_vpc, .. } = there;
    let name = &new.template.name;
    if name.is_default() {
        return Err(Refusal::NotSupported("The queue default is preset everywhere and not imported.".into()));
    }
    is_past(case, birth.created)?;
    let known = case.state.held(case.project()).and_then(|held| held.queues.get(name));
    if let Some(known) = known {
        return Ok(Judged::Known(compared(&known.value, there)));
    }
    is_free(resource_ids.contains(&birth.resource_id), "resource_id", birth.resource_id)?;
    few(&new.template.properties)?;
    let home = new.pool.as_deref().map(|name| pool_named(case, name)).transpose()?;
    let (shown, real) = match &home {
        Some(pool) => (pool.value.cidr_in_vpc, pool.value.cidr_in_subnet),
        None => {
            let candidates = default_network().subnets(QUEUE_PREFIX).rev();
            networks(case, (*cidr_in_vpc, birth.cidr_in_subnet), candidates)?
        }
    };
    let queue = Queue {
        resource_id: birth.resource_id,
        created: free_stamp(case, birth.created)?,
        owner: birth.owner.clone().unwrap_or_else(|| case.owner()),
        ..queue_from(case, new, (home, shown, real))
    };
    let policies = policies(case, (home.map(|home| &home.value), &queue), there.policies.as_deref())?;
    Ok(Judged::New(vec![Record::Queue(Queue { policies, ..queue })]))
}

/// The policies that are stored: none while they are the preset ones.
fn policies(
    case: &Case<'_>,
    (home, queue): (Option<&Pool>, &Queue),
    policies: Option<&[ScalingPolicy]>,
) -> Result<Box<[ScalingPolicy]>, Refusal> {
    let given = policies.filter(|policies| *policies != [ScalingPolicy::preset(queue.cu_count)]);
    let Some(policies) = given else { return Ok(Box::default()) };
    let Some(home) = home else {
        return Err(Refusal::NotSupported("Only a queue in an elastic resource pool has scaling policies.".into()));
    };
    whole_and_apart(policies)?;
    within_pool(case.state.held(case.project()), home, (queue, policies))?;
    Ok(policies.into())
}

fn compared(here: &Queue, there: &ImportedQueue) -> Compared {
    let ImportedQueue { birth, new, cidr_in_vpc, knows_properties, policies } = there;
    let wanted = &new.template;
    let pool = new.pool.as_deref().map(str::to_ascii_lowercase);
    let mode = new.resource_mode.unwrap_or(u8::from(pool.is_some()));
    let network = cidr_in_vpc.unwrap_or_else(default_network);
    Compared::default()
        .field("resource_id", &here.resource_id, &birth.resource_id)
        .field("create_time", &here.created.millis(), &birth.created.millis())
        .field("description", &here.description, &wanted.description)
        .field("queue_type", &here.queue_type, &wanted.queue_type)
        .field("cu_count", &here.cu_count, &wanted.cu_count)
        .field("enterprise_project_id", &here.enterprise_project_id, &wanted.enterprise_project_id)
        .field("platform", &here.platform, &wanted.platform)
        .field("resource_mode", &here.resource_mode, &mode)
        .field("labels", &here.labels, &wanted.labels)
        .field("feature", &here.feature, &wanted.feature)
        .field("engine", &here.engine, &wanted.engine)
        .field("elastic_resource_pool_name", &here.pool.as_ref().map(|it| it.as_str()), &pool.as_deref())
        .known("cidr_in_vpc", &here.cidr_in_vpc, Some(&network).filter(|_| here.pool.is_none()))
        .known("owner", &here.owner, birth.owner.as_ref())
        .known("properties", &here.properties, Some(&wanted.properties).filter(|_| *knows_properties))
        .known("queue_scaling_policies", &*here.policies_in_force(), policies.as_deref())
        .known("tags", &here.tags, Some(&wanted.tags).filter(|_| birth.knows_tags))
}
