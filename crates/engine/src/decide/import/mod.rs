//! Things that come from elsewhere with the ids and times that they have there.
//!
//! Each thing is judged by itself on the state that the things before it left, so one that is refused does not keep
//! the others out, and repeating an import changes nothing. What is here already is never changed. An id that another
//! project holds is refused without a word about whose it is.
//!
//! An import is the only way to a creation time in the past and to an id that was not made here; it must never lead to
//! a time in the future, which everything that is created later would have to bear as well.

mod compared;
mod connection;
mod pool;
mod queue;

use std::collections::HashSet;

use linkspan_model::{Cidr4, ResourceId, Stamp};

use self::compared::Compared;
use super::{Case, Change, Decision, pool::default_network, pool::free_network};
use crate::command::Reply;
use crate::command::import::{Birth, Import, ImportKey, ImportOutcome, Imported};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::{ProjectState, State};
use crate::store::Loc;

/// What a thing comes to.
enum Judged {
    /// It is new: its records.
    New(Vec<Record>),
    /// It is here: the fields in which it differs.
    Known(Compared),
}

/// Imports things; a dry run changes nothing and answers the same.
pub(super) fn decide(case: &Case<'_>, import: &Import) -> Result<Decision, Refusal> {
    let Import { items, dry_run } = import;
    if items.len() > Import::MOST {
        let text = format!("An import holds at most {} things, this one {}: send several.", Import::MOST, items.len());
        return Err(Refusal::Exceeds(text));
    }
    let mut draft = case.state.clone();
    let mut resource_ids = resource_ids(case.state, items);
    let (mut seen, mut created, mut outcomes) = (HashSet::new(), Vec::new(), Vec::new());
    let mut changes = Vec::new();
    for item in items {
        let case = Case { state: &draft, scope: case.scope, context: case.context };
        let judged = if seen.insert(item.key()) {
            judge(&case, item, &resource_ids)
        } else {
            Err(Refusal::Invalid(format!("The {} comes twice in this import; send it once.", item.key())))
        };
        outcomes.push(match judged {
            Ok(Judged::Known(compared)) => compared.outcome(),
            Err(refusal) => ImportOutcome::Refused(refusal),
            Ok(Judged::New(records)) => {
                for change in records.into_iter().map(Change::Put) {
                    draft.apply(&change, Loc::default());
                    changes.push(change);
                }
                resource_ids.extend(birth(item).map(|birth| birth.resource_id));
                created.push(item.key());
                ImportOutcome::Created
            }
        });
    }
    if *dry_run {
        changes.clear();
    }
    let decision = Decision { changes, ..Decision::new(Reply::Imported(outcomes)) };
    Ok(decision.audited(case.scope, "import", (format!("{} created", created.len()), listed(&created))))
}

fn judge(case: &Case<'_>, item: &Imported, resource_ids: &HashSet<ResourceId>) -> Result<Judged, Refusal> {
    match item {
        Imported::Pool(pool) => pool::judge(case, pool, resource_ids),
        Imported::Queue(queue) => queue::judge(case, queue, resource_ids),
        Imported::Connection(connection) => connection::judge(case, connection),
    }
}

fn birth(item: &Imported) -> Option<&Birth> {
    match item {
        Imported::Pool(pool) => Some(&pool.birth),
        Imported::Queue(queue) => Some(&queue.birth),
        Imported::Connection(_) => None,
    }
}

/// The resource ids of all projects, if any of the things needs one.
fn resource_ids(state: &State, items: &[Imported]) -> HashSet<ResourceId> {
    if !items.iter().any(|item| birth(item).is_some()) {
        return HashSet::new();
    }
    let of = |held: &ProjectState| {
        let queues = held.queues.values().map(|queue| queue.value.resource_id);
        queues.chain(held.pools.values().map(|pool| pool.value.resource_id)).collect::<Vec<_>>()
    };
    state.held.values().flat_map(|held| of(held)).collect()
}

fn listed(created: &[ImportKey]) -> String {
    created.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A time that nothing created here can have been given before now, and nothing later will be kept back by.
fn is_past(case: &Case<'_>, created: Stamp) -> Result<(), Refusal> {
    if created.millis() <= 0 {
        let text = format!("create_time must be milliseconds since 1970, got {}.", created.millis());
        return Err(Refusal::Invalid(text));
    }
    let now = case.now().max(case.state.last.millis());
    if created.millis() > now {
        return Err(Refusal::Invalid(format!(
            "create_time {} lies in the future, here it is {now}: let the clocks agree, then import it again.",
            created.millis()
        )));
    }
    Ok(())
}

fn is_free(taken: bool, what: &str, id: impl std::fmt::Display) -> Result<(), Refusal> {
    if taken {
        return Err(Refusal::Exists(format!(
            "The {what} {id} is in use; ids are unique among all projects, and an import never takes one over."
        )));
    }
    Ok(())
}

/// The stamp of a queue or pool, moved to the next place of its millisecond that no other of its project has: the
/// wire shows it as a number by which they are told apart.
fn free_stamp(case: &Case<'_>, created: Stamp) -> Result<Stamp, Refusal> {
    let Some(held) = case.state.held(case.project()) else { return Ok(created) };
    let queues = held.queues.values().map(|queue| queue.value.created);
    let used: HashSet<Stamp> = queues.chain(held.pools.values().map(|pool| pool.value.created)).collect();
    let mut free = created;
    while used.contains(&free) {
        free = free.next(free.millis());
    }
    if free.millis() == created.millis() {
        return Ok(free);
    }
    Err(Refusal::Exceeds(format!("Too many queues and pools were created at {}.", created.millis())))
}

/// What `cidr_in_vpc` reads and what a queue or pool really has.
fn networks(
    case: &Case<'_>,
    (in_vpc, in_subnet): (Option<Cidr4>, Option<Cidr4>),
    candidates: impl Iterator<Item = Cidr4> + Clone,
) -> Result<(Cidr4, Cidr4), Refusal> {
    let shown = in_vpc.unwrap_or_else(default_network);
    let inside = in_subnet.filter(|it| shown.contains(it.network()) && it.prefix() >= shown.prefix());
    let real = match inside {
        Some(real) => real,
        None if shown == default_network() => free_network(case, candidates)?,
        None => shown,
    };
    let used = case.state.held(case.project()).map(ProjectState::used_cidrs).unwrap_or_default();
    if real != shown && used.iter().any(|used| used.is_default && used.cidr.overlaps(real)) {
        return Err(Refusal::Exists(format!(
            "Its network {real} overlaps that of another queue or pool of this project; two inside {shown} must not."
        )));
    }
    Ok((shown, real))
}
