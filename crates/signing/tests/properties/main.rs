//! Properties that hold for all requests, checked on random ones.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod any_bytes;
mod oracle;
mod round_trip;
mod samples;
