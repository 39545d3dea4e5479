//! Several servers on one PostgreSQL database answer as one would.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod calls;
mod failover;
mod linear;
mod moving;
mod node;
mod outage;
mod reads;
mod starting;
mod turns;
