//! A picture that needs no other program: boxes in columns, and lines whose colour says how a peer is doing.

use std::fmt::Write as _;

use linkspan_wire::own::{Topology, TopologyEdge};

use super::layout::{self, BOX_WIDTH, COLUMN, LINE, Placed};
use super::{Health, Index, standing, title};

const MARGIN: usize = 24;
/// The first box is below the heads of the columns.
const TOP: usize = 64;
const HEADS: [&str; 4] = ["Queues and pools", "Connections", "Subnets", "VPCs"];
/// The columns of characters that a box has room for.
const ROOM: usize = 30;

/// The picture. It holds no script and refers to nothing outside.
pub(crate) fn drawn(graph: &Topology) -> String {
    let index = Index::of(graph);
    let boxes = layout::placed(graph, &index);
    let width = MARGIN * 2 + COLUMN * 3 + BOX_WIDTH;
    let bottom = boxes.iter().map(|placed| placed.y + placed.height()).max().unwrap_or_default();
    let height = TOP + bottom + 72;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>Networks of the project</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (column, head) in HEADS.iter().enumerate() {
        text(&mut svg, (left(column), 36), "fill=\"#37474f\" font-size=\"14\" font-weight=\"bold\"", head);
    }
    let mut box_of = vec![None; graph.nodes.len()];
    for (at, placed) in boxes.iter().enumerate() {
        if let Some(slot) = box_of.get_mut(placed.node) {
            *slot = Some(at);
        }
    }
    let find = |id: &str| boxes.get(box_of.get(index.place(id)?).copied().flatten()?);
    for edge in &graph.edges {
        // A queue that lives in a pool is a line of the pool's box.
        if let Some(ends) = find(&edge.from).zip(find(&edge.to)) {
            line(&mut svg, ends, edge);
        }
    }
    for placed in &boxes {
        boxed(&mut svg, placed, graph);
    }
    legend(&mut svg, height - 28);
    svg.push_str("</svg>");
    svg
}

fn left(column: usize) -> usize {
    MARGIN + column * COLUMN
}

fn line(svg: &mut String, (from, to): (&Placed, &Placed), edge: &TopologyEdge) {
    let (x1, y1) = (left(from.column) + BOX_WIDTH, TOP + from.middle());
    let (x2, y2) = (left(to.column), TOP + to.middle());
    let bend = (x1 + x2) / 2;
    let health = Health::of(edge);
    let dashes = dashes(health);
    let _ = write!(
        svg,
        "<path d=\"M {x1} {y1} C {bend} {y1} {bend} {y2} {x2} {y2}\" fill=\"none\" stroke=\"{}\" \
         stroke-width=\"1.8\"{dashes}>",
        health.colour()
    );
    if let Some(peer) = &edge.peer {
        let (status, why) = standing(peer);
        let why = if why.is_empty() { why } else { format!(": {why}") };
        let _ = write!(svg, "<title>{}</title>", escaped(&format!("{status}{why}")));
    }
    svg.push_str("</path>\n");
}

fn boxed(svg: &mut String, placed: &Placed, graph: &Topology) {
    let (x, y) = (left(placed.column), TOP + placed.y);
    let fill = ["#e3f2fd", "#fff8e1", "#e8f5e9", "#f3e5f5"].get(placed.column).unwrap_or(&"#ffffff");
    svg.push_str("<g>");
    if let Some(node) = graph.nodes.get(placed.node) {
        let (name, cidr) = title(node);
        let whole = cidr.map_or(name.clone(), |cidr| format!("{name} ({cidr})"));
        let _ = write!(svg, "<title>{}</title>", escaped(&whole));
    }
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{}\" rx=\"6\" fill=\"{fill}\" stroke=\"#90a4ae\"/>",
        placed.height()
    );
    for (row, words) in placed.lines.iter().enumerate() {
        let style = if row == 0 { "fill=\"#212121\" font-weight=\"bold\"" } else { "fill=\"#546e7a\"" };
        text(svg, (x + 10, y + 18 + row * LINE), style, &shortened(words));
    }
    svg.push_str("</g>\n");
}

fn legend(svg: &mut String, y: usize) {
    let entries = [
        ("ACTIVE", Health::Good),
        ("unreachable", Health::Unreachable),
        ("being made", Health::Pending),
        ("FAILED", Health::Bad),
    ];
    for (place, (word, health)) in entries.into_iter().enumerate() {
        let x = MARGIN + place * 140;
        let dashes = dashes(health);
        let (end, colour) = (x + 30, health.colour());
        let _ = write!(
            svg,
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{end}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>"
        );
        text(svg, (x + 38, y + 4), "fill=\"#546e7a\"", word);
    }
}

/// Colours alone do not tell everybody everything.
fn dashes(health: Health) -> &'static str {
    match health {
        Health::Pending => " stroke-dasharray=\"6 4\"",
        Health::Unreachable => " stroke-dasharray=\"2 4\"",
        Health::Good | Health::Bad | Health::Plain => "",
    }
}

fn text(svg: &mut String, (x, y): (usize, usize), style: &str, words: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" {style}>{}</text>", escaped(words));
}

/// As much as a box has room for; letters of East Asia take two columns.
fn shortened(text: &str) -> String {
    let columns = |char: char| if char >= '\u{1100}' { 2 } else { 1 };
    if text.chars().map(columns).sum::<usize>() <= ROOM {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = text.chars().take_while(|char| {
        used += columns(*char);
        used <= ROOM
    });
    fits.chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_picture_without_scripts_whose_names_stay_text() {
        let svg = drawn(&samples::graph());
        insta::assert_snapshot!(svg);
        assert!(!svg.contains("<script") && !svg.contains("href") && !svg.contains('\u{7}'), "{svg}");
    }

    #[test]
    fn no_box_covers_another() {
        let graph = samples::graph();
        let boxes = layout::placed(&graph, &Index::of(&graph));
        for (at, one) in boxes.iter().enumerate() {
            for other in boxes.iter().skip(at + 1).filter(|other| other.column == one.column) {
                let apart = one.y + one.height() <= other.y || other.y + other.height() <= one.y;
                assert!(apart, "{:?} and {:?}", one.lines, other.lines);
            }
        }
    }

    #[test]
    fn a_long_name_ends_where_its_box_does() {
        assert_eq!(shortened(&"a".repeat(30)), "a".repeat(30));
        assert_eq!(shortened(&"a".repeat(31)), format!("{}…", "a".repeat(29)));
        assert_eq!(shortened(&"网".repeat(20)), format!("{}…", "网".repeat(14)));
    }
}
