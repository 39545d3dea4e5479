//! What goes wrong between a store and its server: every commit ends in an answer that is true, in a bounded time, and
//! nothing is lost or doubled.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod cut;
mod server;
mod stage;
mod standby;
