//! What tests are made of: an in-memory store that fails on demand, the conformance suite of stores, and a simulator
//! that runs random commands on an engine and on an independent oracle side by side.
//!
//! Invariants: everything here is deterministic for a given seed; the in-memory store answers as every other store
//! does until a test asks it for a fault.
//!
//! This crate must not ship: it may be a dependency of tests only. A panic here is a failed test, so the rules
//! against `unwrap` and its kin do not apply.
//!
//! To add a suite for another trait, give it a module of its own beside [`conformance`].
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests run this, and a panic is how a test fails"
)]

pub mod batch;
pub mod cast;
pub mod commands;
pub mod conformance;
mod directory;
pub mod drivers;
pub mod elsewhere;
pub mod explore;
pub mod fixed;
pub mod history;
pub mod linear;
pub mod memory;
pub mod moving;
pub mod oracle;
pub mod postgres;
pub mod requests;
pub mod rows;
pub mod seen;
mod sharing;
pub mod simulator;
pub mod words;
pub mod world;
