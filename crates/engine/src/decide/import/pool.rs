use std::collections::HashSet;

use linkspan_model::{Pool, ResourceId};

use super::{Compared, Judged, free_stamp, is_free, is_past, networks};
use crate::command::import::ImportedPool;
use crate::decide::Case;
use crate::decide::pool::{POOL_PREFIX, default_network};
use crate::record::Record;
use crate::refusal::Refusal;

pub(super) fn judge(
    case: &Case<'_>,
    there: &ImportedPool,
    resource_ids: &HashSet<ResourceId>,
) -> Result<Judged, Refusal> {
    let ImportedPool { birth, new, update_time } = there;
    is_past(case, birth.created)?;
    let known = case.state.held(case.project()).and_then(|held| held.pools.get(&new.name));
    if let Some(known) = known {
        return Ok(Judged::Known(compared(&known.value, there)));
    }
    is_free(resource_ids.contains(&birth.resource_id), "resource_id", birth.resource_id)?;
    let given = (new.cidr, birth.cidr_in_subnet);
    let (cidr_in_vpc, cidr_in_subnet) = networks(case, given, default_network().subnets(POOL_PREFIX))?;
    let pool = Pool {
        resource_id: birth.resource_id,
        project: case.project().clone(),
        name: new.name.clone(),
        created: free_stamp(case, birth.created)?,
        update_time: update_time.unwrap_or(birth.created.millis()).clamp(birth.created.millis(), case.now()),
        owner: birth.owner.clone().unwrap_or_else(|| case.owner()),
        cidr_in_vpc,
        cidr_in_subnet,
        ..crate::decide::pool::chosen(case, new)
    };
    Ok(Judged::New(vec![Record::Pool(pool)]))
}

fn compared(here: &Pool, there: &ImportedPool) -> Compared {
    let ImportedPool { birth, new, .. } = there;
    Compared::default()
        .field("resource_id", &here.resource_id, &birth.resource_id)
        .field("create_time", &here.created.millis(), &birth.created.millis())
        .field("description", &here.description, &new.description)
        .field("min_cu", &here.min_cu, &new.min_cu)
        .field("max_cu", &here.max_cu, &new.max_cu)
        .field("enterprise_project_id", &here.enterprise_project_id, &new.enterprise_project_id)
        .field("cidr_in_vpc", &here.cidr_in_vpc, &new.cidr.unwrap_or_else(default_network))
        .field("ipv6_enable", &here.ipv6, &new.ipv6)
        .field("label", &here.labels, &new.labels)
        .known("owner", &here.owner, birth.owner.as_ref())
        .known("tags", &here.tags, Some(&new.tags).filter(|_| birth.knows_tags))
}
