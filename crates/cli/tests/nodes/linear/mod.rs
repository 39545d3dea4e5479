//! Clients of three nodes, which are killed, paused and cut off from the database meanwhile, are answered as one server
//! would answer them.
//!
//! A run prints its seed. `LINKSPAN_LINEAR_SEED` and `LINKSPAN_LINEAR_SECONDS` set it and how long the run takes.

#![allow(clippy::print_stdout, reason = "a run says by which seed it can be had again, and what it saw")]

mod clients;
mod faults;
mod field;
mod record;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use linkspan_testkit::linear::Anomaly;

use self::field::Field;
use self::record::Record;

/// How long clients ask in a run of the test suite.
const SECONDS: u64 = 15;

/// Clients of each node; they go elsewhere while it is down.
const CLIENTS: usize = 3;

/// A small deterministic generator, so that a printed seed repeats who asks what and what goes wrong in which order.
/// What happens at the same time is up to the machine.
#[derive(Debug, Clone)]
struct Dice(u64);

impl Dice {
    fn of(seed: u64, number: usize) -> Self {
        let mut dice = Self(seed ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.roll(1);
        dice
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (self.0 >> 33) as usize % sides
    }
}

#[allow(clippy::disallowed_methods, reason = "a test's own configuration")]
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

fn seed() -> u64 {
    let seed = setting("LINKSPAN_LINEAR_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("LINKSPAN_LINEAR_SEED={seed}");
    seed
}

/// Lets clients loose on nodes until all has gone wrong that is to go wrong, and answers what they saw.
async fn run(mut field: Field, seed: u64, faults: impl AsyncFnOnce(&mut Field, &Arc<Record>)) -> Record {
    let record = Arc::new(Record::default());
    let mut clients = Vec::new();
    for number in 0..CLIENTS * field::NODES {
        let client = clients::Client::new(number, Dice::of(seed, number), (&field, &record));
        clients.push(tokio::spawn(client.run()));
    }
    faults(&mut field, &record).await;
    field.shared.is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    clients::look_at_all(&field, &record).await;
    let record = Arc::into_inner(record).unwrap();
    println!("{}", record.summary());
    record
}

/// One fault after the other for so long.
async fn run_with_faults(reads: &str, seconds: u64) -> Record {
    let seed = seed();
    let field = Field::start(reads).await;
    let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let faults = async |field: &mut Field, record: &Arc<Record>| {
        println!("{:?}", faults::cause(field, Dice::of(seed, usize::MAX), (until, record)).await);
    };
    run(field, seed, faults).await
}

fn passes<T>(outcome: Result<T, Anomaly>) -> T {
    outcome.unwrap_or_else(|anomaly| panic!("{anomaly}"))
}

fn all_passes(record: &Record) {
    passes(record.check_lists());
    let most = passes(record.check_orders());
    println!("an order explains all answers; at most {most} were possible at one time");
    assert!(record.is_telling(), "too little was asked to tell anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_makes_nodes_answer_otherwise_than_one_server() {
    all_passes(&run_with_faults("strong", setting("LINKSPAN_LINEAR_SECONDS").unwrap_or(SECONDS)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_made_twice_when_a_synchronous_standby_takes_over() {
    let field = Field::replicated().await;
    all_passes(&run(field, seed(), faults::fail_over).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_behind_a_pooler_answer_as_one_server_whatever_is_cut() {
    let (field, seed) = (Field::pooled().await, seed());
    let faults = async |field: &mut Field, record: &Arc<Record>| {
        faults::cut_pooler(field, record).await;
        let until = tokio::time::Instant::now() + Duration::from_secs(4);
        println!("{:?}", faults::cause(field, Dice::of(seed, usize::MAX), (until, record)).await);
    };
    all_passes(&run(field, seed, faults).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_without_the_question_for_the_head_are_found_out_and_changes_need_none_of_them() {
    let record = run_with_faults("eventual", 5).await;
    for found in [record.check_lists(), record.check_orders().map(drop)] {
        println!("{}", found.expect_err("no old answer was found"));
    }
    passes(record.check_changes());
}
