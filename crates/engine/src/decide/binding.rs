use linkspan_model::{ConnectionId, Peer, PeerId, PeerState, PoolName, QueueName, SourceName};

use super::connection::existing;
use super::{Case, Decision, peer};
use crate::command::{Reply, SourceNames};
use crate::record::Record;
use crate::refusal::Refusal;

/// `dli_02_0191`: what is bound already stays as it is, but a failed peer is tried again.
pub(super) fn bind(case: &Case<'_>, id: ConnectionId, names: &SourceNames) -> Result<Decision, Refusal> {
    let entry = existing(case, id)?;
    not_empty(names)?;
    let sources = resolve(case, names)?;
    let mut decision = Decision::new(Reply::Done);
    let mut added = Vec::new();
    for source in sources {
        match entry.peers_of(case.project()).find(|peer| peer.source == source) {
            None => added.push(source),
            Some(failed) if matches!(failed.state, PeerState::Failed { .. } | PeerState::Cancelled) => {
                decision.put(Record::Peer(peer::moved(failed, peer::creating(case.context), case.context)));
            }
            Some(_) => {}
        }
    }
    if entry.peers.len() + added.len() > case.context.rules.peers_per_connection {
        return Err(too_many_peers(case));
    }
    peer::bound(case, id, added, case.state.last).for_each(|peer| decision.put(Record::Peer(peer)));
    Ok(decision.audited(case.scope, "associateQueueToConnection", (id, listed(names))))
}

/// `dli_02_0192`: all or nothing; what exists and is not bound changes nothing; a failed peer may go too.
pub(super) fn unbind(case: &Case<'_>, id: ConnectionId, names: &SourceNames) -> Result<Decision, Refusal> {
    let entry = existing(case, id)?;
    not_empty(names)?;
    let bound: Vec<&Peer> = entry.peers_of(case.project()).collect();
    let mut gone: Vec<&Peer> = Vec::new();
    for wanted in candidates(case, names) {
        let mut found = bound.iter().copied().filter(|peer| wanted.sources.contains(&peer.source)).peekable();
        if found.peek().is_none() && !wanted.exists {
            return Err(wanted.refusal);
        }
        gone.extend(found);
    }
    gone.sort_by_key(|peer| peer.id);
    gone.dedup_by_key(|peer| peer.id);
    let ids: Vec<PeerId> = gone.iter().map(|peer| peer.id).collect();
    let mut decision = Decision::new(Reply::Unbound(ids));
    for peer in gone {
        decision.put(Record::Peer(peer::moved(peer, PeerState::Removing, case.context)));
    }
    Ok(decision.audited(case.scope, "disassociateQueueToConnection", (id, listed(names))))
}

/// What the names stand for, each once, in order; a queue in a pool stands for the pool.
pub(super) fn resolve(case: &Case<'_>, names: &SourceNames) -> Result<Vec<SourceName>, Refusal> {
    let queues = names.queues.iter().map(|name| bindable_queue(case, name));
    let pools = names.pools.iter().map(|name| existing_pool(case, name));
    let mut sources: Vec<SourceName> = Vec::new();
    // Unknown names are reported before names that can't be bound, so that nothing hides what is missing.
    let resolved: Vec<_> = queues.chain(pools).collect();
    let unknown = |refusal: &Refusal| matches!(refusal, Refusal::UnknownQueue(_) | Refusal::UnknownPool(_));
    if let Some(Err(missing)) = resolved.iter().find(|source| source.as_ref().is_err_and(unknown)) {
        return Err(missing.clone());
    }
    for source in resolved {
        let source = source?;
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    Ok(sources)
}

fn bindable_queue(case: &Case<'_>, name: &str) -> Result<SourceName, Refusal> {
    let unknown = || Refusal::UnknownQueue(name.to_owned());
    let parsed: QueueName = name.parse().map_err(|_| unknown())?;
    if parsed.is_default() {
        return Err(Refusal::NotSupported(
            "The queue default is shared by everyone and can't be bound to an enhanced connection; create a queue of your own."
                .into(),
        ));
    }
    let held = case.state.held(case.project());
    let queue = &held.and_then(|held| held.queues.get(&parsed)).ok_or_else(unknown)?.value;
    match &queue.pool {
        Some(pool) => Ok(SourceName::Pool(pool.clone())),
        None if queue.resource_mode == 1 => Ok(SourceName::Queue(parsed)),
        None => Err(Refusal::NotSupported(format!(
            "Queue {parsed} is a shared queue (resource_mode 0) and can't be bound to an enhanced connection; create it \
             with resource_mode 1 or in an elastic resource pool."
        ))),
    }
}

fn existing_pool(case: &Case<'_>, name: &str) -> Result<SourceName, Refusal> {
    let unknown = || Refusal::UnknownPool(name.to_owned());
    let parsed: PoolName = name.parse().map_err(|_| unknown())?;
    let held = case.state.held(case.project()).ok_or_else(unknown)?;
    if held.pools.contains_key(&parsed) { Ok(SourceName::Pool(parsed)) } else { Err(unknown()) }
}

/// What a name of an unbind call may stand for.
struct Candidate {
    exists: bool,
    sources: Vec<SourceName>,
    refusal: Refusal,
}

fn candidates<'a>(case: &'a Case<'_>, names: &'a SourceNames) -> impl Iterator<Item = Candidate> + 'a {
    let held = case.state.held(case.project());
    let queues = names.queues.iter().map(move |name| {
        let parsed: Option<QueueName> = name.parse().ok();
        let queue = parsed.as_ref().and_then(|parsed| held?.queues.get(parsed));
        let pool = queue.and_then(|queue| queue.value.pool.clone()).map(SourceName::Pool);
        let exists = queue.is_some() || parsed.as_ref().is_some_and(QueueName::is_default);
        let sources = parsed.map(SourceName::Queue).into_iter().chain(pool).collect();
        Candidate { exists, sources, refusal: Refusal::UnknownQueue(name.clone()) }
    });
    let pools = names.pools.iter().map(move |name| {
        let parsed: Option<PoolName> = name.parse().ok();
        let exists = parsed.as_ref().is_some_and(|parsed| held.is_some_and(|held| held.pools.contains_key(parsed)));
        let sources = parsed.map(SourceName::Pool).into_iter().collect();
        Candidate { exists, sources, refusal: Refusal::UnknownPool(name.clone()) }
    });
    queues.chain(pools)
}

fn not_empty(names: &SourceNames) -> Result<(), Refusal> {
    if names.queues.is_empty() && names.pools.is_empty() {
        return Err(Refusal::Invalid("queues or elastic_resource_pools must name at least one queue or pool.".into()));
    }
    Ok(())
}

pub(super) fn too_many_peers(case: &Case<'_>) -> Refusal {
    Refusal::Exceeds(format!(
        "A connection can bind at most {} queues and pools.",
        case.context.rules.peers_per_connection
    ))
}

fn listed(names: &SourceNames) -> String {
    let all: Vec<&str> = names.queues.iter().chain(&names.pools).map(String::as_str).collect();
    all.join(",")
}
