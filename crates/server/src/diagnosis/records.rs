//! What the records know about the way from a source to an address.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use linkspan_engine::{ConnectionEntry, SourceRef, State};
use linkspan_model::{Cidr, Cidr4, ConnectionId, Peer, PeerState, Route, SourceName};
use linkspan_plane::{Coverage, ProbeReport, ProbeTarget};

use crate::plane_records::{desired_peer, host_table};

/// What the records know.
pub(super) struct Known {
    /// What asks.
    pub(super) source: SourceRef,
    /// Whether it is the preset queue, which can't be bound.
    pub(super) is_preset: bool,
    /// Its own network.
    pub(super) cidr: Option<Cidr4>,
    /// What was asked for, as it was written.
    pub(super) target: String,
    /// The address, if the target is one or a record names it.
    pub(super) address: Option<IpAddr>,
    /// To how many connections it is bound.
    pub(super) bindings: usize,
    /// The peer that the plane named, else the one that leads to the address by the records.
    pub(super) peer: Option<Peer>,
    /// Its connection.
    pub(super) entry: Option<Arc<ConnectionEntry>>,
    /// Why the records say that the peer can't be made.
    pub(super) impossible: Option<String>,
    /// A peer of this source that is being taken away, and whether its project still sees the connection.
    pub(super) removing: Option<(Peer, bool)>,
    /// A subnet of the project's directory that holds the address.
    pub(super) subnet: Option<String>,
}

impl Known {
    /// Reads what there is to know about a report.
    pub(super) fn read(state: &State, source: &SourceRef, (target, report): (&ProbeTarget, &ProbeReport)) -> Self {
        let address = report.address.or_else(|| target.resolve(&host_table(state, source)).map(|(found, _)| found));
        let bindings = state.bindings(source);
        let named = bindings.iter().find(|(peer, _)| Some(peer.id) == report.peer).copied();
        let leads = |address| {
            let ways = bindings.iter().filter_map(|way| Some((specificity(state, way.1, address)?, *way)));
            // Of equal ones the one bound first, which the plane prefers too.
            ways.rev().max_by_key(|(specificity, _)| *specificity).map(|(_, way)| way)
        };
        let found = named.or_else(|| leads(address?));
        let peer = found.map(|(peer, _)| peer.clone());
        let desired = peer.as_ref().and_then(|peer| desired_peer(state, peer.id, None));
        let removing = state.removing_of(source).last().map(|peer| {
            let sees = state.is_visible(peer.connection, &source.project);
            (peer.clone(), sees)
        });
        Self {
            source: source.clone(),
            is_preset: matches!(&source.name, SourceName::Queue(name) if name.is_default()),
            cidr: state.source_cidr(source),
            target: target.to_string(),
            address,
            bindings: bindings.len(),
            entry: found.map(|(_, entry)| Arc::clone(entry)),
            peer,
            impossible: desired.and_then(|desired| desired.spec.err()).map(|why| why.to_string()),
            removing,
            subnet: address.and_then(|address| subnet_with(state, source, address)),
        }
    }

    /// The id and name of the peer's connection.
    pub(super) fn connection(&self) -> Option<(ConnectionId, String)> {
        let connection = &self.entry.as_ref()?.connection;
        Some((connection.id, connection.name.to_string()))
    }

    /// Whether what asks is of the project that owns the peer's connection.
    pub(super) fn is_owner(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.connection.project == self.source.project)
    }

    /// Whether the records say that the way leads on beyond the queue.
    pub(super) fn is_active(&self) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.state == PeerState::Active)
    }
}

/// How specifically a connection leads to an address, or not at all.
fn specificity(state: &State, entry: &ConnectionEntry, address: IpAddr) -> Option<u8> {
    let routes: Vec<Cidr> = entry.connection.routes.iter().filter_map(Route::cidr).collect();
    Coverage::Of { subnet: state.dest_cidr(&entry.connection), routes: &routes }.specificity(address)
}

/// A subnet of the directory, in words.
fn subnet_with(state: &State, source: &SourceRef, address: IpAddr) -> Option<String> {
    let IpAddr::V4(address) = address else { return None };
    let subnet = state.subnet_with(&source.project, address)?;
    Some(format!("subnet {} ({}) of VPC {}", subnet.id, subnet.cidr, subnet.vpc))
}

/// Addresses that lead to no data source, and why.
pub(super) fn out_of_bounds(address: IpAddr) -> Option<&'static str> {
    let IpAddr::V4(address) = address else { return None };
    let within = |first: [u8; 4], prefix| Cidr4::containing(Ipv4Addr::from(first), prefix).contains(address);
    if address.is_loopback() {
        return Some("is the queue's own host");
    }
    if address.is_multicast() || address.is_broadcast() || address.is_unspecified() {
        return Some("is not the address of one host");
    }
    if address.is_link_local() {
        return Some("is of the links between networks (169.254.0.0/16)");
    }
    if within([100, 64, 0, 0], 10) {
        return Some("is of a range that the service keeps for itself (100.64.0.0/10, 100.125.0.0/16 in it)");
    }
    None
}
