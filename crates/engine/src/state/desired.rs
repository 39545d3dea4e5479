//! What the plane should look like, told peer by peer.
//!
//! The rules about overlapping networks live here, above every plane, so that each gives the same verdict in the same
//! words. Of two that collide the one bound later loses; when the other goes, the next look finds nothing wrong.

use std::collections::HashMap;
use std::sync::Arc;

use linkspan_model::{
    BindingName, Cidr4, Connection, ConnectionId, ExternalId, Host, Peer, PeerId, PeerState, ProjectId, SourceName,
};

use super::{ConnectionEntry, SourceRef, State};

/// A peer as the plane should see it.
#[derive(Debug, Clone)]
pub struct DesiredPeer {
    /// The peer.
    pub peer: Peer,
    /// What it joins, if it should exist: `Err` says why it can't be made, for the person who bound it.
    pub joint: Result<Joint, Box<str>>,
}

/// What a peer joins.
#[derive(Debug, Clone)]
pub struct Joint {
    /// The network of the queue or pool.
    pub source_cidr: Cidr4,
    /// The connection with its routes.
    pub entry: Arc<ConnectionEntry>,
    /// The addresses of the destination subnet, if the directory knows them.
    pub dest_cidr: Option<Cidr4>,
    /// What the destination is bound to where the plane works.
    pub binding: Option<BindingName>,
}

/// How a source stands in the VPC that a connection leads to: the same for all that lead there.
#[derive(Clone, Copy)]
struct Standing {
    /// Its addresses, if it exists.
    cidr: Option<Cidr4>,
    /// Whether no other source there has any of them.
    is_alone: bool,
}

impl State {
    /// One peer, whether it should exist or be removed; none if there is no such record.
    #[must_use]
    pub fn desired_peer(&self, id: PeerId) -> Option<DesiredPeer> {
        if let Some(removing) = self.removing.get(&id) {
            return Some(DesiredPeer { peer: removing.value.clone(), joint: Err("it is being removed".into()) });
        }
        let entry = self.connection(*self.peers.get(&id)?)?;
        let peer = &entry.peer(id)?.value;
        let standing = self.standing(&SourceRef::of(peer), &entry.connection);
        Some(DesiredPeer { peer: peer.clone(), joint: self.joint(entry, peer, standing) })
    }

    /// The peers that are in place, in no particular order.
    pub fn active_peers(&self) -> impl Iterator<Item = PeerId> {
        let peers = self.connections.values().flat_map(|entry| entry.peers.iter()).map(|peer| &peer.value);
        peers.filter(|peer| peer.state == PeerState::Active).map(|peer| peer.id)
    }

    /// Every peer that should exist or be removed, in no particular order.
    pub fn for_each_desired_peer(&self, each: &mut dyn FnMut(DesiredPeer)) {
        for removing in self.removing.values() {
            each(DesiredPeer { peer: removing.value.clone(), joint: Err("it is being removed".into()) });
        }
        // Most peers share theirs with thousands of others.
        let mut standings: HashMap<(&ProjectId, &ExternalId, &ProjectId, &SourceName), Standing> = HashMap::new();
        for entry in self.connections.values() {
            let connection = &entry.connection;
            for peer in entry.peers.iter().map(|peer| &peer.value) {
                let place = (&connection.project, &connection.dest_vpc, &peer.project, &peer.source);
                let looked_up = || self.standing(&SourceRef::of(peer), connection);
                let standing = *standings.entry(place).or_insert_with(looked_up);
                each(DesiredPeer { peer: peer.clone(), joint: self.joint(entry, peer, standing) });
            }
        }
    }

    /// The host records that a queue or pool resolves, from every connection it is bound to, in the order it was bound.
    /// On a conflict the earlier binding's record comes first.
    #[must_use]
    pub fn desired_hosts(&self, source: &SourceRef) -> Vec<Host> {
        self.bindings(source).iter().flat_map(|(_, entry)| entry.hosts()).cloned().collect()
    }

    /// Where a queue or pool is bound, in the order it was: its peer, and the connection with its host records.
    #[must_use]
    pub fn bindings(&self, source: &SourceRef) -> Vec<(&Peer, &Arc<ConnectionEntry>)> {
        let entries = self.index.bound(source).filter_map(|id| self.connection(id));
        let mut bindings: Vec<_> = entries.filter_map(|entry| Some((entry.peer_for(source)?, entry))).collect();
        bindings.sort_by_key(|(peer, _)| (peer.bound(), peer.id));
        bindings
    }

    /// The sources whose host records a connection feeds.
    #[must_use]
    pub fn sources_of(&self, connection: ConnectionId) -> Vec<SourceRef> {
        let peers = self.connection(connection).map(|entry| entry.peers.iter());
        peers.into_iter().flatten().map(|peer| SourceRef::of(&peer.value)).collect()
    }

    /// The addresses of the subnet that a connection leads to, if its project has registered it or bound it with them.
    #[must_use]
    pub fn dest_cidr(&self, connection: &Connection) -> Option<Cidr4> {
        self.network_cidr(&connection.project, &connection.dest_network)
    }

    /// The peers of a queue or pool that are gone from the wire and not yet from the plane.
    pub fn removing_of<'a>(&'a self, source: &'a SourceRef) -> impl Iterator<Item = &'a Peer> {
        let removing = self.removing.values().map(|stored| &stored.value);
        removing.filter(move |peer| peer.project == source.project && peer.source == source.name)
    }

    fn standing(&self, source: &SourceRef, connection: &Connection) -> Standing {
        let cidr = self.source_cidr(source);
        let is_alone = cidr.is_none_or(|cidr| self.overlapping_sources(source, cidr, connection).next().is_none());
        Standing { cidr, is_alone }
    }

    fn joint(&self, entry: &Arc<ConnectionEntry>, peer: &Peer, standing: Standing) -> Result<Joint, Box<str>> {
        let source = SourceRef::of(peer);
        let Some(source_cidr) = standing.cidr else {
            return Err(format!("The {} does not exist any more; unbind it.", source.name).into());
        };
        let connection = &entry.connection;
        let dest_cidr = self.dest_cidr(connection);
        if let Some(dest_cidr) = dest_cidr {
            self.against_destination(&source, source_cidr, (connection, dest_cidr))?;
            self.against_other_destinations(&source, peer, (connection, dest_cidr))?;
        }
        if !standing.is_alone {
            self.against_other_sources(&source, source_cidr, (connection, peer))?;
        }
        let binding = self.network_binding(&connection.project, &connection.dest_network);
        let binding = binding.map(|binding| binding.to.clone());
        Ok(Joint { source_cidr, entry: Arc::clone(entry), dest_cidr, binding })
    }

    fn against_destination(
        &self,
        source: &SourceRef,
        cidr: Cidr4,
        (connection, dest_cidr): (&Connection, Cidr4),
    ) -> Result<(), Box<str>> {
        if !cidr.overlaps(dest_cidr) {
            return Ok(());
        }
        Err(format!(
            "CIDR {cidr} of {} overlaps CIDR {dest_cidr} of the destination subnet {}. {}",
            source.name,
            connection.dest_network,
            remedy(source)
        )
        .into())
    }

    /// The same source must not reach two overlapping subnets.
    fn against_other_destinations(
        &self,
        source: &SourceRef,
        peer: &Peer,
        (connection, dest_cidr): (&Connection, Cidr4),
    ) -> Result<(), Box<str>> {
        for (project, network, cidr) in self.overlapping_networks(source, connection, dest_cidr) {
            let bound = self
                .index
                .bound(source)
                .filter_map(|id| self.connection(id))
                .filter(|other| other.connection.project == *project && other.connection.dest_network == *network);
            for other in bound {
                let Some(earlier) = other.peer_for(source).filter(|other| is_earlier(other, peer)) else { continue };
                return Err(format!(
                    "CIDR {dest_cidr} of the destination subnet {} overlaps CIDR {cidr} of subnet {network}, which {} \
                     reaches through connection {} (peer {}). Unbind it there, or use a data source in another subnet.",
                    connection.dest_network, source.name, other.connection.name, earlier.id
                )
                .into());
            }
        }
        Ok(())
    }

    /// The known networks that overlap a destination, among those that the source could be joined to.
    fn overlapping_networks<'a>(
        &'a self,
        source: &'a SourceRef,
        connection: &'a Connection,
        dest_cidr: Cidr4,
    ) -> impl Iterator<Item = (&'a ProjectId, &'a ExternalId, Cidr4)> {
        // Whoever granted it a connection, and itself: nobody else's subnets can it be joined to.
        let mut projects = vec![&connection.project];
        let others = std::iter::once(&source.project).chain(self.index.granted_by(source));
        others.for_each(|project| {
            if !projects.contains(&project) {
                projects.push(project);
            }
        });
        projects.into_iter().flat_map(move |project| {
            let known = self.held(project).into_iter().flat_map(|held| held.known_networks());
            known
                .filter(move |(_, cidr)| cidr.overlaps(dest_cidr))
                .filter(move |(id, _)| *project != connection.project || **id != connection.dest_network)
                .map(move |(id, cidr)| (project, id, cidr))
        })
    }

    /// The other sources with overlapping addresses that perhaps are joined to the VPC of a connection.
    fn overlapping_sources<'a>(
        &'a self,
        source: &'a SourceRef,
        cidr: Cidr4,
        connection: &Connection,
    ) -> impl Iterator<Item = (&'a SourceRef, Cidr4)> {
        let joined = self.index.joined(&connection.project, &connection.dest_vpc).filter(move |other| *other != source);
        joined.filter_map(move |other| Some((other, self.source_cidr(other).filter(|other| other.overlaps(cidr))?)))
    }

    /// One VPC must not be joined to two overlapping sources.
    fn against_other_sources(
        &self,
        source: &SourceRef,
        cidr: Cidr4,
        (connection, peer): (&Connection, &Peer),
    ) -> Result<(), Box<str>> {
        for (other, other_cidr) in self.overlapping_sources(source, cidr, connection) {
            let same_vpc = |entry: &&Arc<ConnectionEntry>| {
                entry.connection.project == connection.project && entry.connection.dest_vpc == connection.dest_vpc
            };
            let bound = self.index.bound(other).filter_map(|id| self.connection(id)).filter(same_vpc);
            let earlier = bound.filter_map(|entry| entry.peer_for(other)).find(|other| is_earlier(other, peer));
            if earlier.is_some() {
                let whose = if other.project == source.project {
                    other.name.to_string()
                } else {
                    "a queue or pool of another project".to_owned()
                };
                return Err(format!(
                    "CIDR {cidr} of {} overlaps CIDR {other_cidr} of {whose}, which is joined to the same VPC {}. {}",
                    source.name,
                    connection.dest_vpc,
                    remedy(source)
                )
                .into());
            }
        }
        Ok(())
    }
}

impl ConnectionEntry {
    /// The peer that binds a source, if one does.
    #[must_use]
    pub fn peer_for(&self, source: &SourceRef) -> Option<&Peer> {
        self.peers
            .iter()
            .map(|peer| &peer.value)
            .find(|peer| peer.project == source.project && peer.source == source.name)
    }
}

fn is_earlier(other: &Peer, than: &Peer) -> bool {
    (other.bound(), other.id) < (than.bound(), than.id)
}

fn remedy(source: &SourceRef) -> &'static str {
    match source.name {
        linkspan_model::SourceName::Queue(_) => {
            "Unbind it and give the queue another CIDR, or use a data source in another subnet."
        }
        linkspan_model::SourceName::Pool(_) => {
            "The CIDR of a pool is fixed: bind a pool with another CIDR, or use a data source in another subnet."
        }
    }
}
