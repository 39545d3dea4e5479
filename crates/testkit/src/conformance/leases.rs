//! Leases: one holder at a time, by the store's clock.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use linkspan_engine::command::{Fence, SystemCommand};
use linkspan_engine::record::Setting;
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Lease, LeaseAsk, Store};
use linkspan_engine::{Engine, Origin, PlaneScope, Refusal, Reply, Request};
use tokio::time::Instant;

use super::SharedHarness;
use crate::commands::Limits;
use crate::drivers::options;
use crate::fixed::{HandClock, SeededIds};
use crate::simulator::START;

const LONG: Duration = Duration::from_secs(3600);
/// Ends while a test looks on.
const SHORT: Duration = Duration::from_millis(50);
/// How long a short one may take to end.
const WITHIN: Duration = Duration::from_secs(20);

/// Asks as the node of this number.
async fn ask(store: &impl Store, node: u128, (held, keep): (Option<u64>, Duration)) -> Lease {
    let name = format!("n{node}").into();
    store.lease(&LeaseAsk { scope: "x".into(), holder: node, name, held, after: 0, keep }).await.unwrap()
}

fn of(node: u128, generation: u64) -> Lease {
    Lease { generation, holder: node, name: format!("n{node}").into() }
}

/// A lease is kept and given back by its holder, and nobody else's meanwhile.
pub async fn one_holds_it_until_it_gives_it_back<H: SharedHarness>(harness: &H) {
    let one = harness.fresh(Retention::default());
    let two = harness.another_node(&one);
    assert_eq!(ask(&one, 1, (None, LONG)).await, of(1, 1));
    assert_eq!(ask(&two, 2, (None, LONG)).await, of(1, 1), "it is another's");
    assert_eq!(ask(&two, 2, (Some(1), LONG)).await, of(1, 1), "whatever it thinks that it holds");
    assert_eq!(ask(&two, 2, (Some(1), Duration::ZERO)).await, of(1, 1), "nor can it give it back");
    assert_eq!(ask(&one, 1, (None, LONG)).await, of(1, 1), "who does not know what it holds does not keep it");
    assert_eq!(ask(&one, 1, (Some(1), LONG)).await, of(1, 1), "kept");
    assert_eq!(ask(&one, 1, (Some(1), Duration::ZERO)).await, of(1, 1), "given back");
    assert_eq!(ask(&two, 2, (None, LONG)).await, of(2, 2));
    assert_eq!(ask(&one, 1, (Some(1), LONG)).await, of(2, 2), "what was held once is kept no more");
    let elsewhere = LeaseAsk { scope: "y".into(), holder: 9, name: "n9".into(), held: None, after: 0, keep: LONG };
    assert_eq!(one.lease(&elsewhere).await.unwrap(), of(9, 1), "each scope has its own");
}

/// Time alone ends a lease, and what has ended is not kept, even by who held it.
pub async fn one_that_nobody_keeps_ends_by_the_stores_clock<H: SharedHarness>(harness: &H) {
    let one = harness.fresh(Retention::default());
    let two = harness.another_node(&one);
    assert_eq!(ask(&one, 1, (None, SHORT)).await, of(1, 1));
    let deadline = Instant::now() + WITHIN;
    while ask(&two, 2, (None, SHORT)).await != of(2, 2) {
        assert!(Instant::now() < deadline, "it never ends");
    }
    // To ask in vain makes it last no longer.
    while ask(&two, 2, (None, LONG)).await != of(2, 3) {
        assert!(Instant::now() < deadline, "it never ends");
    }
    assert_eq!(ask(&one, 1, (Some(1), LONG)).await, of(2, 3));
    assert_eq!(ask(&two, 2, (Some(3), Duration::ZERO)).await, of(2, 3));
    assert_eq!(ask(&two, 2, (Some(3), LONG)).await, of(2, 4), "what has ended is taken anew, not kept");
}

/// A new generation is later than any before it, and than the one that the caller has seen.
pub async fn generations_only_grow<H: SharedHarness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let after = |scope: &str, after, keep| LeaseAsk {
        scope: scope.into(),
        holder: 9,
        name: "n9".into(),
        held: None,
        after,
        keep,
    };
    assert_eq!(store.lease(&after("x", 7, Duration::ZERO)).await.unwrap().generation, 8, "the first of its scope");
    assert_eq!(store.lease(&after("x", 40, Duration::ZERO)).await.unwrap().generation, 41, "the store forgot some");
    assert_eq!(store.lease(&after("x", 3, LONG)).await.unwrap().generation, 42);
    assert_eq!(store.lease(&after("x", 99, LONG)).await.unwrap().generation, 42, "it is held");
    assert_eq!(harness.reopen(store).lease(&after("x", 0, LONG)).await.unwrap().generation, 42);
}

/// However many ask at the same time.
pub async fn of_many_who_ask_at_once_one_gets_it<H: SharedHarness>(harness: &H) {
    let first = harness.fresh(Retention::default());
    let mut stores: Vec<_> = (0..5).map(|_| harness.another_node(&first)).collect();
    stores.push(first);
    for generation in 1..=10 {
        let asked = stores.iter().zip(1..).map(|(store, node)| ask(store, node, (None, LONG)));
        let answers = join_all(asked).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(answers[0].generation, generation);
        let _given_back = ask(&stores[0], answers[0].holder, (Some(generation), Duration::ZERO)).await;
    }
}

/// Whoever slept through its succession decides on what it knew, and the store does not take that.
pub async fn what_a_holder_commits_too_late_is_refused<H: SharedHarness>(harness: &H) {
    let stores = harness.fresh(Retention::default());
    let other = harness.another_node(&stores);
    let nodes = [node(stores, 1).await, node(other, 2).await];
    let deadline = Instant::now() + WITHIN;
    for (node, generation) in nodes.iter().zip(1_u64..) {
        let holder = u128::from(generation);
        let name: Box<str> = format!("n{holder}").into();
        let keep = if generation == 1 { SHORT } else { LONG };
        let ask = LeaseAsk { scope: "x".into(), holder, name: name.clone(), held: None, after: 0, keep };
        while node.lease(&ask).await.unwrap() != of(holder, generation) {
            assert!(Instant::now() < deadline, "the lease never ends");
        }
        assert_eq!(system(node, SystemCommand::TakeOver(fence(generation), name)).await, Ok(Reply::Done));
    }
    // The first one has heard of nothing since.
    assert_eq!(nodes[0].view().acting(&PlaneScope::Simulated), Some((1, "n1")));
    assert_eq!(system(&nodes[0], reported(1, "late")).await, Err(Refusal::Deposed));
    assert_eq!(system(&nodes[1], reported(2, "in time")).await, Ok(Reply::Done));
    assert_eq!(nodes[0].view().acting(&PlaneScope::Simulated), Some((2, "n2")), "it knows by now");
    assert_eq!(nodes[1].view().setting("found").map(|found| &*found.value), Some("in time"));
}

async fn node(store: impl Store, seed: u64) -> Engine {
    let mut options = options(&Arc::new(HandClock::at(START)), Limits::small(false));
    options.ids = Arc::new(SeededIds::new(seed));
    Engine::open(Arc::new(store), options).await.unwrap()
}

fn fence(generation: u64) -> Fence {
    Fence { scope: PlaneScope::Simulated, generation }
}

/// What somebody found who acts under a generation.
fn reported(generation: u64, value: &str) -> SystemCommand {
    let found = Setting { name: "found".into(), value: value.into() };
    SystemCommand::Fenced(fence(generation), Box::new(SystemCommand::Set(found)))
}

async fn system(node: &Engine, command: SystemCommand) -> Result<Reply, Refusal> {
    node.submit(Request::System(command), Origin::default()).await
}
