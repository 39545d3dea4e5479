//! Faults: planned one by one, or drawn from a seed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use linkspan_engine::store::{Batch, Head};
use tokio::sync::watch;

use super::random::Random;

/// A call that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `load`.
    Load,
    /// `head`.
    Head,
    /// `changes`.
    Changes,
    /// `audit`.
    Audit,
    /// `lease`.
    Lease,
}

/// What becomes of a commit.
#[derive(Debug, Clone)]
pub enum CommitFault {
    /// Not applied, and said so.
    Refused,
    /// Not applied for want of space.
    Full,
    /// Not applied, and nobody may write again.
    Damaged,
    /// In doubt, and not applied.
    InDoubtLost,
    /// In doubt, although applied.
    InDoubtApplied,
    /// Another node commits this batch first.
    HeadMoved(Batch),
    /// Waits at the gate, then is applied.
    Held(Gate),
    /// Is applied after this time.
    Slow(Duration),
}

/// What becomes of a call that reads.
#[derive(Debug, Clone)]
pub enum ReadFault {
    /// The store is out of reach.
    Unavailable,
    /// The store finds its invariants broken.
    Damaged,
    /// `changes` does not know the caller's commit; any other call ignores it.
    Diverged,
    /// `changes` has trimmed what the caller needs; any other call ignores it.
    TooOld,
    /// `head` answers this one, as another server does; any other call ignores it.
    Told(Head),
    /// Waits at the gate, then answers.
    Held(Gate),
}

/// Holds calls back until a test opens it. Clones are the same gate.
#[derive(Debug, Clone)]
pub struct Gate {
    open: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { open: watch::Sender::new(false), waiting: watch::Sender::new(0) }
    }
}

impl Gate {
    /// Lets through whoever waits and whoever comes.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Returns once a call has arrived at the gate.
    pub async fn reached(&self) {
        // The sender lives in `self`, so waiting can't end otherwise.
        let _ = self.waiting.subscribe().wait_for(|waiting| *waiting > 0).await;
    }

    pub(super) async fn passed(&self) {
        self.waiting.send_modify(|waiting| *waiting += 1);
        let _ = self.open.subscribe().wait_for(|open| *open).await;
    }
}

/// How often calls fail at random, in a thousand. What is left over succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Odds {
    /// [`CommitFault::Refused`].
    pub refused: u64,
    /// [`CommitFault::Full`].
    pub full: u64,
    /// [`CommitFault::InDoubtLost`].
    pub in_doubt_lost: u64,
    /// [`CommitFault::InDoubtApplied`].
    pub in_doubt_applied: u64,
    /// [`ReadFault::Unavailable`], of every call that reads.
    pub unavailable: u64,
    /// [`ReadFault::Diverged`].
    pub diverged: u64,
    /// [`ReadFault::TooOld`].
    pub too_old: u64,
}

impl Odds {
    /// One commit in four and one read in five goes wrong.
    #[must_use]
    pub fn stormy() -> Self {
        Self {
            refused: 50,
            full: 30,
            in_doubt_lost: 85,
            in_doubt_applied: 85,
            unavailable: 150,
            diverged: 25,
            too_old: 25,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    commits: VecDeque<CommitFault>,
    reads: HashMap<Call, VecDeque<ReadFault>>,
    random: Option<(Random, Odds)>,
    pub(super) commits_asked: u64,
}

impl Faults {
    pub(super) fn plan_commit(&mut self, fault: CommitFault) {
        self.commits.push_back(fault);
    }

    pub(super) fn plan(&mut self, call: Call, fault: ReadFault) {
        self.reads.entry(call).or_default().push_back(fault);
    }

    pub(super) fn at_random(&mut self, seed: u64, odds: Odds) {
        self.random = Some((Random::new(seed), odds));
    }

    pub(super) fn next_commit(&mut self) -> Option<CommitFault> {
        self.commits_asked += 1;
        self.commits.pop_front().or_else(|| {
            let (random, odds) = self.random.as_mut()?;
            let choices = [
                (odds.refused, CommitFault::Refused),
                (odds.full, CommitFault::Full),
                (odds.in_doubt_lost, CommitFault::InDoubtLost),
                (odds.in_doubt_applied, CommitFault::InDoubtApplied),
            ];
            pick(random, choices)
        })
    }

    pub(super) fn next_read(&mut self, call: Call) -> Option<ReadFault> {
        self.reads.get_mut(&call).and_then(VecDeque::pop_front).or_else(|| {
            let (random, odds) = self.random.as_mut()?;
            let only_changes = u64::from(call == Call::Changes);
            let choices = [
                (odds.unavailable, ReadFault::Unavailable),
                (odds.diverged * only_changes, ReadFault::Diverged),
                (odds.too_old * only_changes, ReadFault::TooOld),
            ];
            pick(random, choices)
        })
    }
}

fn pick<T>(random: &mut Random, choices: impl IntoIterator<Item = (u64, T)>) -> Option<T> {
    let mut drawn = random.per_mille();
    for (share, choice) in choices {
        if drawn < share {
            return Some(choice);
        }
        drawn -= share;
    }
    None
}

#[allow(clippy::disallowed_methods, reason = "the pause is the fault that the test asked for")]
pub(super) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}
