//! The language of Mermaid, which Markdown viewers draw.

use linkspan_wire::own::{Topology, TopologyKind, TopologyRelation};

use super::{Health, Index, standing, title};

/// A flowchart.
pub(crate) fn drawn(graph: &Topology) -> String {
    let mut lines = vec!["flowchart LR".to_owned()];
    for (index, node) in graph.nodes.iter().enumerate() {
        let (name, cidr) = title(node);
        let label = [Some(name), cidr].into_iter().flatten().map(|text| escaped(&text)).collect::<Vec<_>>();
        let label = label.join("<br>");
        lines.push(match node.kind {
            TopologyKind::Connection => format!("  n{index}([\"{label}\"])"),
            TopologyKind::Vpc => format!("  n{index}[[\"{label}\"]]"),
            TopologyKind::Queue | TopologyKind::ElasticResourcePool | TopologyKind::Subnet => {
                format!("  n{index}[\"{label}\"]")
            }
        });
    }
    let mut colours = Vec::new();
    let index = Index::of(graph);
    for edge in &graph.edges {
        let Some((from, to)) = index.place(&edge.from).zip(index.place(&edge.to)) else { continue };
        let arrow = if edge.kind == TopologyRelation::LivesIn { "-.->" } else { "-->" };
        let label = edge.peer.as_ref().map(standing).map(|(status, _)| format!("|\"{}\"|", escaped(&status)));
        colours.push(Health::of(edge).colour());
        lines.push(format!("  n{from} {arrow}{} n{to}", label.unwrap_or_default()));
    }
    let styles = colours.iter().enumerate();
    lines.extend(styles.map(|(index, colour)| format!("  linkStyle {index} stroke:{colour}")));
    lines.join("\n")
}

/// A text between quotes, where entity codes stand for what the language or HTML reads.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' => escaped.push_str(&format!("#{};", u32::from(char))),
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::samples;

    #[test]
    fn names_stay_within_their_quotes() {
        let text = super::drawn(&samples::graph());
        insta::assert_snapshot!(text);
        assert!(!text.contains("<script"), "{text}");
        assert!(text.lines().all(|line| line.matches('"').count() % 2 == 0), "{text}");
    }
}
