use linkspan_model::Tags;

use super::{Case, Decision};
use crate::command::{Reply, ResourceRef};
use crate::refusal::Refusal;

/// `dli_02_0396`: a key that is there gets the new value; the limit counts what the resource bears afterwards.
pub(super) fn add(case: &Case<'_>, resource: &ResourceRef, set: &Tags) -> Result<Decision, Refusal> {
    change(case, resource, "createTags", |old| old.with(set).map_err(|why| Refusal::Invalid(why.to_string())))
}

/// `dli_02_0397`: a key that is not there is gone already.
pub(super) fn remove(case: &Case<'_>, resource: &ResourceRef, keys: &[String]) -> Result<Decision, Refusal> {
    change(case, resource, "deleteTags", |old| Ok(old.without(keys)))
}

fn change(
    case: &Case<'_>,
    resource: &ResourceRef,
    action: &'static str,
    new: impl FnOnce(&Tags) -> Result<Tags, Refusal>,
) -> Result<Decision, Refusal> {
    let bearer = case.state.bearer(case.project(), resource)?;
    let tags = new(bearer.tags())?;
    let mut decision = Decision::new(Reply::Done);
    let detail = format!("tags={}", tags.len());
    if tags != *bearer.tags() {
        decision.put(bearer.bearing(tags));
    }
    Ok(decision.audited(case.scope, action, (&resource.id, detail)))
}
