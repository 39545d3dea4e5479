use std::ops::Range;
use std::sync::Arc;

use super::leaf::Renderer;
use super::{CHUNK_LEAVES, LEAF_BYTES, LEAF_ROWS, Leaf, RowKey};
use crate::state::ConnectionEntry;

/// A run of neighbouring rows within one leaf.
#[derive(Clone)]
pub(crate) struct Run {
    pub leaf: Arc<Leaf>,
    pub places: Range<usize>,
}

#[derive(Clone, Default)]
struct Chunk {
    leaves: Vec<Arc<Leaf>>,
    rows: usize,
}

impl Chunk {
    fn new(leaves: Vec<Arc<Leaf>>) -> Self {
        let rows = leaves.iter().map(|leaf| leaf.len()).sum();
        Self { leaves, rows }
    }

    fn newest(&self) -> RowKey {
        self.leaves.first().map_or(RowKey::LEAST, |leaf| leaf.newest())
    }
}

/// Rows newest first. Cloning copies the spine only: one pointer for every 8 192 rows.
#[derive(Clone, Default)]
pub(crate) struct RowList {
    chunks: Vec<Arc<Chunk>>,
    rows: usize,
}

impl RowList {
    /// A list of entries that come newest first.
    pub(crate) fn from_newest_first(entries: &[Arc<ConnectionEntry>]) -> Self {
        let mut leaves = Vec::new();
        let (mut start, mut weight) = (0, 0);
        for (at, entry) in entries.iter().enumerate() {
            let full = at - start == LEAF_ROWS || weight + entry.row_weight() > LEAF_BYTES;
            if at > start && full {
                leaves.push(Arc::new(Leaf::new(entries.get(start..at).unwrap_or_default())));
                (start, weight) = (at, 0);
            }
            weight += entry.row_weight();
        }
        if start < entries.len() {
            leaves.push(Arc::new(Leaf::new(entries.get(start..).unwrap_or_default())));
        }
        let chunks = leaves.chunks(CHUNK_LEAVES).map(|leaves| Arc::new(Chunk::new(leaves.to_vec()))).collect();
        Self { chunks, rows: entries.len() }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Every leaf, newest first.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Arc<Leaf>> {
        self.chunks.iter().flat_map(|chunk| &chunk.leaves)
    }

    /// Every entry, newest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Arc<ConnectionEntry>> {
        self.leaves().flat_map(|leaf| (0..leaf.len()).filter_map(|place| leaf.entry(place)))
    }

    /// The leaves of each chunk, and how many rows it counts.
    #[cfg(test)]
    pub(super) fn shape(&self) -> impl Iterator<Item = (&[Arc<Leaf>], usize)> {
        self.chunks.iter().map(|chunk| (&*chunk.leaves, chunk.rows))
    }

    /// Puts an entry in its place; what it was before is replaced.
    pub(crate) fn put(&mut self, entry: Arc<ConnectionEntry>, renderer: &Renderer) {
        let Some((at_chunk, at_leaf)) = self.leaf_for(entry.row_key()) else {
            self.chunks.push(Arc::new(Chunk::new(vec![Arc::new(Leaf::new([entry]))])));
            self.rows += 1;
            return;
        };
        let Some(chunk) = self.chunks.get_mut(at_chunk) else { return };
        let chunk = Arc::make_mut(chunk);
        let Some(leaf) = chunk.leaves.get(at_leaf) else { return };
        let (replaced, new) = if leaf.is_full_before(&entry) {
            (at_leaf..at_leaf, vec![Leaf::new([entry])])
        } else {
            (at_leaf..at_leaf + 1, leaf.with(entry, renderer))
        };
        let before = if replaced.is_empty() { 0 } else { leaf.len() };
        let grown = new.iter().map(Leaf::len).sum::<usize>() - before;
        chunk.leaves.splice(replaced, new.into_iter().map(Arc::new));
        chunk.rows += grown;
        self.rows += grown;
        self.divide_chunk(at_chunk);
    }

    /// Takes a row out, if it is there.
    pub(crate) fn remove(&mut self, key: RowKey) {
        let Some((at_chunk, at_leaf)) = self.leaf_for(key) else { return };
        let Some(leaf) = self.chunks.get(at_chunk).and_then(|chunk| chunk.leaves.get(at_leaf)) else { return };
        let place = leaf.place_of(key);
        if leaf.key(place) != Some(key) {
            return;
        }
        let rest = leaf.without(place);
        let Some(chunk) = self.chunks.get_mut(at_chunk) else { return };
        let chunk = Arc::make_mut(chunk);
        chunk.leaves.splice(at_leaf..=at_leaf, rest.map(Arc::new));
        chunk.rows -= 1;
        self.rows -= 1;
        merge_small(chunk, at_leaf);
        if chunk.leaves.is_empty() {
            self.chunks.remove(at_chunk);
        }
    }

    /// The leaf and place of a row.
    pub(crate) fn find(&self, key: RowKey) -> Option<(&Arc<Leaf>, usize)> {
        let (chunk, leaf) = self.leaf_for(key)?;
        let leaf = self.chunks.get(chunk)?.leaves.get(leaf)?;
        let place = leaf.place_of(key);
        (leaf.key(place) == Some(key)).then_some((leaf, place))
    }

    /// The runs that make up the rows in `range`.
    pub(crate) fn runs(&self, range: Range<usize>) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut left = range.end.min(self.rows).saturating_sub(range.start);
        let Some((chunk, leaf, mut place)) = self.locate(range.start) else { return runs };
        let rest = self.chunks.get(chunk..).unwrap_or_default();
        let leaves = rest.iter().flat_map(|chunk| &chunk.leaves).skip(leaf);
        for leaf in leaves {
            if left == 0 {
                break;
            }
            let end = leaf.len().min(place + left);
            left -= end - place;
            runs.push(Run { leaf: Arc::clone(leaf), places: place..end });
            place = 0;
        }
        runs
    }

    /// Chunk, leaf and place of a row by the number of rows before it.
    fn locate(&self, index: usize) -> Option<(usize, usize, usize)> {
        let mut left = index;
        for (at, chunk) in self.chunks.iter().enumerate() {
            if left >= chunk.rows {
                left -= chunk.rows;
                continue;
            }
            for (leaf_at, leaf) in chunk.leaves.iter().enumerate() {
                if left < leaf.len() {
                    return Some((at, leaf_at, left));
                }
                left -= leaf.len();
            }
        }
        None
    }

    /// The leaf where a key is or belongs; none only in an empty list.
    fn leaf_for(&self, key: RowKey) -> Option<(usize, usize)> {
        let at_chunk = self.chunks.partition_point(|chunk| chunk.newest() >= key).saturating_sub(1);
        let chunk = self.chunks.get(at_chunk)?;
        let at_leaf = chunk.leaves.partition_point(|leaf| leaf.newest() >= key).saturating_sub(1);
        chunk.leaves.get(at_leaf).map(|_| (at_chunk, at_leaf))
    }

    fn divide_chunk(&mut self, at: usize) {
        let Some(chunk) = self.chunks.get(at).filter(|chunk| chunk.leaves.len() > CHUNK_LEAVES) else { return };
        // The newest leaf starts a chunk of its own when it came at the very front, so that chunks stay full.
        let cut = if at == 0 { 1 } else { CHUNK_LEAVES / 2 };
        let (newer, older) = chunk.leaves.split_at(cut);
        let halves = [Arc::new(Chunk::new(newer.to_vec())), Arc::new(Chunk::new(older.to_vec()))];
        self.chunks.splice(at..=at, halves);
    }
}

fn merge_small(chunk: &mut Chunk, at: usize) {
    for newer in [at, at.saturating_sub(1)] {
        let Some([first, second]) = chunk.leaves.get(newer..newer + 2) else { continue };
        if let Some(merged) = first.merged(second) {
            chunk.leaves.splice(newer..newer + 2, [Arc::new(merged)]);
            return;
        }
    }
}
