//! Where projects lie, on planes that every host has for itself. Nothing moves by itself, and nothing that is joined is
//! moved: a project gets another node while it has no peers, or when its node is given up.

use linkspan_model::{Peer, PeerState, Project};

use super::admin::{note, unknown};
use super::{Context, Decision, peer};
use crate::command::{Placement, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::State;

pub(super) fn place(state: &State, new: &Placement, context: &Context<'_>) -> Result<Decision, Refusal> {
    let known = state.project_record(&new.project).ok_or_else(|| unknown("project", &new.project))?;
    let mut decision = Decision::new(Reply::Done);
    if known.node.as_ref() != Some(&new.node) {
        is_host(state, new)?;
        if let Some(node) = &known.node {
            let peers: Vec<&Peer> = peers_of(state, known).collect();
            let mut there = peers.iter().filter(|peer| !has_failed_apart(state, peer)).peekable();
            if let Some(first) = there.peek().copied().filter(|_| !new.abandon) {
                return Err(Refusal::InUse(format!(
                    "Project {} has {} peers on node {node}, such as {} of connection {}: unbind them first, and let the \
                     node remove them. If that node is gone for good, say so (--abandon); should it come back, it removes \
                     them by itself.",
                    known.id,
                    there.count(),
                    first.source,
                    first.connection
                )));
            }
            // They are made anew elsewhere. What is to be removed is found to be gone there.
            let wanted = peers.into_iter().filter(|peer| peer.state != PeerState::Removing);
            let anew = wanted.map(|known| match known.state {
                PeerState::Cancelled => peer::moved(known, PeerState::Cancelled, context),
                _ => peer::moved(known, peer::creating(context), context),
            });
            anew.for_each(|peer| decision.put(Record::Peer(peer)));
        }
        decision.put(Record::Project(Project { node: Some(new.node.clone()), ..known.clone() }));
    }
    let mut decision = note(decision, "placeProject", &new.project);
    if let Some(audit) = &mut decision.audit {
        audit.detail = new.node.to_string();
    }
    Ok(decision)
}

/// Whether the node has networks to place something on. A name that was mistyped would place it nowhere.
fn is_host(state: &State, new: &Placement) -> Result<(), Refusal> {
    let hosts: Vec<&str> = state.hosts().collect();
    if hosts.contains(&new.node.as_str()) {
        return Ok(());
    }
    Err(Refusal::Unknown(match &hosts[..] {
        [] => "Projects are placed where several nodes with --plane linux share a PostgreSQL database: here is none."
            .into(),
        hosts => {
            format!("No node {} has served this database with --plane linux: there are {}.", new.node, hosts.join(", "))
        }
    }))
}

/// Whether nothing of a peer is anywhere, because its ends lie on two hosts. It must not keep them from being brought
/// together.
fn has_failed_apart(state: &State, peer: &Peer) -> bool {
    let entry = state.connection(peer.connection);
    let apart = entry.is_some_and(|entry| state.apart(peer, &entry.connection).is_some());
    apart && matches!(peer.state, PeerState::Failed(_))
}

/// The peers with an end in a project, those being removed first.
fn peers_of<'a>(state: &'a State, project: &'a Project) -> impl Iterator<Item = &'a Peer> {
    let owner = |peer: &Peer| state.connection(peer.connection).map(|entry| &entry.connection.project);
    let shown = state.connections.values().flat_map(|entry| entry.peers.iter());
    let all = state.removing.values().chain(shown).map(|peer| &peer.value);
    all.filter(move |peer| peer.project == project.id || owner(peer) == Some(&project.id))
}
