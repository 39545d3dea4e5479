//! R1 attacked from outside: the binary is killed in the middle of work, and traced while it answers.
//!
//! Nothing here looks into the process: what was acknowledged over HTTP must be there after the next start.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod killed;
mod ledger;
mod serving;
mod traced;
