//! Connections granted to other projects (`dli_02_0318`, `dli_01_0018`).
//!
//! A grantee lists and shows the connection, binds its own queues and pools, sets hosts and adds routes; what only the
//! owner may do goes through [`owned`]. What a grantee loses with its grant goes in the same commit.

use std::collections::BTreeMap;

use linkspan_model::{Connection, ConnectionId, PeerId, PeerState, ProjectId, quote};

use super::connection::owned;
use super::{Case, Decision, peer};
use crate::command::{Authorization, GrantAction, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ConnectionEntry;

/// What precedes a connection's id in the name of an object.
const CONNECTION: &str = "edsconnections.";
/// The only privilege on a connection (`dli_01_0691`).
const BIND_QUEUE: &str = "BIND_QUEUE";

/// All or nothing; what is granted already or not at all changes nothing.
pub(super) fn authorize(case: &Case<'_>, asked: &Authorization) -> Result<Decision, Refusal> {
    let project = grantee(case, asked)?;
    let mut granted = BTreeMap::new();
    for (place, (object, privileges)) in asked.objects.iter().enumerate() {
        let id = connection_of(place, object)?;
        let bind = binds(asked.action, place, privileges)?;
        // One object twice is like two calls: the later one stands.
        granted.insert(id, (owned(case, id, "grant")?, bind));
    }
    if granted.is_empty() {
        return Err(Refusal::Invalid("privileges must name at least one object.".into()));
    }
    let mut decision = Decision::new(Reply::Unbound(Vec::new()));
    let mut lost = Vec::new();
    for (entry, bind) in granted.values() {
        if *bind {
            grant(case, &mut decision, (entry, &project))?;
        } else {
            lost.extend(revoke(case, &mut decision, (entry, &project)));
        }
    }
    decision.reply = Reply::Unbound(lost);
    let objects: Vec<String> = granted.keys().map(ToString::to_string).collect();
    Ok(decision.audited(case.scope, action_name(asked.action), (objects.join(","), format!("project={project}"))))
}

fn action_name(action: GrantAction) -> &'static str {
    match action {
        GrantAction::Grant => "grantPrivileges",
        GrantAction::Revoke => "revokePrivileges",
        GrantAction::Update => "updatePrivileges",
    }
}

/// The project that is granted something. It need not exist here: the owner may know it before the administrator does.
fn grantee(case: &Case<'_>, asked: &Authorization) -> Result<ProjectId, Refusal> {
    if asked.user.is_some() {
        return Err(Refusal::NotSupported(
            "A connection is granted to a whole project and never to a single user: leave user_name out, and name the \
             project in projectId."
                .into(),
        ));
    }
    let Some(text) = &asked.project else {
        return Err(Refusal::Invalid("projectId is required: the project to grant the connection to.".into()));
    };
    let project: ProjectId = text.parse().map_err(|why| Refusal::Invalid(format!("projectId: {why}")))?;
    if project == *case.project() {
        return Err(Refusal::Invalid(format!(
            "projectId {project} is the project that owns the connection; it needs no grant."
        )));
    }
    Ok(project)
}

fn connection_of(place: usize, object: &str) -> Result<ConnectionId, Refusal> {
    let Some(id) = object.strip_prefix(CONNECTION) else {
        return Err(Refusal::NotSupported(format!(
            "privileges[{place}].object must be {CONNECTION}{{connection_id}}, got {}: only connections can be granted.",
            quote(object)
        )));
    };
    ConnectionId::from_wire(id).ok_or_else(|| Refusal::UnknownConnection(id.chars().take(80).collect()))
}

/// Whether the project shall have the privilege afterwards.
fn binds(action: GrantAction, place: usize, privileges: &[String]) -> Result<bool, Refusal> {
    if let Some((at, other)) = privileges.iter().enumerate().find(|(_, privilege)| *privilege != BIND_QUEUE) {
        return Err(Refusal::Invalid(format!(
            "privileges[{place}].privileges[{at}] must be {BIND_QUEUE}, the only privilege on a connection, got {}",
            quote(other)
        )));
    }
    match action {
        GrantAction::Update => Ok(!privileges.is_empty()),
        _ if privileges.is_empty() => Err(Refusal::Invalid(format!(
            "privileges[{place}].privileges must hold {BIND_QUEUE}; only the action update takes an empty list."
        ))),
        GrantAction::Grant => Ok(true),
        GrantAction::Revoke => Ok(false),
    }
}

fn grant(
    case: &Case<'_>,
    decision: &mut Decision,
    (entry, project): (&ConnectionEntry, &ProjectId),
) -> Result<(), Refusal> {
    let grantees = &entry.connection.grantees;
    let most = case.context.rules.grantees_per_connection;
    if grantees.contains(project) {
        return Ok(());
    }
    if grantees.len() >= most {
        return Err(Refusal::Exceeds(format!(
            "Connection {} can be granted to at most {most} projects. Revoke a grant first.",
            entry.connection.id
        )));
    }
    let grantees = grantees.iter().chain([project]).cloned().collect();
    decision.put(Record::Connection(Connection { grantees, ..entry.connection.clone() }));
    Ok(())
}

/// The peers that the project loses.
fn revoke(case: &Case<'_>, decision: &mut Decision, (entry, project): (&ConnectionEntry, &ProjectId)) -> Vec<PeerId> {
    if !entry.connection.grantees.contains(project) {
        return Vec::new();
    }
    let mut lost = Vec::new();
    for peer in entry.peers_of(project) {
        lost.push(peer.id);
        decision.put(Record::Peer(peer::moved(peer, PeerState::Removing, case.context)));
    }
    let grantees = entry.connection.grantees.iter().filter(|grantee| *grantee != project).cloned().collect();
    decision.put(Record::Connection(Connection { grantees, ..entry.connection.clone() }));
    lost
}
