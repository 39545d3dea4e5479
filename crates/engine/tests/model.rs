//! `decide` and the view against the oracle, over random sequences of calls.
#![allow(clippy::unwrap_used, reason = "clippy knows test functions, but not the functions beside them")]

use std::sync::Arc;

use linkspan_engine::Engine;
use linkspan_testkit::commands::plays;
use linkspan_testkit::drivers::{Direct, block_on, options, reload, rules};
use linkspan_testkit::explore::explore;
use linkspan_testkit::fixed::HandClock;
use linkspan_testkit::memory::MemoryStore;
use linkspan_testkit::seen::look;
use linkspan_testkit::simulator::{START, Simulator, same_look};

/// Every step is written to bodies and read back, so this is also a test of records and of the loader.
#[test]
fn decide_agrees_with_the_oracle() {
    explore(64, &plays(120), |play| {
        let (clock, limits) = (Arc::new(HandClock::at(START)), play.limits());
        block_on(async {
            let driver = Direct::new(Arc::clone(&clock), 7, rules(limits));
            let mut simulator = Simulator::start(driver, clock, limits).await;
            for call in play.all() {
                simulator.step(&call).await;
            }
        });
    });
}

#[test]
fn the_engine_agrees_with_the_oracle_and_with_a_reload() {
    explore(64, &plays(120), |play| {
        let (clock, limits) = (Arc::new(HandClock::at(START)), play.limits());
        block_on(async {
            let store = Arc::new(MemoryStore::default());
            let engine = Engine::open(store.clone(), options(&clock, limits)).await.unwrap();
            let mut simulator = Simulator::start(engine, clock, limits).await;
            for call in play.all() {
                simulator.step(&call).await;
                let reloaded = reload(&*store).await;
                same_look(&look(&reloaded, &simulator.cast), &look(&simulator.driver.view(), &simulator.cast));
            }
        });
    });
}
