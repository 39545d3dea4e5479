//! The binary as people run it: its exit codes, its signals, what it prints where.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod asking;
mod commands;
mod gateway;
mod importing;
mod running;
mod serving;
