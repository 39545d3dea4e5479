//! What clients asked and were answered.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use linkspan_testkit::linear::key::Key;
use linkspan_testkit::linear::{Anomaly, Entry, Listed, check, check_lists, connection, key};
use tokio::sync::watch;

/// Names that are created and deleted over and over: few, so that clients are in each other's way.
pub(super) const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Access keys that are revoked and enabled over and over.
pub(super) const KEYS: usize = 2;

/// The record of a run, by what was asked about.
pub(super) struct Record {
    clock: Instant,
    names: [Mutex<Vec<Entry<connection::Call>>>; NAMES.len()],
    keys: [Mutex<Vec<Entry<key::Call>>>; KEYS],
    lists: Mutex<Vec<Listed>>,
    answers: watch::Sender<usize>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            clock: Instant::now(),
            names: Default::default(),
            keys: Default::default(),
            lists: Mutex::default(),
            answers: watch::Sender::new(0),
        }
    }
}

/// From a question to its answer, if there is one.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) who: String,
    pub(super) began: Duration,
    pub(super) ended: Option<Duration>,
}

impl Record {
    pub(super) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    /// How many answers there are.
    pub(super) fn answers(&self) -> watch::Receiver<usize> {
        self.answers.subscribe()
    }

    pub(super) fn name(&self, name: usize, span: Span, call: connection::Call) {
        self.put(&self.names[name], span, (None, call));
    }

    pub(super) fn key(&self, key: usize, span: Span, call: key::Call) {
        self.put(&self.keys[key], span, (None, call));
    }

    /// A list is a read of each name at its revision.
    pub(super) fn list(&self, list: Listed, calls: [connection::Call; NAMES.len()]) {
        let span = Span { who: list.who.clone(), began: list.began, ended: Some(list.ended) };
        for (name, call) in self.names.iter().zip(calls) {
            self.put(name, span.clone(), (Some(list.revision), call));
        }
        self.lists.lock().unwrap().push(list);
    }

    fn put<C>(&self, entries: &Mutex<Vec<Entry<C>>>, span: Span, (revision, call): (Option<u64>, C)) {
        let Span { who, began, ended } = span;
        self.answers.send_modify(|answers| *answers += usize::from(ended.is_some()));
        entries.lock().unwrap().push(Entry { who, began, ended, revision, call });
    }

    /// Compares the lists with each other.
    pub(super) fn check_lists(&self) -> Result<(), Anomaly> {
        check_lists(&self.lists.lock().unwrap())
    }

    /// Looks for orders that explain everything; answers how many were possible at most at one time.
    pub(super) fn check_orders(&self) -> Result<usize, Anomaly> {
        let mut most = self.check_names(|_| true)?;
        for entries in &self.keys {
            most = most.max(check(Key(true), &entries.lock().unwrap())?);
        }
        Ok(most)
    }

    /// Looks for orders that explain how changes were answered, whatever lists say.
    pub(super) fn check_changes(&self) -> Result<usize, Anomaly> {
        self.check_names(|entry| entry.revision.is_none())
    }

    fn check_names(&self, counts: impl Fn(&Entry<connection::Call>) -> bool) -> Result<usize, Anomaly> {
        let mut most = 0;
        for entries in &self.names {
            let entries: Vec<_> = entries.lock().unwrap().iter().filter(|entry| counts(entry)).cloned().collect();
            most = most.max(connection::check_name(&entries)?);
        }
        Ok(most)
    }

    fn count(&self, is_one: impl Fn(&connection::Call) -> bool) -> usize {
        let of = |entries: &Mutex<Vec<Entry<connection::Call>>>| {
            entries.lock().unwrap().iter().filter(|entry| is_one(&entry.call)).count()
        };
        self.names.iter().map(of).sum()
    }

    fn created(&self) -> usize {
        self.count(|call| matches!(call, connection::Call::Created(_)))
    }

    /// Whether enough was done for the answers to mean anything.
    pub(super) fn is_telling(&self) -> bool {
        self.created() > 10 && self.lists.lock().unwrap().len() > 100
    }

    pub(super) fn summary(&self) -> String {
        let of = |end| self.count(|call| matches!(call, connection::Call::Change(_, _, it) if *it == end));
        let of_names: usize = self.names.iter().map(|entries| entries.lock().unwrap().len()).sum();
        let of_keys: usize = self.keys.iter().map(|entries| entries.lock().unwrap().len()).sum();
        let lists = self.lists.lock().unwrap().len();
        let maybe = self.count(|call| matches!(call, connection::Call::MaybeCreated(_)));
        format!(
            "{lists} lists, {of_keys} calls of keys, {} of connections: {} created and {maybe} maybe, {} changes done, {} \
             refused, {} waiting, {} without an answer",
            of_names - lists * NAMES.len(),
            self.created(),
            of(connection::End::Done),
            of(connection::End::Unknown),
            of(connection::End::Waits),
            of(connection::End::Open),
        )
    }
}
