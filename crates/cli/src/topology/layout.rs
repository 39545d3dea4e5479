//! Where boxes stand: four columns, from what asks on the left to the VPCs on the right.
//!
//! The tallest column is stacked without gaps in an order that follows its neighbours; every other column puts each box
//! as near as it can to the middle of what it hangs on, so that lines are short and few cross.

use linkspan_wire::own::{Topology, TopologyKind, TopologyNode, TopologyRelation};

use super::{Index, kind};
use crate::output::printable;

pub(super) const BOX_WIDTH: usize = 230;
pub(super) const COLUMN: usize = BOX_WIDTH + 130;
pub(super) const LINE: usize = 16;
const PADDING: usize = 12;
const GAP: usize = 16;
const COLUMNS: usize = 4;

/// A box with its lines of text.
pub(super) struct Placed {
    /// The node that it stands for, by its place in the graph.
    pub(super) node: usize,
    pub(super) column: usize,
    pub(super) lines: Vec<String>,
    pub(super) y: usize,
    /// Boxes of the neighbouring columns that a line leads to.
    near: Vec<usize>,
}

impl Placed {
    pub(super) fn height(&self) -> usize {
        self.lines.len() * LINE + PADDING
    }

    pub(super) fn middle(&self) -> usize {
        self.y + self.height() / 2
    }
}

/// Places every box; `y` counts from the top of the boxes.
pub(super) fn placed(graph: &Topology, index: &Index<'_>) -> Vec<Placed> {
    let mut boxes: Vec<Placed> = Vec::new();
    let mut box_of = vec![None; graph.nodes.len()];
    for (place, node) in graph.nodes.iter().enumerate() {
        let lives_in_pool = index.leaving(&node.id).iter().any(|edge| edge.kind == TopologyRelation::LivesIn);
        if lives_in_pool {
            // It is a line of its pool's box.
            continue;
        }
        if let Some(at) = box_of.get_mut(place) {
            *at = Some(boxes.len());
        }
        boxes.push(Placed {
            node: place,
            column: column(node.kind),
            lines: lines(node, index),
            y: 0,
            near: Vec::new(),
        });
    }
    for edge in &graph.edges {
        let find = |id: &str| box_of.get(index.place(id)?).copied().flatten();
        let Some((from, to)) = find(&edge.from).zip(find(&edge.to)) else { continue };
        for (one, other) in [(from, to), (to, from)] {
            if let Some(one) = boxes.get_mut(one) {
                one.near.push(other);
            }
        }
    }
    arrange(&mut boxes);
    boxes
}

fn column(kind: TopologyKind) -> usize {
    match kind {
        TopologyKind::Queue | TopologyKind::ElasticResourcePool => 0,
        TopologyKind::Connection => 1,
        TopologyKind::Subnet => 2,
        TopologyKind::Vpc => 3,
    }
}

fn lines(node: &TopologyNode, index: &Index<'_>) -> Vec<String> {
    const NAMED: usize = 3;
    let mut lines = vec![printable(&node.name)];
    let cidr = node.cidr.map(|cidr| format!(" {cidr}")).unwrap_or_default();
    lines.push(format!("{}{cidr}", kind(node.kind)));
    let queues: Vec<&TopologyNode> = index.towards(&node.id, TopologyRelation::LivesIn).collect();
    lines.extend(queues.iter().take(NAMED).map(|queue| format!("· queue {}", printable(&queue.name))));
    if queues.len() > NAMED {
        lines.push(format!("· and {} more queues", queues.len() - NAMED));
    }
    lines
}

fn arrange(boxes: &mut [Placed]) {
    let mut columns = ordered(boxes);
    let tall = |column: &Vec<usize>| {
        column.iter().filter_map(|at| boxes.get(*at)).map(|placed| placed.height() + GAP).sum::<usize>()
    };
    let tallest = (0..COLUMNS).max_by_key(|at| columns.get(*at).map_or(0, tall)).unwrap_or_default();
    for at in (tallest..COLUMNS).chain((0..tallest).rev()) {
        let Some(column) = columns.get_mut(at) else { continue };
        let beside = match at.cmp(&tallest) {
            std::cmp::Ordering::Less => Some(at + 1),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(at - 1),
        };
        stack(boxes, column, beside);
    }
}

/// The boxes of each column, so that those that hang on the same stand together.
fn ordered(boxes: &[Placed]) -> Vec<Vec<usize>> {
    let mut rank = vec![usize::MAX; boxes.len()];
    let mut columns = vec![Vec::new(); COLUMNS];
    for at in (0..COLUMNS).rev() {
        let of_column = boxes.iter().enumerate().filter(|(_, placed)| placed.column == at).map(|(at, _)| at);
        let mut column: Vec<usize> = of_column.collect();
        column.sort_by_key(|own| {
            let near = boxes.get(*own).map(|placed| placed.near.as_slice()).unwrap_or_default();
            let hangs_on = near.iter().filter(|other| boxes.get(**other).is_some_and(|other| other.column > at));
            (hangs_on.filter_map(|other| rank.get(*other)).min().copied().unwrap_or(usize::MAX), *own)
        });
        for (place, own) in column.iter().enumerate() {
            if let Some(rank) = rank.get_mut(*own) {
                *rank = place;
            }
        }
        if let Some(slot) = columns.get_mut(at) {
            *slot = column;
        }
    }
    columns
}

/// Stacks a column from the top, each box as near as it can to the middle of its neighbours in a column that stands.
fn stack(boxes: &mut [Placed], column: &mut [usize], beside: Option<usize>) {
    let wished = |boxes: &[Placed], own: usize| {
        let near = &boxes.get(own)?.near;
        let middles: Vec<usize> = near
            .iter()
            .filter_map(|other| boxes.get(*other))
            .filter(|other| Some(other.column) == beside)
            .map(Placed::middle)
            .collect();
        middles.iter().sum::<usize>().checked_div(middles.len())
    };
    if beside.is_some() {
        // What hangs on nothing comes last.
        column.sort_by_key(|own| wished(boxes, *own).unwrap_or(usize::MAX));
    }
    let mut free = 0;
    for own in column.iter() {
        let middle = wished(boxes, *own);
        let Some(placed) = boxes.get_mut(*own) else { continue };
        placed.y = middle.map_or(free, |middle| free.max(middle.saturating_sub(placed.height() / 2)));
        free = placed.y + placed.height() + GAP;
    }
}
