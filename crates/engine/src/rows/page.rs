use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use linkspan_model::{ConnectionName, Stamp};

use super::leaf::WantedTag;
use super::list::Run;
use super::{RowList, tag_hash};
use crate::state::Rows;

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
    /// Rows in this page.
    pub count: usize,
    /// Rows that match the query, whatever its limit and offset.
    pub total: usize,
    /// Bytes of the rows with a comma between each two.
    pub bytes: usize,
}

/// Runs shorter than this are copied together: more slices cost more than the copy.
const COPY_BELOW_BYTES: usize = 8 * 1024;
/// What is copied together is handed on at this size.
const PIECE_BYTES: usize = 64 * 1024;

impl Page {
    fn new(runs: Vec<Run>, order: Order, total: usize) -> Self {
        let count = runs.iter().map(|run| run.places.len()).sum();
        let bytes: usize = runs.iter().map(|run| run.leaf.span(&run.places).len()).sum();
        Self { runs, order, count, total, bytes: bytes.saturating_sub(1) }
    }

    /// The rows' JSON objects with a comma between each two, in pieces; made as they are taken, so a long page never
    /// lies in memory as a whole.
    pub fn into_pieces(self) -> impl Iterator<Item = Bytes> + Send + 'static {
        let (order, mut left) = (self.order, self.bytes);
        let mut runs = self.runs.into_iter().peekable();
        std::iter::from_fn(move || {
            let mut piece = next_piece(&mut runs, order)?;
            // The last row's comma is not part of the page.
            piece.truncate(left);
            left -= piece.len();
            Some(piece)
        })
    }
}

fn next_piece(runs: &mut std::iter::Peekable<std::vec::IntoIter<Run>>, order: Order) -> Option<Bytes> {
    let run = runs.next()?;
    let first = run_bytes(&run, order);
    let is_long = |bytes: usize| bytes >= COPY_BELOW_BYTES;
    if is_long(first.len()) {
        return Some(first);
    }
    let mut copied = BytesMut::from(first.as_ref());
    while copied.len() < PIECE_BYTES {
        let Some(run) = runs.next_if(|run| !is_long(run.leaf.span(&run.places).len())) else { break };
        copied.extend_from_slice(&run_bytes(&run, order));
    }
    Some(copied.freeze())
}

fn run_bytes(run: &Run, order: Order) -> Bytes {
    match order {
        Order::Desc => run.leaf.slice(&run.places),
        Order::Asc => {
            let mut bytes = BytesMut::with_capacity(run.leaf.span(&run.places).len());
            for place in run.places.clone().rev() {
                bytes.extend_from_slice(&run.leaf.slice(&(place..place + 1)));
            }
            bytes.freeze()
        }
    }
}

/// Answers a query from the rows that exist and the rows that are deleted.
pub(crate) fn select(live: &Rows, deleted: &Rows, query: &PageQuery) -> Page {
    let lists: &[&Rows] = match query.active {
        Some(true) => &[live],
        Some(false) => &[deleted],
        None => &[live, deleted],
    };
    let tags: Vec<WantedTag> = query
        .tags
        .iter()
        .map(|(key, value)| WantedTag { hash: tag_hash(key, value), key: key.clone(), value: value.clone() })
        .collect();
    if let Some(name) = &query.name {
        return paged(named(lists, name, &tags), query);
    }
    if !tags.is_empty() {
        return paged(tagged(lists, &tags), query);
    }
    let total = lists.iter().map(|rows| rows.list.len()).sum();
    let (skip, take) = window(query, total);
    let mut runs = Vec::new();
    match lists {
        [one] => one.list.runs(skip..skip + take, &mut runs),
        _ => merged(&live.list, &deleted.list, (skip, take), &mut runs),
    }
    in_order(runs, query.order, total)
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

fn in_order(mut runs: Vec<Run>, order: Order, total: usize) -> Page {
    if order == Order::Asc {
        runs.reverse();
    }
    Page::new(runs, order, total)
}

/// The window of runs that a filter found, newest first.
fn paged(found: Vec<Run>, query: &PageQuery) -> Page {
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
    in_order(runs, query.order, total)
}

fn named(lists: &[&Rows], name: &str, tags: &[WantedTag]) -> Vec<Run> {
    // A value that no connection can have finds nothing.
    let Ok(name) = name.parse::<ConnectionName>() else { return Vec::new() };
    let mut found: Vec<(Stamp, Run)> = Vec::new();
    for rows in lists {
        for (stamp, _) in rows.named(&name) {
            let Some((leaf, place)) = rows.list.find(stamp) else { continue };
            let bears_all = leaf
                .entry(place)
                .is_some_and(|entry| tags.iter().all(|tag| entry.connection.tags.has(&tag.key, &tag.value)));
            if bears_all {
                found.push((stamp, Run { leaf: Arc::clone(leaf), places: place..place + 1 }));
            }
        }
    }
    found.sort_by_key(|(stamp, _)| std::cmp::Reverse(*stamp));
    found.into_iter().map(|(_, run)| run).collect()
}

fn tagged(lists: &[&Rows], tags: &[WantedTag]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for rows in lists {
        for leaf in rows.list.leaves() {
            push_matches(leaf, tags, &mut runs);
        }
    }
    if lists.len() > 1 {
        runs = interleaved(runs);
    }
    runs
}

fn push_matches(leaf: &Arc<super::Leaf>, tags: &[WantedTag], runs: &mut Vec<Run>) {
    for place in leaf.matching(tags) {
        match runs.last_mut() {
            Some(run) if run.places.end == place && Arc::ptr_eq(&run.leaf, leaf) => run.places.end = place + 1,
            _ => runs.push(Run { leaf: Arc::clone(leaf), places: place..place + 1 }),
        }
    }
}

/// Single rows of two lists in one order. Only filters over both statuses come here.
fn interleaved(runs: Vec<Run>) -> Vec<Run> {
    let single = |run: &Run| {
        let leaf = Arc::clone(&run.leaf);
        run.places.clone().map(move |place| Run { leaf: Arc::clone(&leaf), places: place..place + 1 })
    };
    let mut rows: Vec<Run> = runs.iter().flat_map(single).collect();
    rows.sort_by_key(|run| std::cmp::Reverse(run.leaf.stamp(run.places.start)));
    rows
}

/// The window of the union of two lists. Finds where it starts by bisection, then merges as far as it reaches.
fn merged(a: &RowList, b: &RowList, (skip, take): (usize, usize), out: &mut Vec<Run>) {
    let from_a = rows_of_first(a, b, skip);
    let to_a = rows_of_first(a, b, skip + take);
    let (mut from_a_runs, mut from_b_runs) = (Vec::new(), Vec::new());
    a.runs(from_a..to_a, &mut from_a_runs);
    b.runs(skip - from_a..skip + take - to_a, &mut from_b_runs);
    let (mut a_runs, mut b_runs) = (from_a_runs.into_iter(), from_b_runs.into_iter());
    let (mut a_run, mut b_run) = (a_runs.next(), b_runs.next());
    loop {
        match (a_run.take(), b_run.take()) {
            (Some(x), Some(y)) => {
                let x_first = x.leaf.stamp(x.places.start) > y.leaf.stamp(y.places.start);
                let (newer, older) = if x_first { (x, y) } else { (y, x) };
                let (head, rest) = cut(newer, &older);
                out.push(head);
                let (same, other) = (rest.or_else(|| if x_first { a_runs.next() } else { b_runs.next() }), Some(older));
                (a_run, b_run) = if x_first { (same, other) } else { (other, same) };
            }
            (Some(x), None) => {
                out.push(x);
                out.extend(a_runs.by_ref());
                return;
            }
            (None, Some(y)) => {
                out.push(y);
                out.extend(b_runs.by_ref());
                return;
            }
            (None, None) => return,
        }
    }
}

/// The part of `newer` that comes before all of `older`, and what is left of it.
fn cut(newer: Run, older: &Run) -> (Run, Option<Run>) {
    let Some(stamp) = older.leaf.stamp(older.places.start) else { return (newer, None) };
    let place = newer.leaf.place_of(stamp).clamp(newer.places.start + 1, newer.places.end);
    let rest =
        (place < newer.places.end).then(|| Run { leaf: Arc::clone(&newer.leaf), places: place..newer.places.end });
    (Run { leaf: newer.leaf, places: newer.places.start..place }, rest)
}

/// How many of the first `k` rows of the union come from `a`.
fn rows_of_first(a: &RowList, b: &RowList, k: usize) -> usize {
    let (mut low, mut high) = (k.saturating_sub(b.len()), k.min(a.len()));
    while low < high {
        let middle = low + (high - low) / 2;
        // Is the row of `a` at `middle` among the first k? It is if it is newer than the row of `b` that would be pushed out.
        let newer = match b.stamp_at(k - middle - 1) {
            Some(pushed_out) => a.stamp_at(middle) > Some(pushed_out),
            None => true,
        };
        if newer {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
