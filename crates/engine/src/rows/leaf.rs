use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use linkspan_model::ProjectId;

use super::{LEAF_BYTES, LEAF_ROWS, RowKey};
use crate::state::{ConnectionEntry, RenderRow, RowSource};

/// How rows are rendered: by whom, and for whom.
#[derive(Clone)]
pub(crate) struct Renderer {
    pub render: RenderRow,
    pub viewer: ProjectId,
}

/// Rows side by side, newest first.
pub(crate) struct Leaf {
    entries: Box<[Arc<ConnectionEntry>]>,
    /// Their JSON, from the first read on.
    joined: OnceLock<Joined>,
    /// A hash of each tag of each row beside the row's place: the column that tag filters scan, from the first scan on.
    tags: OnceLock<Box<[(u32, u8)]>>,
}

/// The JSON of a leaf's rows.
struct Joined {
    /// Each row's object, each followed by a comma.
    json: Bytes,
    /// Where each row ends, the comma included.
    ends: Box<[u32]>,
}

/// The hash of a tag in a leaf's column. A hit is verified on the real value.
pub(crate) fn tag_hash(key: &str, value: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    (key, value).hash(&mut hasher);
    hasher.finish() as u32
}

impl Joined {
    fn render<'a>(entries: impl ExactSizeIterator<Item = &'a Arc<ConnectionEntry>>, renderer: &Renderer) -> Self {
        let mut json = Vec::with_capacity(entries.len() * 512);
        let mut ends = Vec::with_capacity(entries.len());
        for entry in entries {
            (renderer.render)(&RowSource { entry, viewer: &renderer.viewer }, &mut json);
            json.push(b',');
            ends.push(u32::try_from(json.len()).unwrap_or(u32::MAX));
        }
        json.shrink_to_fit();
        Self { json: json.into(), ends: ends.into() }
    }

    /// Where the JSON of the rows in `places` lies, commas included.
    fn span(&self, places: &Range<usize>) -> Range<usize> {
        let end_of = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = places.start.checked_sub(1).map_or(0, end_of);
        let end = places.end.checked_sub(1).map_or(0, end_of);
        start..end.max(start)
    }

    /// This JSON with the rows in `places` replaced by others.
    fn spliced(&self, places: &Range<usize>, with: &Self) -> Self {
        let cut = self.span(places);
        let mut json = Vec::with_capacity(self.json.len() - cut.len() + with.json.len());
        json.extend_from_slice(self.json.get(..cut.start).unwrap_or_default());
        json.extend_from_slice(&with.json);
        json.extend_from_slice(self.json.get(cut.end..).unwrap_or_default());
        let moved = |end: &u32, by: usize, back: usize| u32::try_from(*end as usize + by - back).unwrap_or(u32::MAX);
        let before = self.ends.iter().take(places.start).copied();
        let between = with.ends.iter().map(|end| moved(end, cut.start, 0));
        let after = self.ends.iter().skip(places.end).map(|end| moved(end, with.json.len(), cut.len()));
        Self { ends: before.chain(between).chain(after).collect(), json: json.into() }
    }
}

impl Leaf {
    pub(crate) fn new(entries: impl Into<Box<[Arc<ConnectionEntry>]>>) -> Self {
        Self { entries: entries.into(), joined: OnceLock::new(), tags: OnceLock::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entry(&self, place: usize) -> Option<&Arc<ConnectionEntry>> {
        self.entries.get(place)
    }

    pub(crate) fn key(&self, place: usize) -> Option<RowKey> {
        self.entries.get(place).map(|entry| entry.row_key())
    }

    /// The key of its first row. A leaf is never empty.
    pub(crate) fn newest(&self) -> RowKey {
        self.key(0).unwrap_or(RowKey::LEAST)
    }

    /// The place of the first row whose key is not above `key`.
    pub(crate) fn place_of(&self, key: RowKey) -> usize {
        self.entries.partition_point(|entry| entry.row_key() > key)
    }

    fn weight(&self) -> usize {
        self.entries.iter().map(|entry| entry.row_weight()).sum()
    }

    fn joined(&self, renderer: &Renderer) -> &Joined {
        self.joined.get_or_init(|| Joined::render(self.entries.iter(), renderer))
    }

    /// The JSON of the rows in `places`, each followed by a comma; shared, not copied. The first reader of a leaf
    /// renders it for all.
    pub(crate) fn slice(&self, places: &Range<usize>, renderer: &Renderer) -> Bytes {
        let joined = self.joined(renderer);
        joined.json.slice(joined.span(places))
    }

    /// As [`Leaf::slice`], but leaves nothing behind in memory if nobody has rendered the leaf yet.
    pub(crate) fn slice_in_passing(&self, places: &Range<usize>, renderer: &Renderer) -> Bytes {
        if self.joined.get().is_some() {
            return self.slice(places, renderer);
        }
        let entries = self.entries.get(places.clone()).unwrap_or_default();
        Joined::render(entries.iter(), renderer).json
    }

    /// The JSON object of one row.
    pub(crate) fn row_json(&self, place: usize, renderer: &Renderer) -> Bytes {
        let mut row = self.slice_in_passing(&(place..place + 1), renderer);
        row.truncate(row.len().saturating_sub(1));
        row
    }

    /// The places of the rows that bear every one of the tags, in order.
    pub(crate) fn matching<'a>(&'a self, tags: &'a [WantedTag]) -> impl Iterator<Item = usize> + 'a {
        // The column is looked through for every tag before a row is looked at: most leaves lack one of them.
        let column = self.tag_column();
        let rarest = tags
            .iter()
            .map(|tag| (column.iter().filter(|(hash, _)| *hash == tag.hash).count(), tag.hash))
            .min_by_key(|(rows, _)| *rows);
        let mut last = usize::MAX;
        column.iter().filter(move |(hash, _)| rarest.is_some_and(|(_, rarest)| *hash == rarest)).filter_map(
            move |(_, place)| {
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
            },
        )
    }

    fn tag_column(&self) -> &[(u32, u8)] {
        self.tags.get_or_init(|| {
            let of_row = |(place, entry): (usize, &Arc<ConnectionEntry>)| {
                let tags: Vec<_> = entry.connection.tags.as_slice().iter().collect();
                // A leaf has at most 128 rows, so the place fits.
                tags.into_iter()
                    .map(move |tag| (tag_hash(tag.key.as_str(), tag.value.as_str()), place as u8))
                    .collect::<Vec<_>>()
            };
            self.entries.iter().enumerate().flat_map(of_row).collect()
        })
    }

    /// Whether an entry that is newer than all of this leaf should start a leaf of its own, so that leaves filled in
    /// order stay full.
    pub(crate) fn is_full_before(&self, entry: &ConnectionEntry) -> bool {
        entry.row_key() > self.newest() && (self.len() >= LEAF_ROWS || self.weight() + entry.row_weight() > LEAF_BYTES)
    }

    /// This leaf with the entry put at its place, in one or more leaves. A leaf that was rendered stays so.
    pub(crate) fn with(&self, entry: Arc<ConnectionEntry>, renderer: &Renderer) -> Vec<Self> {
        let place = self.place_of(entry.row_key());
        let replaces = self.key(place) == Some(entry.row_key());
        let places = place..place + usize::from(replaces);
        let mut entries = self.entries.to_vec();
        let joined = self.joined.get().map(|old| old.spliced(&places, &Joined::render([&entry].into_iter(), renderer)));
        entries.splice(places, [entry]);
        if entries.len() > LEAF_ROWS || (entries.len() > 1 && weight(&entries) > LEAF_BYTES) {
            return split(&entries);
        }
        vec![Self { joined: joined.map(OnceLock::from).unwrap_or_default(), ..Self::new(entries) }]
    }

    /// This leaf without the row, or nothing if that was its last.
    pub(crate) fn without(&self, place: usize) -> Option<Self> {
        let mut entries = self.entries.to_vec();
        if place < entries.len() {
            entries.remove(place);
        }
        let nothing = Joined { json: Bytes::new(), ends: Box::default() };
        let joined = self.joined.get().map(|old| old.spliced(&(place..place + 1), &nothing));
        (!entries.is_empty())
            .then(|| Self { joined: joined.map(OnceLock::from).unwrap_or_default(), ..Self::new(entries) })
    }

    /// The two as one leaf, if together they are small.
    pub(crate) fn merged(&self, older: &Self) -> Option<Self> {
        let small = self.len() + older.len() <= LEAF_ROWS / 2 && self.weight() + older.weight() <= LEAF_BYTES;
        small.then(|| Self::new([&*self.entries, &*older.entries].concat()))
    }
}

fn weight(entries: &[Arc<ConnectionEntry>]) -> usize {
    entries.iter().map(|entry| entry.row_weight()).sum()
}

/// Leaves for the entries, newest first: one if it holds them, else halves.
fn split(entries: &[Arc<ConnectionEntry>]) -> Vec<Leaf> {
    if entries.len() == 1 || (entries.len() <= LEAF_ROWS && weight(entries) <= LEAF_BYTES) {
        return vec![Leaf::new(entries)];
    }
    let (newer, older) = entries.split_at(entries.len() / 2);
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
