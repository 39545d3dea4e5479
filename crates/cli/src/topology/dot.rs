//! The language of Graphviz.

use linkspan_wire::own::{Topology, TopologyKind, TopologyRelation};

use super::{Health, Index, standing, title};

/// A graph for `dot`.
pub(crate) fn drawn(graph: &Topology) -> String {
    let mut lines = vec![
        "digraph linkspan {".to_owned(),
        "  rankdir=LR;".to_owned(),
        "  node [shape=box, fontname=\"sans-serif\", fontsize=11];".to_owned(),
        "  edge [fontname=\"sans-serif\", fontsize=9];".to_owned(),
    ];
    for (index, node) in graph.nodes.iter().enumerate() {
        let (name, cidr) = title(node);
        let shape = match node.kind {
            TopologyKind::Connection => "cds",
            TopologyKind::Vpc => "box3d",
            TopologyKind::Subnet => "component",
            TopologyKind::Queue | TopologyKind::ElasticResourcePool => "box",
        };
        let label = [Some(name), cidr].into_iter().flatten().map(|text| escaped(&text)).collect::<Vec<_>>();
        lines.push(format!("  n{index} [shape={shape}, label=\"{}\"];", label.join("\\n")));
    }
    let index = Index::of(graph);
    for edge in &graph.edges {
        let Some((from, to)) = index.place(&edge.from).zip(index.place(&edge.to)) else { continue };
        let colour = Health::of(edge).colour();
        let style = if edge.kind == TopologyRelation::LivesIn { "dotted" } else { "solid" };
        let (label, why) = edge.peer.as_ref().map(standing).unwrap_or_default();
        let (label, why) = (escaped(&label), escaped(&why));
        lines.push(format!(
            "  n{from} -> n{to} [color=\"{colour}\", style={style}, label=\"{label}\", edgetooltip=\"{why}\"];"
        ));
    }
    lines.push("}".to_owned());
    lines.join("\n")
}

/// A text between quotes. A backslash of its own would begin an escape.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::super::samples;

    #[test]
    fn names_stay_within_their_quotes() {
        let text = super::drawn(&samples::graph());
        insta::assert_snapshot!(text);
        for line in text.lines() {
            let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
            assert_eq!(quotes % 2, 0, "{line}");
        }
    }
}
