//! Durable creates against the disk's own flush.
//!
//! The floor is measured in the same process, on the same disk, right before each run: what the disk needs to make
//! 4 KiB durable is what no store can beat for one client, and what group commit shares among many.

mod engine;
pub mod floor;
mod http;
pub mod load;

use std::sync::Arc;

use linkspan_engine::store::Store;

use crate::arguments::Bench;
use crate::outcome::Outcome;

/// The table of creates in process.
pub fn in_process(bench: &Bench) -> Outcome<String> {
    engine::run(bench)
}

/// Creates a second of so many clients in process, on an empty store.
pub fn per_second(bench: &Bench, store: Arc<dyn Store>, clients: (usize, Option<usize>)) -> Outcome<f64> {
    engine::per_second(bench, store, clients)
}

/// The tables of creates over HTTP.
pub fn over_http(bench: &Bench) -> Outcome<String> {
    http::run(bench)
}
