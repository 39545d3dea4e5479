use std::fmt;
use std::sync::Arc;

use linkspan_model::{BindingName, Cidr, Cidr4, ConnectionId, ExternalId, PeerId, ProjectId, SourceName};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Which queue or pool, of which project: the name of its network on the plane.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceRef {
    /// The project that owns it.
    pub project: ProjectId,
    /// Its kind and name.
    pub name: SourceName,
}

impl fmt::Display for SourceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// The network of a queue or pool, shared by all its peers.
#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceNet {
    /// Whose network it is.
    pub source: SourceRef,
    /// Its addresses.
    pub cidr: Cidr4,
    digest: u64,
}

impl SourceNet {
    /// A network and its digest, ready to be shared.
    #[must_use]
    pub fn new(source: SourceRef, cidr: Cidr4) -> Arc<Self> {
        let digest = Digest::new()
            .text(source.project.as_str())
            .number(source.name.kind() as u64)
            .text(source.name.as_str())
            .number(u64::from(u32::from(cidr.network())))
            .number(u64::from(cidr.prefix()))
            .finish();
        Arc::new(Self { source, cidr, digest })
    }

    /// Tells two states of the network apart.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }
}

/// The subnet that a connection leads to, shared by all peers that lead there.
#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DestNet {
    /// The project that owns the connection.
    pub project: ProjectId,
    /// `dest_vpc_id`.
    pub vpc: ExternalId,
    /// `dest_network_id`.
    pub network: ExternalId,
    /// Its addresses; unknown for a network outside the directory, which then counts as covering everything.
    pub cidr: Option<Cidr4>,
    /// What it is bound to where the plane works, by the name that the administrator there allows it under; none = the
    /// plane makes it itself, if it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<BindingName>,
    digest: u64,
}

impl DestNet {
    /// A destination and its digest, ready to be shared.
    #[must_use]
    pub fn new(project: ProjectId, vpc: ExternalId, network: ExternalId, cidr: Option<Cidr4>) -> Arc<Self> {
        let addresses =
            cidr.map_or(u64::MAX, |cidr| u64::from(u32::from(cidr.network())) << 8 | u64::from(cidr.prefix()));
        let digest = Digest::new()
            .text(project.as_str())
            .text(&vpc.to_string())
            .text(&network.to_string())
            .number(addresses)
            .finish();
        Arc::new(Self { project, vpc, network, cidr, binding: None, digest })
    }

    /// The same network, bound.
    #[must_use]
    pub fn bound(&self, to: BindingName) -> Arc<Self> {
        let digest = Digest::new().number(self.digest).text(to.as_str()).finish();
        let Self { project, vpc, network, cidr, .. } = self;
        let (project, vpc, network) = (project.clone(), vpc.clone(), network.clone());
        Arc::new(Self { project, vpc, network, cidr: *cidr, binding: Some(to), digest })
    }
}

/// What a plane writes on everything it makes for a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerMark {
    /// The peer.
    pub peer: PeerId,
    /// Its connection.
    pub connection: ConnectionId,
    /// Which of the peer's desired states this is.
    pub generation: u32,
}

/// Everything a plane needs to make one peer: link, routes and permits together. Its parts are shared, so a
/// million of them fit in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerSpec {
    /// The peer.
    pub peer: PeerId,
    /// Its connection.
    pub connection: ConnectionId,
    /// Which of the peer's desired states this is.
    pub generation: u32,
    /// Tells two specifications apart; the same in every process.
    pub digest: u64,
    /// The queue's or pool's side.
    pub source: Arc<SourceNet>,
    /// The data source's side.
    pub destination: Arc<DestNet>,
    /// Custom routes of the connection beside the one to its subnet, host bits cleared, in any order.
    pub routes: Arc<[Cidr]>,
}

impl PeerSpec {
    /// A specification with its digest. `Arc::default()` is the empty list of routes and allocates nothing.
    #[must_use]
    pub fn new(mark: PeerMark, source: Arc<SourceNet>, destination: Arc<DestNet>, routes: Arc<[Cidr]>) -> Self {
        let digest = Digest::new().bytes(mark.connection.0.as_bytes()).number(source.digest).number(destination.digest);
        // A sum, so that the order in which routes were added makes no difference.
        let routes_digest = routes.iter().fold(0u64, |sum, cidr| sum.wrapping_add(cidr_digest(cidr)));
        let PeerMark { peer, connection, generation } = mark;
        let digest = digest.number(routes_digest).finish();
        Self { peer, connection, generation, digest, source, destination, routes }
    }

    /// Whether the connection is another project's than the queue or pool.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        self.source.source.project != self.destination.project
    }
}

fn cidr_digest(cidr: &Cidr) -> u64 {
    let (digest, prefix) = match cidr {
        Cidr::V4(cidr) => (Digest::new().bytes(&cidr.network().octets()), cidr.prefix()),
        Cidr::V6 { network, prefix } => (Digest::new().bytes(&network.octets()), *prefix),
    };
    digest.number(u64::from(prefix)).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    #[test]
    fn the_digest_sees_every_part_but_neither_order_nor_generation() {
        let spec = |routes: &[&str], cidr: &str| {
            let source = samples::source("q", cidr);
            let routes = routes.iter().map(|text| text.parse().unwrap()).collect();
            PeerSpec::new(samples::mark(1), source, samples::destination("n", Some("192.168.0.0/24")), routes)
        };
        let plain = spec(&[], "10.0.0.0/24");
        assert_ne!(plain.digest, spec(&["10.9.0.0/16"], "10.0.0.0/24").digest);
        assert_ne!(plain.digest, spec(&[], "10.0.1.0/24").digest);
        assert_ne!(spec(&["10.9.0.0/16"], "10.0.0.0/24").digest, spec(&["10.9.0.0/17"], "10.0.0.0/24").digest);
        let (a, b) = ("10.9.0.0/16", "2001:db8::/32");
        assert_eq!(spec(&[a, b], "10.0.0.0/24").digest, spec(&[b, a], "10.0.0.0/24").digest);
    }

    #[test]
    fn what_a_destination_is_bound_to_is_part_of_its_state() {
        let net = samples::destination("n", Some("192.168.0.0/24"));
        let [one, two] = ["one", "two"].map(|to| net.bound(to.parse().unwrap()));
        assert!(net != one && one.digest != two.digest && net.digest != one.digest);
    }

    #[test]
    fn a_destination_without_cidr_is_another_state_than_one_with() {
        assert_ne!(samples::destination("n", None).digest, samples::destination("n", Some("0.0.0.0/0")).digest);
    }
}
