//! The search for an order, along the clock: at each answer, every order of what was asked and not yet placed that
//! explains it. What is alike is kept once, so the search grows with what happens at the same time and not with the
//! length of the history.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Anomaly, Entry, Object};

/// How many calls before an anomaly are told.
const TOLD: usize = 25;

/// More possibilities than any honest history has: a history that needs more is reported rather than searched for ever.
const MOST: usize = 200_000;

/// One way in which everything so far may have been.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Way<O> {
    object: O,
    /// How many lists, in the order of their revisions, were carried out.
    lists: usize,
    /// Other calls that were carried out and not yet answered.
    done: BTreeSet<usize>,
    /// Calls that were carried out and never will be answered.
    used: BTreeSet<usize>,
}

/// Ways that were looked at. One that has used up more than another and is like it otherwise leads nowhere else.
struct Seen<O>(BTreeMap<(O, usize, BTreeSet<usize>), Vec<BTreeSet<usize>>>);

impl<O: Object> Seen<O> {
    fn is_new(&mut self, way: &Way<O>) -> bool {
        let alike = self.0.entry((way.object.clone(), way.lists, way.done.clone())).or_default();
        let is_new = !alike.iter().any(|used| used.is_subset(&way.used));
        if is_new {
            alike.push(way.used.clone());
        }
        is_new
    }
}

struct Search<'a, O: Object> {
    entries: &'a [Entry<O::Call>],
    /// Lists in the order in which they must have been carried out, and the place of each in it.
    lists: Vec<usize>,
    places: BTreeMap<usize, usize>,
    /// What was asked and not answered, in the order in which it was asked.
    pending: BTreeSet<usize>,
    ways: BTreeSet<Way<O>>,
}

/// Looks for an order of all calls on an object that explains every answer; answers how many possibilities there were
/// at most at one time.
///
/// # Errors
/// The first answer that no order explains.
pub fn check<O: Object>(first: O, entries: &[Entry<O::Call>]) -> Result<usize, Anomaly> {
    let mut search = Search::new(first, entries);
    let mut most = 1;
    for (_, is_answer, at) in events(entries) {
        if is_answer {
            search.answered(at)?;
            most = most.max(search.ways.len());
        } else {
            search.pending.insert(at);
        }
    }
    Ok(most)
}

/// Questions and answers by time; of equal times the questions first, which allows more orders.
fn events<C>(entries: &[Entry<C>]) -> Vec<(std::time::Duration, bool, usize)> {
    let asked = entries.iter().enumerate().map(|(at, entry)| (entry.began, false, at));
    let answered = entries.iter().enumerate().filter_map(|(at, entry)| Some((entry.ended?, true, at)));
    let mut events: Vec<_> = asked.chain(answered).collect();
    events.sort_unstable();
    events
}

impl<'a, O: Object> Search<'a, O> {
    fn new(first: O, entries: &'a [Entry<O::Call>]) -> Self {
        let mut lists: Vec<usize> = (0..entries.len()).filter(|at| entries[*at].revision.is_some()).collect();
        lists.sort_by_key(|at| (entries[*at].revision, entries[*at].began));
        let places = lists.iter().enumerate().map(|(place, at)| (*at, place)).collect();
        let ways = BTreeSet::from([Way { object: first, lists: 0, done: BTreeSet::new(), used: BTreeSet::new() }]);
        Self { entries, lists, places, pending: BTreeSet::new(), ways }
    }

    fn answered(&mut self, at: usize) -> Result<(), Anomaly> {
        let mut explained = BTreeSet::new();
        let (mut seen, mut looked_at) = (Seen(BTreeMap::new()), 0);
        // Those that have used up least come first.
        let ranked = |way: Way<O>| (way.used.len(), way);
        let mut open: BTreeSet<_> = self.ways.iter().map(|way| ranked(self.settled(way.clone()))).collect();
        while let Some((_, way)) = open.pop_first() {
            if !seen.is_new(&way) {
                continue;
            }
            looked_at += 1;
            if looked_at > MOST {
                return Err(self.anomaly(at, "more orders are possible than can be searched"));
            }
            if self.is_done(&way, at) {
                explained.insert(way);
            } else {
                open.extend(self.next(&way).into_iter().map(ranked));
            }
        }
        if explained.is_empty() {
            return Err(self.anomaly(at, "no order of the calls explains this answer"));
        }
        self.pending.remove(&at);
        self.ways = explained.into_iter().map(|way| self.forget(way, at)).collect();
        let is_past = |at: &usize| self.ways.iter().all(|way| self.is_past(way, *at));
        let is_over = |at: &usize| self.entries[*at].ended.is_none() && is_past(at);
        self.pending = self.pending.iter().copied().filter(|at| !is_over(at)).collect();
        Ok(())
    }

    fn is_done(&self, way: &Way<O>, at: usize) -> bool {
        let is_carried_out = || way.done.contains(&at) || way.used.contains(&at);
        self.places.get(&at).map_or_else(is_carried_out, |place| *place < way.lists)
    }

    fn is_past(&self, way: &Way<O>, at: usize) -> bool {
        way.object.is_past(&self.entries[at].call)
    }

    /// Carries out what changes nothing and has its answer now: to do it later can't be better.
    fn settled(&self, mut way: Way<O>) -> Way<O> {
        let fits = |way: &Way<O>, at: usize| !way.object.after(&self.entries[at].call).is_empty();
        while let Some(next) = self.lists.get(way.lists).filter(|at| self.pending.contains(at) && fits(&way, **at)) {
            debug_assert!(O::is_read(&self.entries[*next].call), "lists change nothing");
            way.lists += 1;
        }
        for at in &self.pending {
            let is_open_read = O::is_read(&self.entries[*at].call) && !self.is_done(&way, *at);
            if is_open_read && !self.places.contains_key(at) && fits(&way, *at) {
                way.done.insert(*at);
            }
        }
        way
    }

    /// Every way in which one more pending call was carried out.
    fn next(&self, way: &Way<O>) -> Vec<Way<O>> {
        let mut ways = Vec::new();
        let mut unanswered: Vec<&O::Call> = Vec::new();
        for at in &self.pending {
            let entry = &self.entries[*at];
            if O::is_read(&entry.call) || self.is_done(way, *at) {
                continue;
            }
            if entry.ended.is_none() {
                // Calls that are alike and will never be answered can stand for each other.
                if unanswered.contains(&&entry.call) {
                    continue;
                }
                unanswered.push(&entry.call);
            }
            for object in way.object.after(&entry.call) {
                let mut then = Way { object, ..way.clone() };
                let carried_out = if entry.ended.is_none() { &mut then.used } else { &mut then.done };
                carried_out.insert(*at);
                ways.push(self.settled(then));
            }
        }
        ways
    }

    /// The way without what no longer makes a difference.
    fn forget(&self, mut way: Way<O>, answered: usize) -> Way<O> {
        way.done.remove(&answered);
        let object = &way.object;
        way.used.retain(|at| !object.is_past(&self.entries[*at].call));
        way
    }

    fn anomaly(&self, at: usize, what: &str) -> Anomaly {
        let mut text = format!("{what}:\n  {}\nwhat may have been true before:\n", self.entries[at]);
        let objects: BTreeSet<&O> = self.ways.iter().map(|way| &way.object).collect();
        for object in objects.iter().take(TOLD) {
            let _ = writeln!(text, "  {object:?}");
        }
        text.push_str("what was asked at the same time:\n");
        for at in self.pending.iter().filter(|other| **other != at) {
            let _ = writeln!(text, "  {}", self.entries[*at]);
        }
        text.push_str("what was answered before:\n");
        let ended = self.entries[at].ended;
        let mut before: Vec<_> =
            self.entries.iter().filter(|entry| entry.ended.is_some() && entry.ended < ended).collect();
        before.sort_by_key(|entry| entry.ended);
        for entry in before.iter().rev().take(TOLD) {
            let _ = writeln!(text, "  {entry}");
        }
        Anomaly(text)
    }
}
