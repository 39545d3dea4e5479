//! Drawings of a topology: a tree of text, and the languages that other programs draw from.
//!
//! Invariants: a name can break no drawing, because each language has its own escapes and no control character passes;
//! the same graph gives the same drawing.
//!
//! To add one more: a file with a function `drawn`, and a format in `output`.

pub(crate) mod dot;
mod layout;
pub(crate) mod mermaid;
pub(crate) mod svg;
pub(crate) mod tree;

use std::collections::HashMap;

use linkspan_wire::own::{
    PeerStatus, ReachabilityState, Topology, TopologyEdge, TopologyKind, TopologyNode, TopologyPeer, TopologyRelation,
};

use crate::output::printable;

/// How a peer, or what it stands for, is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    Unreachable,
    Pending,
    Bad,
    /// It is nothing that can be well or ill.
    Plain,
}

impl Health {
    fn of(edge: &TopologyEdge) -> Self {
        let Some(peer) = &edge.peer else { return Self::Plain };
        let shut = [ReachabilityState::Unreachable, ReachabilityState::PartlyReachable];
        match peer.status {
            PeerStatus::Active if peer.reachability.is_some_and(|state| shut.contains(&state)) => Self::Unreachable,
            PeerStatus::Active => Self::Good,
            PeerStatus::Failed => Self::Bad,
            PeerStatus::Creating | PeerStatus::Cancelled => Self::Pending,
        }
    }

    /// A colour that reads on white.
    fn colour(self) -> &'static str {
        match self {
            Self::Good => "#2e7d32",
            Self::Unreachable => "#ad1457",
            Self::Pending => "#b26a00",
            Self::Bad => "#c62828",
            Self::Plain => "#78909c",
        }
    }
}

/// What a kind is called.
fn kind(kind: TopologyKind) -> &'static str {
    match kind {
        TopologyKind::Queue => "queue",
        TopologyKind::ElasticResourcePool => "pool",
        TopologyKind::Connection => "connection",
        TopologyKind::Subnet => "subnet",
        TopologyKind::Vpc => "VPC",
    }
}

/// `queue etl`, and its addresses if they are known.
fn title(node: &TopologyNode) -> (String, Option<String>) {
    (format!("{} {}", kind(node.kind), printable(&node.name)), node.cidr.map(|cidr| cidr.to_string()))
}

/// Where a peer stands, in a word or two, and why if it is ill.
fn standing(peer: &TopologyPeer) -> (String, String) {
    let status = match peer.status {
        PeerStatus::Creating => "CREATING",
        PeerStatus::Active => "ACTIVE",
        PeerStatus::Failed => "FAILED",
        PeerStatus::Cancelled => "CANCELLED",
    };
    // What was not tried says nothing.
    let reach = match peer.reachability {
        Some(ReachabilityState::Reachable) => ", reachable",
        Some(ReachabilityState::PartlyReachable) => ", partly reachable",
        Some(ReachabilityState::Unreachable) => ", unreachable",
        Some(ReachabilityState::Unknown) | None => "",
    };
    (format!("{status}{reach}"), printable(&peer.err_msg))
}

/// A graph whose parts are found without looking through all of it.
struct Index<'a> {
    graph: &'a Topology,
    places: HashMap<&'a str, usize>,
    leaving: HashMap<&'a str, Vec<&'a TopologyEdge>>,
    coming: HashMap<&'a str, Vec<&'a TopologyEdge>>,
}

impl<'a> Index<'a> {
    fn of(graph: &'a Topology) -> Self {
        let places = graph.nodes.iter().enumerate().map(|(place, node)| (node.id.as_str(), place)).collect();
        let (mut leaving, mut coming) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for edge in &graph.edges {
            leaving.entry(edge.from.as_str()).or_default().push(edge);
            coming.entry(edge.to.as_str()).or_default().push(edge);
        }
        Self { graph, places, leaving, coming }
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    fn node(&self, id: &str) -> Option<&'a TopologyNode> {
        self.graph.nodes.get(self.place(id)?)
    }

    fn leaving(&self, id: &str) -> &[&'a TopologyEdge] {
        self.leaving.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    fn coming(&self, id: &str) -> &[&'a TopologyEdge] {
        self.coming.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// What hangs on a node in this way.
    fn towards(&self, id: &str, relation: TopologyRelation) -> impl Iterator<Item = &'a TopologyNode> {
        let edges = self.coming(id).iter().filter(move |edge| edge.kind == relation);
        edges.filter_map(|edge| self.node(&edge.from))
    }
}

#[cfg(test)]
mod samples;
