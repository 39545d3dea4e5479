//! What is accepted and may surprise all the same, told before anything is made.
//!
//! Nothing here is refused, now or later: what makes a peer fail is judged in `desired.rs`. To add one more: a kind,
//! and a function that finds it beside its siblings.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use linkspan_model::{Cidr, Cidr4, ConnectionId, Peer, PeerId, RouteName, SourceName};

use super::{ConnectionEntry, ProjectView, SourceRef, State};

/// Something to know about a connection or one of its peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caution {
    /// What it is.
    pub kind: CautionKind,
    /// The queue or pool that it is about; none = the connection, whatever it binds.
    pub source: Option<SourceName>,
    /// What it means and what to do, in whole sentences.
    pub text: String,
}

/// What a caution is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CautionKind {
    /// The directory of networks does not know the subnet, so no overlap with it can be found.
    UnknownNetwork,
    /// Addresses that the service keeps for itself.
    ReservedRange,
    /// A custom route is in the way of another way of the same queue or pool.
    RouteConflict,
    /// A host record names an address that the connection does not lead to.
    UncoveredHost,
    /// A host record is hidden by that of a connection that was bound earlier.
    HostConflict,
}

/// The most that is told at once.
const MOST: usize = 100;

/// What the service keeps for itself (dli_01_0014), the narrower one first.
fn reserved() -> [Cidr4; 2] {
    let network = |second, prefix| Cidr4::containing(Ipv4Addr::new(100, second, 0, 0), prefix);
    [network(125, 16), network(64, 10)]
}

impl ProjectView<'_> {
    /// What the project should know about a connection and those of its peers.
    #[must_use]
    pub fn cautions(&self, id: ConnectionId, peers: &[PeerId]) -> Vec<Caution> {
        let Some(entry) = self.connection(id) else { return Vec::new() };
        let subject = Subject { state: self.state, entry, ranges: ranges(self.state, entry) };
        let common = subject.unknown_network().into_iter().chain(subject.reserved()).chain(subject.uncovered_hosts());
        let bound = entry.peers_of(self.project).filter(|peer| peers.contains(&peer.id));
        common.chain(bound.flat_map(|peer| subject.of_peer(peer))).take(MOST).collect()
    }
}

/// Addresses that a connection leads to: its subnet if they are known, and its custom routes.
#[derive(Clone, Copy)]
struct Range<'a> {
    cidr: Cidr,
    /// None = the subnet.
    route: Option<&'a RouteName>,
}

impl fmt::Display for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.route {
            Some(name) => write!(f, "route {name} ({})", self.cidr),
            None => write!(f, "the destination subnet ({})", self.cidr),
        }
    }
}

fn ranges<'a>(state: &State, entry: &'a ConnectionEntry) -> Vec<Range<'a>> {
    let connection = &entry.connection;
    let subnet = state.network_cidr(&connection.project, &connection.dest_network);
    let subnet = subnet.map(|cidr| Range { cidr: Cidr::V4(cidr), route: None });
    let routes =
        connection.routes.iter().filter_map(|route| Some(Range { cidr: route.cidr()?, route: Some(&route.name) }));
    subnet.into_iter().chain(routes).collect()
}

/// A connection that is looked at.
struct Subject<'a> {
    state: &'a State,
    entry: &'a ConnectionEntry,
    ranges: Vec<Range<'a>>,
}

impl Subject<'_> {
    fn unknown_network(&self) -> Option<Caution> {
        let connection = &self.entry.connection;
        if self.state.network_cidr(&connection.project, &connection.dest_network).is_some() {
            return None;
        }
        let text = format!(
            "Subnet {} of VPC {} is not in the directory of networks: whether its addresses overlap others can't be \
             told. Register it with its CIDR.",
            connection.dest_network, connection.dest_vpc
        );
        Some(Caution { kind: CautionKind::UnknownNetwork, source: None, text })
    }

    fn reserved(&self) -> impl Iterator<Item = Caution> {
        self.ranges.iter().filter_map(|range| reserved_text(&range.to_string(), range.cidr)).map(|text| Caution {
            kind: CautionKind::ReservedRange,
            source: None,
            text,
        })
    }

    /// Host records that name an address beyond the connection; where its subnet is not known, any may be inside.
    fn uncovered_hosts(&self) -> Option<Caution> {
        if !self.ranges.iter().any(|range| range.route.is_none()) {
            return None;
        }
        let covered = |ip| self.ranges.iter().any(|range| range.cidr.contains(IpAddr::V4(ip)));
        let mut beyond = self.entry.hosts().iter().filter(|host| !covered(host.ip));
        let first = beyond.next()?;
        let others = match beyond.count() {
            0 => String::new(),
            more => format!(", nor to those of {more} more host records"),
        };
        let text = format!(
            "The connection does not lead to {} of host record {}{others}: add a route, or correct the address.",
            first.ip, first.name
        );
        Some(Caution { kind: CautionKind::UncoveredHost, source: None, text })
    }

    fn of_peer(&self, peer: &Peer) -> Vec<Caution> {
        let source = SourceRef::of(peer);
        let mut others = self.state.bindings(&source);
        others.retain(|(other, _)| other.id != peer.id);
        let mut found = Vec::new();
        if let Some(cidr) = self.state.source_cidr(&source) {
            let reserved = reserved_text(&format!("The network {cidr} of {}", source.name), Cidr::V4(cidr));
            found.extend(reserved.map(|text| (CautionKind::ReservedRange, text)));
            found.extend(self.routes_into_own(&source, cidr).map(|text| (CautionKind::RouteConflict, text)));
        }
        let routes = others.iter().flat_map(|(_, other)| self.against_other(&source, other));
        found.extend(routes.take(MOST).map(|text| (CautionKind::RouteConflict, text)));
        found.extend(self.hidden_hosts(peer, &others).into_iter().map(|text| (CautionKind::HostConflict, text)));
        let about = |(kind, text)| Caution { kind, source: Some(source.name.clone()), text };
        found.into_iter().map(about).collect()
    }

    /// Custom routes that hold addresses of the queue's or pool's own network.
    fn routes_into_own(&self, source: &SourceRef, cidr: Cidr4) -> impl Iterator<Item = String> {
        let own = Cidr::V4(cidr);
        let routes = self.ranges.iter().filter(move |range| range.route.is_some() && range.cidr.overlaps(&own));
        routes.map(move |range| {
            format!(
                "{range} overlaps {cidr}, the network of {} itself: those addresses are never sent out.",
                source.name
            )
        })
    }

    /// Custom routes that overlap what another connection of the same source leads to. Two subnets that overlap are no
    /// caution: then the peer fails.
    fn against_other(&self, source: &SourceRef, other: &ConnectionEntry) -> Vec<String> {
        let (connection, theirs) = (&self.entry.connection, &other.connection);
        if connection.project == theirs.project && connection.dest_network == theirs.dest_network {
            return Vec::new();
        }
        let mut found = Vec::new();
        let other_ranges = ranges(self.state, other);
        for range in &self.ranges {
            let overlaps = |their: &&Range<'_>| {
                their.cidr.overlaps(&range.cidr) && (range.route.is_some() || their.route.is_some())
            };
            let Some(their) = other_ranges.iter().find(overlaps) else { continue };
            let which = if their.cidr == range.cidr { "only one of them" } else { "the narrower of them" };
            found.push(format!(
                "{range} overlaps {their} of connection {}, to which {} is bound as well: {which} carries what both hold.",
                theirs.name, source.name
            ));
        }
        found
    }

    /// Names that an earlier connection of the same source leads elsewhere.
    fn hidden_hosts(&self, peer: &Peer, others: &[(&Peer, &Arc<ConnectionEntry>)]) -> Vec<String> {
        let own: HashMap<String, Ipv4Addr> =
            self.entry.hosts().iter().map(|host| (host.name.to_ascii_lowercase(), host.ip)).collect();
        let is_earlier = |other: &Peer| (other.bound(), other.id) < (peer.bound(), peer.id);
        let earlier = others.iter().filter(|(other, _)| !own.is_empty() && is_earlier(other));
        let text = |entry: &ConnectionEntry| {
            let mut hiding = entry.hosts().iter().filter_map(|host| {
                let hidden = own.get(&host.name.to_ascii_lowercase()).filter(|hidden| **hidden != host.ip)?;
                Some((host, *hidden))
            });
            let (host, hidden) = hiding.next()?;
            let more = match hiding.count() {
                0 => String::new(),
                more => format!(", and so were those of {more} more names"),
            };
            Some(format!(
                "For {}, {} is {} and not {hidden}: the host record of connection {} was there first{more}.",
                peer.source, host.name, host.ip, entry.connection.name
            ))
        };
        earlier.filter_map(|(_, entry)| text(entry)).collect()
    }
}

fn reserved_text(what: &str, cidr: Cidr) -> Option<String> {
    let range = reserved().into_iter().find(|range| Cidr::V4(*range).overlaps(&cidr))?;
    Some(format!("{what} shares addresses with {range}, which the service keeps for itself: use others."))
}
