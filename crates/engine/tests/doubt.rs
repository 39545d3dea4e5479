//! Commits that are in doubt, refused or overtaken at every point of a sequence: nothing is lost, nothing is doubled,
//! and no answer lies.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use linkspan_engine::command::SystemCommand;
use linkspan_engine::record::{Record, Setting};
use linkspan_engine::store::Batch;
use linkspan_engine::{Engine, Origin, Reply, Request};
use linkspan_testkit::batch::create;
use linkspan_testkit::commands::{PROJECTS, Play, plays};
use linkspan_testkit::drivers::{block_on, options, reload};
use linkspan_testkit::explore::explore;
use linkspan_testkit::fixed::HandClock;
use linkspan_testkit::memory::{Call, CommitFault, Gate, MemoryStore, Odds, ReadFault};
use linkspan_testkit::simulator::{START, Simulator, Step};

/// What happens to the store before a call of this number, and how long callers are kept waiting for it to answer.
#[derive(Clone, Copy)]
struct Trouble<'a> {
    plan: &'a dyn Fn(&MemoryStore, u64),
    patience: Duration,
}

/// Longer than any planned trouble lasts.
const PATIENT: Duration = Duration::from_secs(20);

fn lost(store: &MemoryStore) {
    store.fail_commit(CommitFault::InDoubtLost);
}

fn applied(store: &MemoryStore) {
    store.fail_commit(CommitFault::InDoubtApplied);
}

fn unheard(store: &MemoryStore, times: usize) {
    (0..times).for_each(|_| store.fail(Call::Changes, ReadFault::Unavailable));
}

/// A commit of another node that changes nothing that anybody looks at.
fn foreign() -> Batch {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let setting = Record::Setting(Setting { name: format!("foreign {number}").into(), value: "x".into() });
    let body = String::from_utf8(setting.to_body()).unwrap();
    let changes = vec![create(setting.key(), &body)];
    Batch { commit_id: u128::from(number), create_time: START, changes, audit: vec![] }
}

/// Plays with the trouble before every call. After each the world must be the one before the call or the one after it,
/// and the answer must say which if it says anything.
async fn play_through(play: &Play, trouble: Trouble<'_>) {
    let (clock, limits) = (Arc::new(HandClock::at(START)), play.limits());
    let store = Arc::new(MemoryStore::default());
    let mut options = options(&clock, limits);
    options.doubt_deadline = trouble.patience;
    let engine = Engine::open(store.clone(), options).await.unwrap();
    let mut simulator = Simulator::start(engine, clock, limits).await;
    for (number, call) in play.all().enumerate() {
        (trouble.plan)(&store, number as u64);
        let step = simulator.ask(&call).await;
        store.heal();
        if let Step::Open(carried_out) = step {
            simulator.close(&reload(&store.another_node()).await, *carried_out);
            if number % 2 == 0 {
                // The next call finds everything out by itself.
                continue;
            }
        }
        // A request that changes nothing makes the writer look, whatever it was left with.
        let nothing = Request::System(SystemCommand::Report(vec![]));
        assert_eq!(simulator.driver.submit(nothing, Origin::default()).await, Ok(Reply::Done));
        simulator.compare(0..PROJECTS.len().min(number % 8));
    }
    let stored = store.applied();
    let mut unique = stored.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), stored.len(), "a commit was applied twice");
}

fn survives(patience: Duration, plan: impl Fn(&MemoryStore)) {
    let trouble = Trouble { plan: &|store, _| plan(store), patience };
    explore(6, &plays(60), |play| block_on(play_through(&play, trouble)));
}

#[test]
fn in_doubt_and_lost() {
    survives(PATIENT, lost);
}

#[test]
fn in_doubt_and_applied() {
    survives(PATIENT, applied);
}

#[test]
fn in_doubt_again_and_again() {
    survives(PATIENT, |store| [lost, lost, applied].iter().for_each(|fault| fault(store)));
}

#[test]
fn in_doubt_and_the_store_is_silent_for_a_while() {
    for outcome in [lost, applied] {
        survives(PATIENT, |store| {
            outcome(store);
            unheard(store, 2);
        });
    }
}

#[test]
fn in_doubt_beyond_all_patience() {
    for outcome in [lost, applied] {
        survives(Duration::ZERO, |store| {
            outcome(store);
            unheard(store, 1);
        });
    }
}

#[test]
fn in_doubt_and_everything_has_to_be_read_again() {
    for outcome in [lost, applied] {
        for why in [ReadFault::Diverged, ReadFault::TooOld] {
            survives(PATIENT, |store| {
                outcome(store);
                store.fail(Call::Changes, why.clone());
                store.fail(Call::Changes, why.clone());
                store.fail(Call::Load, ReadFault::Unavailable);
            });
        }
    }
}

#[test]
fn refused_by_the_store() {
    survives(PATIENT, |store| store.fail_commit(CommitFault::Refused));
}

#[test]
fn no_room_left() {
    survives(PATIENT, |store| store.fail_commit(CommitFault::Full));
}

#[test]
fn slow_and_held_back() {
    survives(PATIENT, |store| store.fail_commit(CommitFault::Slow(Duration::from_millis(1))));
    survives(PATIENT, |store| {
        let gate = Gate::default();
        store.fail_commit(CommitFault::Held(gate.clone()));
        gate.open();
    });
}

#[test]
fn another_node_is_always_first() {
    for (patience, silences) in [(PATIENT, 0), (Duration::ZERO, 1)] {
        survives(patience, |store| {
            store.fail_commit(CommitFault::HeadMoved(foreign()));
            unheard(store, silences);
        });
    }
}

#[test]
fn storms() {
    let plan = |store: &MemoryStore, number: u64| store.fail_at_random(number, Odds::stormy());
    let trouble = Trouble { plan: &plan, patience: Duration::from_millis(8) };
    explore(16, &plays(80), |play| block_on(play_through(&play, trouble)));
}
