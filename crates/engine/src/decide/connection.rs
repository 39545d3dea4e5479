use std::sync::Arc;

use linkspan_model::{Connection, ConnectionId, ConnectionStatus, Hosts, PeerState, ProjectId, SourceName};

use super::{Case, Decision, Directory, binding, peer};
use crate::command::{NewConnection, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ConnectionEntry;

/// `dli_02_0187`: names are unique among the project's own connections that exist; everything is bound or nothing.
pub(super) fn create(case: &Case<'_>, new: &NewConnection) -> Result<Decision, Refusal> {
    name_is_free(case, new)?;
    networks_exist(case, new)?;
    let sources = binding::resolve(case, &new.sources)?;
    if sources.len() > case.context.rules.peers_per_connection {
        return Err(binding::too_many_peers(case));
    }
    hosts_fit(case, case.project(), (0, &new.hosts))?;
    let id = ConnectionId(case.context.ids.uuid());
    let network = case.state.subnet(case.project(), &new.dest_network);
    let created = case.stamp();
    let connection = Connection {
        id,
        project: case.project().clone(),
        name: new.name.clone(),
        dest_vpc: new.dest_vpc.clone(),
        dest_network: new.dest_network.clone(),
        route_table: new.route_table.clone(),
        created,
        status: ConnectionStatus::Active,
        tags: new.tags.clone(),
        routes: Box::default(),
        ipv6: network.is_some_and(|subnet| subnet.ipv6),
        grantees: Box::default(),
    };
    let mut decision = Decision::new(Reply::Created(id));
    decision.put(Record::Connection(connection));
    if !new.hosts.is_empty() {
        decision.put(Record::Hosts(id, new.hosts.clone()));
    }
    peer::bound(case, id, sources, created).for_each(|peer| decision.put(Record::Peer(peer)));
    Ok(decision.audited(case.scope, "createConnection", (id, format!("name={}", new.name))))
}

/// Whether no other connection of the project that exists bears the name.
pub(super) fn name_is_free(case: &Case<'_>, new: &NewConnection) -> Result<(), Refusal> {
    let Some(held) = case.state.held(case.project()) else { return Ok(()) };
    let is_own = |entry: &&Arc<ConnectionEntry>| {
        entry.connection.status.is_active() && entry.connection.project == *case.project()
    };
    let taken = held.lists.named(case.state, &new.name).find(is_own).map(|entry| entry.connection.id);
    match taken {
        Some(id) => Err(Refusal::Exists(format!(
            "A connection named {} exists already, with the id {id}. Choose another name or delete that one first.",
            new.name
        ))),
        None => Ok(()),
    }
}

/// Whether the networks that are named fit together, and are known if the directory is strict.
pub(super) fn networks_exist(case: &Case<'_>, new: &NewConnection) -> Result<(), Refusal> {
    let held = case.state.held(case.project());
    let subnet = held.and_then(|held| held.subnets.get(&new.dest_network)).map(|subnet| &subnet.value);
    if let Some(subnet) = subnet.filter(|subnet| subnet.vpc != new.dest_vpc) {
        return Err(Refusal::Invalid(format!(
            "dest_network_id {} is a subnet of VPC {}, not of dest_vpc_id {}.",
            new.dest_network, subnet.vpc, new.dest_vpc
        )));
    }
    let tables = held.map(|held| &held.route_tables);
    let table = new.route_table.as_ref().and_then(|id| tables?.get(id)).map(|table| &table.value);
    if let Some(table) = table.filter(|table| table.vpc != new.dest_vpc) {
        return Err(Refusal::Invalid(format!(
            "routetable_id {} is a route table of VPC {}, not of dest_vpc_id {}.",
            table.id, table.vpc, new.dest_vpc
        )));
    }
    if case.context.rules.directory == Directory::Open {
        return Ok(());
    }
    let unknown = |field: &str, id: &linkspan_model::ExternalId| {
        Err(Refusal::Unknown(format!("{field} {id} does not exist in the directory of networks; register it first.")))
    };
    if held.is_none_or(|held| !held.vpcs.contains_key(&new.dest_vpc)) {
        return unknown("dest_vpc_id", &new.dest_vpc);
    }
    if subnet.is_none() {
        return unknown("dest_network_id", &new.dest_network);
    }
    match &new.route_table {
        Some(named) if table.is_none() => unknown("routetable_id", named),
        _ => Ok(()),
    }
}

/// Whether the project has room for the host records once `freed` bytes of others are gone. They count for the project
/// that owns the connection, whoever sets them.
pub(super) fn hosts_fit(case: &Case<'_>, owner: &ProjectId, (freed, hosts): (usize, &Hosts)) -> Result<(), Refusal> {
    let most = case.context.rules.host_bytes_per_project;
    let held = case.state.held(owner).map_or(0, |held| held.hosts_weight);
    let then = held.saturating_sub(freed).saturating_add(hosts.weight());
    if then <= most {
        return Ok(());
    }
    Err(Refusal::Exceeds(if owner == case.project() {
        format!(
            "The project's host records would take {then} bytes, at most {most} are allowed. Remove host records first."
        )
    } else {
        format!(
            "The host records of the project that owns the connection would take more than {most} bytes: set fewer, or \
             ask its owner to remove some of others."
        )
    }))
}

/// `dli_02_0188`: a connection with peers being created has their creation called off first.
pub(super) fn delete(case: &Case<'_>, id: ConnectionId) -> Result<Decision, Refusal> {
    let entry = owned(case, id, "delete")?;
    if let Some(unsettled) = entry.unsettled_peer() {
        return Ok(call_off(case, entry, unsettled.source.clone()));
    }
    let mut decision = Decision::new(Reply::Done);
    for stored in &entry.peers {
        decision.put(Record::Peer(peer::moved(&stored.value, PeerState::Removing, case.context)));
    }
    let status = ConnectionStatus::Deleted { at: case.now() };
    let connection = Connection { status, grantees: Box::default(), ..entry.connection.clone() };
    decision.put(Record::Connection(connection));
    Ok(decision.audited(case.scope, "deleteConnection", (id, format!("name={}", entry.connection.name))))
}

fn call_off(case: &Case<'_>, entry: &ConnectionEntry, waits_for: SourceName) -> Decision {
    let mut decision = Decision::new(Reply::Cancelling(waits_for));
    for stored in &entry.peers {
        if matches!(stored.value.state, PeerState::Creating { .. }) {
            decision.put(Record::Peer(peer::moved(&stored.value, PeerState::Cancelled, case.context)));
        }
    }
    decision
}

/// `dli_02_0200`: hosts are replaced whole.
pub(super) fn set_hosts(case: &Case<'_>, id: ConnectionId, hosts: &Hosts) -> Result<Decision, Refusal> {
    let entry = existing(case, id)?;
    let mut decision = Decision::new(Reply::Done);
    let same = entry.hosts() == hosts.as_slice();
    if !same {
        hosts_fit(case, &entry.connection.project, (entry.hosts_weight(), hosts))?;
        let record = Record::Hosts(id, hosts.clone());
        if hosts.is_empty() {
            decision.remove(record);
        } else {
            decision.put(record);
        }
    }
    Ok(decision.audited(case.scope, "updateHostInfo", (id, format!("hosts={}", hosts.as_slice().len()))))
}

/// The connection, if it exists and the caller's project sees it.
pub(super) fn existing<'a>(case: &Case<'a>, id: ConnectionId) -> Result<&'a Arc<ConnectionEntry>, Refusal> {
    let visible = |entry: &&Arc<ConnectionEntry>| {
        entry.connection.status.is_active() && entry.connection.is_visible_to(case.scope.project())
    };
    case.state.connection(id).filter(visible).ok_or_else(|| Refusal::UnknownConnection(id.to_string()))
}

/// The connection, if it exists and is the caller's own: what only its owner may do (`delete`, say) is refused to a
/// project that it is granted to.
pub(super) fn owned<'a>(case: &Case<'a>, id: ConnectionId, what: &str) -> Result<&'a Arc<ConnectionEntry>, Refusal> {
    let entry = existing(case, id)?;
    if entry.connection.project == *case.scope.project() {
        return Ok(entry);
    }
    Err(Refusal::Forbidden(format!(
        "Connection {id} is granted to this project by another one: only its owner can {what} it."
    )))
}
