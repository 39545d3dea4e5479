//! `decide` and the view against the oracle, over random sequences of calls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::{Engine, Options};
use linkspan_testkit::commands::{Call, Limits, Op, calls};
use linkspan_testkit::drivers::{Direct, Driver, reload};
use linkspan_testkit::explore::explore;
use linkspan_testkit::fixed::{HandClock, SeededIds};
use linkspan_testkit::memory::MemoryStore;
use linkspan_testkit::rows::render;
use linkspan_testkit::seen::look;
use linkspan_testkit::simulator::{START, Simulator, rules, same_look};
use proptest::prelude::*;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn options(clock: &Arc<HandClock>, limits: Limits) -> Options {
    let mut options = Options::new(render, Arc::clone(clock) as Arc<_>, Arc::new(SeededIds::new(7)));
    options.rules = rules(limits);
    options.housekeeping_period = Duration::from_secs(3600);
    options
}

async fn run_all(mut simulator: Simulator<impl Driver>, calls: &[Call]) {
    for call in calls {
        simulator.step(call).await;
    }
}

/// Every step is written to bodies and read back, so this is also a test of records and of the loader.
#[test]
fn decide_agrees_with_the_oracle() {
    explore(96, &(any::<bool>(), calls(60)), |(strict, calls)| {
        let (clock, limits) = (Arc::new(HandClock::at(START)), Limits::small(strict));
        block_on(async {
            let driver = Direct::new(Arc::clone(&clock), 7, rules(limits));
            run_all(Simulator::start(driver, clock, limits).await, &calls).await;
        });
    });
}

#[test]
fn the_engine_agrees_with_the_oracle_and_with_a_reload() {
    explore(96, &(any::<bool>(), calls(60)), |(strict, calls)| {
        let (clock, limits) = (Arc::new(HandClock::at(START)), Limits::small(strict));
        block_on(async {
            let store = Arc::new(MemoryStore::default());
            let engine = Engine::open(store.clone(), options(&clock, limits)).await.unwrap();
            let mut simulator = Simulator::start(engine, clock, limits).await;
            for call in &calls {
                // Of two bindings within one millisecond the order is by id, which the oracle does not know.
                simulator.step(&Call { caller: 0, project: 0, held: false, op: Op::Move(1) }).await;
                simulator.step(call).await;
                let state = reload(&*store).await;
                same_look(&look(&state, &simulator.cast), &look(&simulator.driver.state(), &simulator.cast));
            }
        });
    });
}
