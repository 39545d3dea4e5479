use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use linkspan_model::ConnectionName;

use super::leaf::{Renderer, WantedTag};
use super::list::Run;
use super::{Leaf, RowKey, tag_hash};
use crate::state::{Lists, State};

/// Which way a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    Desc,
    /// Oldest first.
    Asc,
}

/// What a caller asks of a project's list of connections (dli_02_0190).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// Only those that exist (`Some(true)`), only deleted ones (`Some(false)`), or both.
    pub active: Option<bool>,
    /// Exactly this name.
    pub name: Option<String>,
    /// Every one of these tags.
    pub tags: Vec<(String, String)>,
    /// Rows to pass over.
    pub offset: u64,
    /// Most rows to answer; none = all.
    pub limit: Option<u64>,
    /// Which way.
    pub order: Order,
}

/// One page of a list at one instant: rows as shared bytes, and what they count.
pub struct Page {
    runs: Vec<Run>,
    order: Order,
    renderer: Renderer,
    /// Rows in this page.
    pub count: usize,
    /// Rows that match the query, whatever its limit and offset.
    pub total: usize,
    /// Bytes of the rows with a comma between each two; none for a page so long that it is rendered as it is sent.
    pub bytes: Option<usize>,
}

/// A page of more rows is rendered as it is sent, and leaves nothing behind in memory.
const RENDERED_AT_ONCE: usize = 4096;
/// Runs shorter than this are copied together: more slices cost more than the copy.
const COPY_BELOW_BYTES: usize = 8 * 1024;
/// What is copied together is handed on at this size.
const PIECE_BYTES: usize = 64 * 1024;

impl Page {
    fn new(runs: Vec<Run>, order: Order, (total, renderer): (usize, Renderer)) -> Self {
        let count = runs.iter().map(|run| run.places.len()).sum();
        let bytes = (count <= RENDERED_AT_ONCE).then(|| {
            let bytes: usize = runs.iter().map(|run| run.leaf.slice(&run.places, &renderer).len()).sum();
            bytes.saturating_sub(1)
        });
        Self { runs, order, renderer, count, total, bytes }
    }

    /// The rows' JSON objects with a comma between each two, in pieces; made as they are taken, so a long page never
    /// lies in memory as a whole.
    pub fn into_pieces(self) -> impl Iterator<Item = Bytes> + Send + 'static {
        let (order, renderer) = (self.order, self.renderer);
        let keep = self.bytes.is_some();
        let mut runs = self.runs.into_iter().map(move |run| run.bytes(order, &renderer, keep)).peekable();
        std::iter::from_fn(move || {
            let mut piece = next_piece(&mut runs)?;
            if runs.peek().is_none() {
                // The last row's comma is not part of the page.
                piece.truncate(piece.len().saturating_sub(1));
            }
            Some(piece)
        })
    }
}

fn next_piece(runs: &mut std::iter::Peekable<impl Iterator<Item = Bytes>>) -> Option<Bytes> {
    let first = runs.next()?;
    let is_short = |run: &Bytes| run.len() < COPY_BELOW_BYTES;
    if !is_short(&first) || !runs.peek().is_some_and(is_short) {
        return Some(first);
    }
    let mut copied = BytesMut::from(first.as_ref());
    while copied.len() < PIECE_BYTES {
        let Some(run) = runs.next_if(is_short) else { break };
        copied.extend_from_slice(&run);
    }
    Some(copied.freeze())
}

impl Run {
    fn bytes(&self, order: Order, renderer: &Renderer, keep: bool) -> Bytes {
        let slice = |places: &std::ops::Range<usize>| {
            if keep { self.leaf.slice(places, renderer) } else { self.leaf.slice_in_passing(places, renderer) }
        };
        match order {
            Order::Desc => slice(&self.places),
            Order::Asc => {
                let mut bytes = BytesMut::new();
                for place in self.places.clone().rev() {
                    bytes.extend_from_slice(&slice(&(place..place + 1)));
                }
                bytes.freeze()
            }
        }
    }
}

/// Answers a query from a project's lists.
pub(crate) fn select(state: &State, lists: &Lists, renderer: Renderer, query: &PageQuery) -> Page {
    let tags: Vec<WantedTag> = query
        .tags
        .iter()
        .map(|(key, value)| WantedTag { hash: tag_hash(key, value), key: key.clone(), value: value.clone() })
        .collect();
    if let Some(name) = &query.name {
        return paged(named(state, lists, query.active, (name, &tags)), renderer, query);
    }
    let list = lists.of_status(query.active);
    if !tags.is_empty() {
        let mut found = Vec::new();
        for leaf in list.leaves() {
            push_matches(leaf, &tags, &mut found);
        }
        return paged(found, renderer, query);
    }
    let (skip, take) = window(query, list.len());
    in_order(list.runs(skip..skip + take), query.order, (list.len(), renderer))
}

/// Rows to pass over and to take, counted newest first, of `total`.
fn window(query: &PageQuery, total: usize) -> (usize, usize) {
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX).min(total);
    let limit = query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let take = limit.min(total - offset);
    match query.order {
        Order::Desc => (offset, take),
        Order::Asc => (total - offset - take, take),
    }
}

fn in_order(mut runs: Vec<Run>, order: Order, rest: (usize, Renderer)) -> Page {
    if order == Order::Asc {
        runs.reverse();
    }
    Page::new(runs, order, rest)
}

/// The window of runs that a filter found, newest first.
fn paged(found: Vec<Run>, renderer: Renderer, query: &PageQuery) -> Page {
    let total = found.iter().map(|run| run.places.len()).sum();
    let (mut skip, mut take) = window(query, total);
    let mut runs = Vec::new();
    for run in found {
        let skipped = skip.min(run.places.len());
        skip -= skipped;
        let start = run.places.start + skipped;
        let end = run.places.end.min(start.saturating_add(take));
        take -= end - start;
        if start < end {
            runs.push(Run { leaf: run.leaf, places: start..end });
        }
    }
    in_order(runs, query.order, (total, renderer))
}

fn named(state: &State, lists: &Lists, active: Option<bool>, (name, tags): (&str, &[WantedTag])) -> Vec<Run> {
    // A value that no connection can have finds nothing.
    let Ok(name) = name.parse::<ConnectionName>() else { return Vec::new() };
    let mut found: Vec<(RowKey, Run)> = Vec::new();
    for entry in lists.named(state, &name) {
        let connection = &entry.connection;
        let is_active = connection.status.is_active();
        let matches = active.is_none_or(|active| active == is_active)
            && tags.iter().all(|tag| connection.tags.has(&tag.key, &tag.value));
        let place = lists.of_status(Some(is_active)).find(entry.row_key());
        if let Some((leaf, place)) = place.filter(|_| matches) {
            found.push((entry.row_key(), Run { leaf: Arc::clone(leaf), places: place..place + 1 }));
        }
    }
    found.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
    found.into_iter().map(|(_, run)| run).collect()
}

fn push_matches(leaf: &Arc<Leaf>, tags: &[WantedTag], runs: &mut Vec<Run>) {
    for place in leaf.matching(tags) {
        match runs.last_mut() {
            Some(run) if run.places.end == place && Arc::ptr_eq(&run.leaf, leaf) => run.places.end = place + 1,
            _ => runs.push(Run { leaf: Arc::clone(leaf), places: place..place + 1 }),
        }
    }
}
