use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use http::Method;
use linkspan_engine::{Access, ConnectionEntry, ProjectView, Refusal};
use linkspan_model::{Cidr4, Connection, ExternalId, Peer, PeerState, ProjectId, SourceKind, SourceName};
use linkspan_wire::own::{
    self, PeerStatus, Topology, TopologyEdge, TopologyKind, TopologyNode, TopologyPeer, TopologyQuery, TopologyRelation,
};

use super::show_connection::peer_status;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The networks of a project as a graph: what there is, and how it hangs together. The owner of a connection sees every
/// peer, a grantee its own, and of the owner's networks only the ids that the connection names.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowTopology",
    method: Method::GET,
    path: "/linkspan/v1/{project_id}/topology",
    document: "linkspan",
    action: "linkspan:topology:read",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = TopologyQuery::parse(call.query())?;
    let (view, scope) = (call.view(), call.scope()?.clone());
    let state = Arc::clone(&view);
    // Thousands of connections have hundreds of peers each.
    let acting = call.app.plane.acting_for(&view, scope.project());
    let drawn = tokio::task::spawn_blocking(move || {
        let project = view.project(&scope);
        let mut graph = Drawing::new(scope.project(), &project, query.limit).finish();
        let peers = graph.edges.iter_mut().filter_map(|edge| edge.peer.as_mut());
        for peer in peers.filter(|peer| peer.status == PeerStatus::Active) {
            peer.reachability = acting.as_ref().map(|acting| acting.reach.state_of(peer.peer_id));
        }
        graph
    });
    let topology = drawn.await.map_err(|_panicked| Refusal::Internal)?;
    Ok(super::revised(Answer::json(200, own::write(&topology)), &state))
}

/// A graph that is being put together.
struct Drawing<'a> {
    viewer: &'a ProjectId,
    project: &'a ProjectView<'a>,
    limit: usize,
    graph: Topology,
    seen: HashSet<String>,
    counts: HashMap<TopologyKind, usize>,
}

impl<'a> Drawing<'a> {
    fn new(viewer: &'a ProjectId, project: &'a ProjectView<'a>, limit: usize) -> Self {
        let (graph, seen, counts) = (Topology::default(), HashSet::new(), HashMap::new());
        Self { viewer, project, limit, graph, seen, counts }
    }

    fn finish(mut self) -> Topology {
        for entry in self.project.connections().take(self.limit) {
            self.connection(entry);
        }
        for pool in self.project.pools() {
            self.listed(self.source_node(self.viewer, &SourceName::Pool(pool.name.clone())));
        }
        for queue in self.project.queues() {
            let id = self.listed(self.source_node(self.viewer, &SourceName::Queue(queue.name.clone())));
            if let Some((id, pool)) = id.zip(queue.pool.clone()) {
                let pool = self.add(self.source_node(self.viewer, &SourceName::Pool(pool)));
                self.edge((id, pool), TopologyRelation::LivesIn, None);
            }
        }
        for vpc in self.project.vpcs() {
            self.listed(self.vpc_node(self.viewer, &vpc.id));
        }
        for subnet in self.project.subnets() {
            if let Some(id) = self.listed(self.subnet_node(self.viewer, &subnet.id)) {
                let vpc = self.add(self.vpc_node(self.viewer, &subnet.vpc));
                self.edge((id, vpc), TopologyRelation::PartOf, None);
            }
        }
        self.graph.left_out += self.project.connection_count().saturating_sub(self.limit);
        self.graph
    }

    fn connection(&mut self, entry: &ConnectionEntry) {
        let connection = &entry.connection;
        let id = self.add(TopologyNode {
            id: format!("connection:{}", connection.id),
            kind: TopologyKind::Connection,
            name: connection.name.to_string(),
            project_id: connection.project.clone(),
            cidr: None,
        });
        let is_owner = connection.project == *self.viewer;
        for peer in entry.peers.iter().map(|peer| &peer.value).filter(|peer| is_owner || peer.project == *self.viewer) {
            let source = self.add(self.source_node(&peer.project, &peer.source));
            self.edge((source, id.clone()), TopologyRelation::Peer, Some(peer_of(peer, is_owner)));
        }
        let Connection { project, dest_vpc, dest_network, .. } = connection;
        let subnet = self.subnet_node(project, dest_network);
        let is_new = !self.seen.contains(&subnet.id);
        let subnet = self.add(subnet);
        self.edge((id, subnet.clone()), TopologyRelation::LeadsTo, None);
        if is_new {
            // The directory knows better which VPC a subnet is part of than a connection that merely names both.
            let known = self.own_directory(project).and_then(|own| own.subnet(dest_network));
            let vpc = self.add(self.vpc_node(project, known.map_or(dest_vpc, |subnet| &subnet.vpc)));
            self.edge((subnet, vpc), TopologyRelation::PartOf, None);
        }
    }

    /// Adds something that a list of the project has, unless its kind has come to the limit.
    fn listed(&mut self, node: TopologyNode) -> Option<String> {
        if self.seen.contains(&node.id) {
            // Its edges were drawn by what led to it, but for those of its own list.
            let by_connection = matches!(node.kind, TopologyKind::Subnet);
            return (!by_connection).then_some(node.id);
        }
        if self.counts.get(&node.kind).is_some_and(|count| *count >= self.limit) {
            self.graph.left_out += 1;
            return None;
        }
        Some(self.add(node))
    }

    fn add(&mut self, node: TopologyNode) -> String {
        let id = node.id.clone();
        if self.seen.insert(id.clone()) {
            *self.counts.entry(node.kind).or_default() += 1;
            self.graph.nodes.push(node);
        }
        id
    }

    fn edge(&mut self, (from, to): (String, String), kind: TopologyRelation, peer: Option<TopologyPeer>) {
        self.graph.edges.push(TopologyEdge { from, to, kind, peer });
    }

    /// The directory of networks, if it is the viewer's to see.
    fn own_directory(&self, project: &ProjectId) -> Option<&'a ProjectView<'a>> {
        (project == self.viewer).then_some(self.project)
    }

    fn source_node(&self, project: &ProjectId, source: &SourceName) -> TopologyNode {
        let (kind, word) = match source.kind() {
            SourceKind::Queue => (TopologyKind::Queue, "queue"),
            SourceKind::Pool => (TopologyKind::ElasticResourcePool, "pool"),
        };
        let in_pool = match source {
            SourceName::Queue(name) => self.project.queue(name).is_some_and(|queue| queue.pool.is_some()),
            SourceName::Pool(_) => false,
        };
        let cidr = self.own_directory(project).filter(|_| !in_pool).and_then(|own| own.source_cidr(source));
        self.node((word, kind), (project, source.as_str()), (source.as_str().to_owned(), cidr))
    }

    fn subnet_node(&self, project: &ProjectId, id: &ExternalId) -> TopologyNode {
        let known = self.own_directory(project).and_then(|own| own.subnet(id));
        let name = known.map_or("", |subnet| &subnet.name);
        let told = (named(name, id), known.map(|subnet| subnet.cidr));
        self.node(("subnet", TopologyKind::Subnet), (project, &id.to_string()), told)
    }

    fn vpc_node(&self, project: &ProjectId, id: &ExternalId) -> TopologyNode {
        let known = self.own_directory(project).and_then(|own| own.vpc(id));
        let told = (named(known.map_or("", |vpc| &vpc.name), id), known.and_then(|vpc| vpc.cidr));
        self.node(("vpc", TopologyKind::Vpc), (project, &id.to_string()), told)
    }

    /// A node; what another project owns has that project in its id, because names and ids are a project's own.
    fn node(
        &self,
        (word, kind): (&str, TopologyKind),
        (project, id): (&ProjectId, &str),
        (name, cidr): (String, Option<Cidr4>),
    ) -> TopologyNode {
        let place = if project == self.viewer { String::new() } else { format!("@{project}") };
        TopologyNode { id: format!("{word}:{id}{place}"), kind, name, project_id: project.clone(), cidr }
    }
}

fn named(name: &str, id: &ExternalId) -> String {
    if name.is_empty() { id.to_string() } else { name.to_owned() }
}

fn peer_of(peer: &Peer, to_owner: bool) -> TopologyPeer {
    let err_msg = match &peer.state {
        PeerState::Failed(failure) => failure.told(to_owner).to_owned(),
        _ => String::new(),
    };
    TopologyPeer { peer_id: peer.id, status: peer_status(&peer.state), reachability: None, err_msg }
}

#[cfg(test)]
#[path = "show_topology_tests.rs"]
mod tests;
