//! A tree of text: VPCs, the subnets in them, the connections that lead there, and what is bound to those.

use linkspan_wire::own::{Topology, TopologyKind, TopologyNode, TopologyRelation};

use super::{Index, standing, title};

/// The tree, and what hangs on none of it.
pub(crate) fn drawn(graph: &Topology) -> String {
    let index = Index::of(graph);
    let mut lines = Vec::new();
    for vpc in graph.nodes.iter().filter(|node| node.kind == TopologyKind::Vpc) {
        lines.push(named(vpc));
        let subnets = index.towards(&vpc.id, TopologyRelation::PartOf);
        branches(&mut lines, "", &subnets.map(|node| subnet(&index, node)).collect::<Vec<_>>());
    }
    let idle = graph.nodes.iter().filter(|node| {
        let is_source = matches!(node.kind, TopologyKind::Queue | TopologyKind::ElasticResourcePool);
        is_source && index.leaving(&node.id).is_empty()
    });
    let idle: Vec<Branch> = idle.map(|node| Branch { text: named(node), below: queues_of(&index, node) }).collect();
    if !idle.is_empty() {
        lines.push("bound to no connection".to_owned());
        branches(&mut lines, "", &idle);
    }
    if lines.is_empty() { "There is nothing yet.".to_owned() } else { lines.join("\n") }
}

/// A line and what hangs on it.
struct Branch {
    text: String,
    below: Vec<Branch>,
}

fn subnet(index: &Index<'_>, subnet: &TopologyNode) -> Branch {
    let connections = index.towards(&subnet.id, TopologyRelation::LeadsTo);
    Branch { text: named(subnet), below: connections.map(|node| connection(index, node)).collect() }
}

fn connection(index: &Index<'_>, connection: &TopologyNode) -> Branch {
    let below = index.coming(&connection.id).iter().filter_map(|edge| {
        let source = index.node(&edge.from)?;
        let (status, why) = standing(edge.peer.as_ref()?);
        let why = if why.is_empty() { why } else { format!(": {why}") };
        Some(Branch { text: format!("{}  {status}{why}", named(source)), below: queues_of(index, source) })
    });
    Branch { text: named(connection), below: below.collect() }
}

/// The queues that live in a pool.
fn queues_of(index: &Index<'_>, pool: &TopologyNode) -> Vec<Branch> {
    let queues = index.towards(&pool.id, TopologyRelation::LivesIn);
    queues.map(|queue| Branch { text: named(queue), below: Vec::new() }).collect()
}

fn branches(lines: &mut Vec<String>, indent: &str, all: &[Branch]) {
    for (place, branch) in all.iter().enumerate() {
        let is_last = place + 1 == all.len();
        let (knee, under) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        lines.push(format!("{indent}{knee}{}", branch.text));
        branches(lines, &format!("{indent}{under}"), &branch.below);
    }
}

fn named(node: &TopologyNode) -> String {
    let (name, cidr) = title(node);
    cidr.map_or(name.clone(), |cidr| format!("{name} ({cidr})"))
}

#[cfg(test)]
mod tests {
    use super::super::samples;

    #[test]
    fn what_hangs_on_what() {
        insta::assert_snapshot!(super::drawn(&samples::graph()));
        assert_eq!(super::drawn(&linkspan_wire::own::Topology::default()), "There is nothing yet.");
    }
}
