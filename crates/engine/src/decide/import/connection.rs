use std::collections::HashSet;

use linkspan_model::{Connection, ConnectionStatus, Peer, PeerId, ProjectId, Route, SourceName};

use super::{Compared, Judged, is_free, is_past};
use crate::command::import::ImportedConnection;
use crate::decide::connection::{hosts_fit, name_is_free, networks_exist};
use crate::decide::{Case, binding, peer};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ConnectionEntry;

pub(super) fn judge(case: &Case<'_>, there: &ImportedConnection) -> Result<Judged, Refusal> {
    is_past(case, there.created)?;
    if let Some(known) = case.state.connection(there.id) {
        let is_own = known.connection.project == *case.project();
        is_free(!is_own, "connection id", there.id)?;
        if !known.connection.status.is_active() {
            return Err(Refusal::Exists(format!(
                "Connection {} was deleted here; its id can be used again once its record is purged.",
                there.id
            )));
        }
        return Ok(Judged::Known(compared(case, known, there)));
    }
    new(case, there).map(Judged::New)
}

fn new(case: &Case<'_>, there: &ImportedConnection) -> Result<Vec<Record>, Refusal> {
    let new = &there.new;
    name_is_free(case, new)?;
    networks_exist(case, new)?;
    hosts_fit(case, case.project(), (0, &new.hosts))?;
    let network = case.state.subnet(case.project(), &new.dest_network);
    let ipv6 = there.ipv6.unwrap_or_else(|| network.is_some_and(|subnet| subnet.ipv6));
    routes_are_legal(case, &there.routes, ipv6)?;
    let grantees = there.grantees.as_deref().unwrap_or_default();
    grantees_are_legal(case, grantees)?;
    let peers = peers(case, there)?;
    let connection = Connection {
        id: there.id,
        project: case.project().clone(),
        name: new.name.clone(),
        dest_vpc: new.dest_vpc.clone(),
        dest_network: new.dest_network.clone(),
        route_table: new.route_table.clone(),
        created: there.created,
        status: ConnectionStatus::Active,
        tags: new.tags.clone(),
        routes: there.routes.clone().into(),
        ipv6,
        grantees: grantees.into(),
    };
    let mut records = vec![Record::Connection(connection)];
    if !new.hosts.is_empty() {
        records.push(Record::Hosts(there.id, new.hosts.clone()));
    }
    records.extend(peers.into_iter().map(Record::Peer));
    Ok(records)
}

/// Its peers, which begin anew here under the ids that they have elsewhere.
fn peers(case: &Case<'_>, there: &ImportedConnection) -> Result<Vec<Peer>, Refusal> {
    let sources = binding::resolve(case, &there.new.sources)?;
    if sources.len() > case.context.rules.peers_per_connection {
        return Err(binding::too_many_peers(case));
    }
    let last = case.state.last.max(there.created);
    let mut ids: HashSet<PeerId> = HashSet::new();
    let with_id = |peer: Peer| {
        let given = there.peer_ids.iter().find(|(source, _)| *source == peer.source).map(|(_, id)| *id);
        let id = given.unwrap_or(peer.id);
        let taken = case.state.peers.contains_key(&id) || case.state.removing.contains_key(&id) || !ids.insert(id);
        is_free(taken, "peer_id", id).map(|()| Peer { id, ..peer })
    };
    peer::bound(case, there.id, sources, last).map(with_id).collect()
}

fn routes_are_legal(case: &Case<'_>, routes: &[Route], ipv6: bool) -> Result<(), Refusal> {
    let most = case.context.rules.routes_per_connection;
    if routes.len() > most {
        let text = format!("A connection can have at most {most} custom routes, got {}.", routes.len());
        return Err(Refusal::Exceeds(text));
    }
    let mut names = HashSet::new();
    for route in routes {
        if !names.insert(route.name.as_str()) {
            return Err(Refusal::Invalid(format!("Its route {} comes twice.", route.name)));
        }
        if !ipv6 && matches!(route.cidr(), Some(linkspan_model::Cidr::V6 { .. })) {
            let text = format!("Its route {} is one of IPv6, but ipv6_enable is false.", route.name);
            return Err(Refusal::NotSupported(text));
        }
    }
    Ok(())
}

fn grantees_are_legal(case: &Case<'_>, grantees: &[ProjectId]) -> Result<(), Refusal> {
    let most = case.context.rules.grantees_per_connection;
    if grantees.len() > most {
        let text = format!("A connection can be granted to at most {most} projects, got {}.", grantees.len());
        return Err(Refusal::Exceeds(text));
    }
    let mut once = HashSet::new();
    if let Some(twice) = grantees.iter().find(|grantee| !once.insert(*grantee)) {
        return Err(Refusal::Invalid(format!("It is granted to project {twice} twice.")));
    }
    if grantees.contains(case.project()) {
        return Err(Refusal::Invalid("It can't be granted to the project that owns it.".into()));
    }
    Ok(())
}

fn compared(case: &Case<'_>, known: &ConnectionEntry, there: &ImportedConnection) -> Compared {
    let (here, new) = (&known.connection, &there.new);
    let bound: HashSet<&SourceName> = known.peers_of(case.project()).map(|peer| &peer.source).collect();
    let wanted = binding::resolve(case, &new.sources).unwrap_or_default();
    let names = |sources: &mut dyn Iterator<Item = &SourceName>, pools: bool| {
        let mut names: Vec<String> = sources
            .filter(|source| matches!(source, SourceName::Pool(_)) == pools)
            .map(|source| source.as_str().to_owned())
            .collect();
        names.sort();
        names
    };
    let peers = |pools| (names(&mut bound.iter().copied(), pools), names(&mut wanted.iter(), pools));
    let ((queues_here, queues_there), (pools_here, pools_there)) = (peers(false), peers(true));
    Compared::default()
        .field("name", &here.name, &new.name)
        .field("create_time", &here.created.millis(), &there.created.millis())
        .field("dest_vpc_id", &here.dest_vpc, &new.dest_vpc)
        .field("dest_network_id", &here.dest_network, &new.dest_network)
        .known("routetable_id", &here.route_table, Some(&new.route_table).filter(|table| table.is_some()))
        .field("available_queue_info", &queues_here, &queues_there)
        .field("elastic_resource_pools", &pools_here, &pools_there)
        .field("hosts", known.hosts(), new.hosts.as_slice())
        .field("routes", &*here.routes, &*there.routes)
        .known("ipv6_enable", &here.ipv6, there.ipv6.as_ref())
        .known("privileges", &here.grantees, there.grantees.clone().map(Into::into).as_ref())
        .known("tags", &here.tags, Some(&new.tags).filter(|_| there.knows_tags))
}
