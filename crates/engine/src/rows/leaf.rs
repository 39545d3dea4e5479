use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use linkspan_model::Stamp;

use super::{LEAF_BYTES, LEAF_ROWS};
use crate::state::ConnectionEntry;

/// One row before it is joined with its neighbours.
#[derive(Clone)]
pub(crate) struct Row {
    /// Its JSON object.
    pub json: Bytes,
    /// What it was rendered from.
    pub entry: Arc<ConnectionEntry>,
}

impl Row {
    pub(crate) fn stamp(&self) -> Stamp {
        self.entry.connection.created
    }
}

/// Rows side by side, newest first.
pub(crate) struct Leaf {
    /// Every row's JSON, each followed by a comma.
    json: Bytes,
    /// Where each row's JSON ends, the comma included.
    ends: Box<[u32]>,
    /// What each row was rendered from.
    entries: Box<[Arc<ConnectionEntry>]>,
    /// A hash of each tag of each row beside the row's place: the column that tag filters scan.
    tags: Box<[(u32, u8)]>,
}

/// The hash of a tag in a leaf's column. A hit is verified on the real value.
pub(crate) fn tag_hash(key: &str, value: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    (key, value).hash(&mut hasher);
    hasher.finish() as u32
}

impl Leaf {
    pub(crate) fn new(rows: &[Row]) -> Self {
        let mut json = Vec::with_capacity(rows.iter().map(|row| row.json.len() + 1).sum());
        let mut ends = Vec::with_capacity(rows.len());
        for row in rows {
            json.extend_from_slice(&row.json);
            json.push(b',');
            ends.push(u32::try_from(json.len()).unwrap_or(u32::MAX));
        }
        Self::joined(json.into(), ends.into(), rows.iter().map(|row| Arc::clone(&row.entry)).collect())
    }

    fn joined(json: Bytes, ends: Box<[u32]>, entries: Box<[Arc<ConnectionEntry>]>) -> Self {
        let mut tags = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            for tag in entry.connection.tags.as_slice() {
                // A leaf has at most 128 rows, so the place fits.
                tags.push((tag_hash(tag.key.as_str(), tag.value.as_str()), place as u8));
            }
        }
        Self { json, ends, entries, tags: tags.into() }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The bytes of all rows with their commas.
    pub(crate) fn bytes(&self) -> usize {
        self.json.len()
    }

    pub(crate) fn entry(&self, place: usize) -> Option<&Arc<ConnectionEntry>> {
        self.entries.get(place)
    }

    pub(crate) fn stamp(&self, place: usize) -> Option<Stamp> {
        self.entries.get(place).map(|entry| entry.connection.created)
    }

    /// The newest stamp. A leaf is never empty.
    pub(crate) fn newest(&self) -> Stamp {
        self.stamp(0).unwrap_or_default()
    }

    /// The place of the first row that is not newer than `stamp`.
    pub(crate) fn place_of(&self, stamp: Stamp) -> usize {
        self.entries.partition_point(|entry| entry.connection.created > stamp)
    }

    /// Where the JSON of the rows in `places` lies, commas included.
    pub(crate) fn span(&self, places: &Range<usize>) -> Range<usize> {
        let end_of = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = places.start.checked_sub(1).map_or(0, end_of);
        let end = places.end.checked_sub(1).map_or(0, end_of);
        start..end.max(start)
    }

    /// The JSON of the rows in `places`, each followed by a comma; shared, not copied.
    pub(crate) fn slice(&self, places: &Range<usize>) -> Bytes {
        self.json.slice(self.span(places))
    }

    /// The JSON object of one row.
    pub(crate) fn row_json(&self, place: usize) -> Bytes {
        let span = self.span(&(place..place + 1));
        self.json.slice(span.start..span.end.saturating_sub(1).max(span.start))
    }

    /// The places of the rows that bear every one of the tags, in order.
    pub(crate) fn matching<'a>(&'a self, tags: &'a [WantedTag]) -> impl Iterator<Item = usize> + 'a {
        let first = tags.first().map(|tag| tag.hash);
        let mut last = usize::MAX;
        self.tags.iter().filter(move |(hash, _)| Some(*hash) == first).filter_map(move |(_, place)| {
            let place = usize::from(*place);
            // One row may hold two tags of one hash.
            if place == last {
                return None;
            }
            let bears_all = self
                .entry(place)
                .is_some_and(|entry| tags.iter().all(|tag| entry.connection.tags.has(&tag.key, &tag.value)));
            if bears_all {
                last = place;
            }
            bears_all.then_some(place)
        })
    }

    fn rows(&self) -> Vec<Row> {
        let row = |(place, entry)| Row { json: self.row_json(place), entry: Arc::clone(entry) };
        self.entries.iter().enumerate().map(row).collect()
    }

    /// Whether a row that is newer than all of this leaf should start a leaf of its own, so that leaves filled in
    /// order stay full.
    pub(crate) fn is_full_before(&self, row: &Row) -> bool {
        row.stamp() > self.newest() && (self.len() >= LEAF_ROWS || self.bytes() + row.json.len() > LEAF_BYTES)
    }

    /// This leaf with the row put at its place, in one or more leaves.
    pub(crate) fn with(&self, row: Row) -> Vec<Self> {
        let place = self.place_of(row.stamp());
        let replaces = self.stamp(place) == Some(row.stamp());
        let mut rows = self.rows();
        let end = place + usize::from(replaces);
        rows.splice(place..end, [row]);
        split(&rows)
    }

    /// This leaf without the row, or nothing if that was its last.
    pub(crate) fn without(&self, place: usize) -> Option<Self> {
        let mut rows = self.rows();
        if place < rows.len() {
            rows.remove(place);
        }
        if rows.is_empty() { None } else { Some(Self::new(&rows)) }
    }

    /// The two as one leaf, if together they are small.
    pub(crate) fn merged(&self, older: &Self) -> Option<Self> {
        let small = self.len() + older.len() <= LEAF_ROWS / 2 && self.bytes() + older.bytes() <= LEAF_BYTES;
        small.then(|| {
            let mut rows = self.rows();
            rows.extend(older.rows());
            Self::new(&rows)
        })
    }
}

/// Leaves for the rows, newest first: one if it holds them, else halves.
fn split(rows: &[Row]) -> Vec<Leaf> {
    let bytes: usize = rows.iter().map(|row| row.json.len() + 1).sum();
    if rows.len() == 1 || (rows.len() <= LEAF_ROWS && bytes <= LEAF_BYTES) {
        return vec![Leaf::new(rows)];
    }
    let (newer, older) = rows.split_at(rows.len() / 2);
    let mut leaves = split(newer);
    leaves.extend(split(older));
    leaves
}

/// A tag that a filter asks for.
#[derive(Debug, Clone)]
pub(crate) struct WantedTag {
    pub hash: u32,
    pub key: String,
    pub value: String,
}
